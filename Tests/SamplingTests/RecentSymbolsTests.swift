// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Sampling

@Suite struct RecentSymbolsTests {
  private func penalized(_ recent: RecentSymbols, _ logits: [Float], by penalty: Float) -> [Float] {
    var logits = logits
    logits.withUnsafeMutableBufferPointer { recent.penalize($0, by: penalty) }
    return logits
  }

  @Test func eachSymbolOfTheWindowIsPenalizedOnce() {
    let count = 9
    var random = PhiloxGenerator(seed: 8)
    for window in [1, 2, 5, 40] {
      var recent = RecentSymbols(window: window, symbolCount: count)
      var text: [Int] = []
      for _ in 0..<60 {
        let logits = (0..<count).map { _ in random.uniform(within: 3) }
        let naive = logits.enumerated().map { id, logit in
          text.suffix(window).contains(id) ? (logit > 0 ? logit / 1.5 : logit * 1.5) : logit
        }
        #expect(penalized(recent, logits, by: 1.5) == naive)
        text.append(random.below(count))
        recent.append(text[text.count - 1])
      }
    }
  }

  @Test func aTextAtOnceIsItsSymbolsOneByOne() {
    let text: [UInt16] = [3, 1, 4, 1, 5, 2, 6]
    var atOnce = RecentSymbols(window: 4, symbolCount: 7)
    var oneByOne = atOnce
    atOnce.append(text)
    for id in text { oneByOne.append(Int(id)) }
    let logits = [Float](repeating: 1, count: 7)
    #expect(penalized(atOnce, logits, by: 2) == penalized(oneByOne, logits, by: 2))
    #expect(penalized(atOnce, logits, by: 2) == [1, 0.5, 0.5, 1, 1, 0.5, 0.5])
  }

  @Test func aNewTextHasNothingRecent() {
    var recent = RecentSymbols(window: 4, symbolCount: 3)
    recent.append([0, 1, 2, 0, 1])
    recent.removeAll()
    #expect(penalized(recent, [1, 1, 1], by: 2) == [1, 1, 1])
    recent.append(2)
    #expect(penalized(recent, [1, 1, 1], by: 2) == [1, 1, 0.5])
  }
}
