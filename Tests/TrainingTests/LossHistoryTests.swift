// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Training

private func moment(_ fraction: Double, _ nats: Double) -> LossHistory.Moment {
  LossHistory.Moment(fraction: fraction, seconds: 10 * fraction, characters: 1000 * fraction, nats: nats)
}

@Suite struct LossHistoryTests {
  @Test func aLongRunKeepsSomeMomentsEvenlySpread() {
    var history = LossHistory(capacity: 16)
    for index in 0..<1000 {
      history.add(moment(Double(index) / 1000, 2))
      history.addHeldOut(nats: 3)
      #expect(history.training.count <= 16 && history.heldOut.count <= 16)
      if index >= 16 { #expect(history.training.count >= 8) }
    }
    #expect(history.last?.fraction == 0.999)
    #expect(history.training.first?.fraction == 0)
    let gaps = zip(history.training, history.training.dropFirst()).map { $1.fraction - $0.fraction }
    #expect(gaps.allSatisfy { abs($0 - 0.064) < 1e-9 })
  }

  @Test func whatIsNoNumberIsLeftOut() {
    var history = LossHistory()
    history.addHeldOut(nats: 1)
    history.add(moment(0.1, .nan))
    #expect(history == LossHistory())
    history.add(moment(0.2, 2))
    history.addHeldOut(nats: .infinity)
    #expect(history.heldOut.isEmpty && history.training.count == 1)
    history.addHeldOut(nats: 2.5)
    #expect(history.heldOut == [moment(0.2, 2.5)])
  }

  @Test func theCurveFallsWithTheLossAndFillsWithTheRun() {
    var history = LossHistory()
    #expect(history.sparkline(width: 5) == "·····")
    history.add(moment(0.05, 4))
    #expect(history.sparkline(width: 5) == "▁····")
    for index in 2...10 { history.add(moment(Double(index) * 0.05, 4 - Double(index) * 0.3)) }
    let half = history.sparkline(width: 10)
    #expect(half.hasPrefix("█") && half.hasSuffix("▁····"))
    #expect(half.unicodeScalars.count == 10)
    for index in 11...20 { history.add(moment(Double(index) * 0.05, 1)) }
    let whole = history.sparkline(width: 10)
    #expect(!whole.contains("·") && whole.hasPrefix("█") && whole.hasSuffix("▁▁▁▁"))
  }

  @Test func aPartThatWasTooShortToBeSeenIsAsHighAsTheOneBefore() {
    var history = LossHistory()
    history.add(moment(0.01, 3))
    history.add(moment(0.55, 1))
    #expect(history.sparkline(width: 4) == "██▁·")
  }
}

@Suite struct CostTableTests {
  @Test func theBestStandsFirstAndColumnsAreAligned() {
    let rows = CostTable.rows(nGrams: [2: 2.0382, 0: 3.3473]) + [.init(name: "this model", nats: 1.5)]
    #expect(
      CostTable(rows + [.init(name: "none", nats: .nan)]).lines == [
        "held-out text, per character    nats    bits",
        "  this model                   1.500   2.164",
        "  order-2 n-gram               2.038   2.941",
        "  order-0 n-gram               3.347   4.829",
      ])
  }
}
