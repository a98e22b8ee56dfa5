// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Sampling

/// Draws from fixed logits.
private func draws(_ logits: [Float], _ sampler: Sampler, count: Int, seed: UInt64 = 1) -> [Int] {
  var random = PhiloxGenerator(seed: seed)
  return (0..<count).map { _ in
    var scratch = logits
    return scratch.withUnsafeMutableBufferPointer { sampler.draw($0, using: &random) }
  }
}

@Suite struct SamplerTests {
  @Test func temperatureZeroTakesTheLikeliestAndTheFirstOfEquals() {
    let greedy = Sampler(temperature: 0, kernels: .best)
    #expect(draws([0, 3, 1, 3], greedy, count: 5) == [1, 1, 1, 1, 1])
    #expect(draws([-5], greedy, count: 1) == [0])
  }

  @Test(arguments: [0.25, 1, 2.5])
  func symbolsComeAsOftenAsTheSoftmaxSays(temperature: Double) {
    let logits: [Float] = [0, 1, -0.5, 2, 0.3]
    let count = 40_000
    let seen = draws(logits, Sampler(temperature: temperature, kernels: .best), count: count)
    let weights = logits.map { exponential(Double($0) / temperature) }
    let total = weights.reduce(0, +)
    for id in logits.indices {
      let expected = Double(count) * weights[id] / total
      let deviation = (expected * (1 - weights[id] / total)).squareRoot()
      #expect(abs(Double(seen.count { $0 == id }) - expected) < 5 * deviation + 1)
    }
  }

  @Test(arguments: [0, 0.01, 1, 100])
  func excludedSymbolsNeverCome(temperature: Double) {
    let sampler = Sampler(temperature: temperature, excluded: [1, 3], kernels: .best)
    #expect(Set(draws([0, 50, 0, 60, 0], sampler, count: 500)).isDisjoint(with: [1, 3]))
  }

  @Test func extremeTemperaturesStillGiveSymbols() {
    let logits: [Float] = [0, 80, -80, 79.5]
    #expect(Set(draws(logits, Sampler(temperature: 1e-300, kernels: .best), count: 50)) == [1])
    #expect(Set(draws(logits, Sampler(temperature: 100, kernels: .best), count: 500)).count > 2)
  }

  @Test func everyLevelDrawsTheSame() throws {
    let logits = (0..<67).map { Float(($0 * 37) % 23) / 5 }
    let sequences = try Kernels.levels.map { level in
      draws(logits, Sampler(temperature: 0.8, kernels: try Kernels(named: level)), count: 300)
    }
    #expect(sequences.allSatisfy { $0 == sequences[0] })
    #expect(Set(sequences[0]).count > 5)
  }

  @Test func theOneSymbolThatIsKeptNeedsNoTemperature() {
    let logits: [Float] = [0, 3, 1, 2.9]
    for change: (inout SamplingOptions) -> Void in [{ $0.topK = 1 }, { $0.topP = 1e-6 }, { $0.minP = 1 }] {
      var options = SamplingOptions(temperature: 5)
      change(&options)
      #expect(Set(draws(logits, Sampler(options, kernels: .best), count: 100)) == [1])
    }
  }

  @Test func filtersThatCutNothingKeepTheDistribution() {
    let logits: [Float] = [0, 1, 0.5, 2]
    var options = SamplingOptions(temperature: 1)
    options.topK = 4
    options.minP = 1e-9
    let cut = draws(logits, Sampler(options, kernels: .best), count: 20_000)
    let plain = draws(logits, Sampler(temperature: 1, kernels: .best), count: 20_000, seed: 2)
    for id in logits.indices {
      let (a, b) = (cut.count { $0 == id }, plain.count { $0 == id })
      #expect(abs(a - b) < 500, "\(a) and \(b)")
    }
  }

  @Test func excludedSymbolsDoNotCountForWhatIsKept() {
    var options = SamplingOptions(temperature: 1)
    options.excluded = [3]
    options.topK = 2
    #expect(Set(draws([0, 2, 1, 9], Sampler(options, kernels: .best), count: 300)) == [1, 2])
  }

  @Test func thePenaltyComesBeforeEverythingElse() {
    var options = SamplingOptions(temperature: 0)
    options.repetitionPenalty = 2
    let sampler = Sampler(options, kernels: .best)
    var recent = RecentSymbols(window: 3, symbolCount: 3)
    recent.append(1)
    var random = PhiloxGenerator(seed: 1)
    var logits: [Float] = [1.6, 3, 1]
    let id = logits.withUnsafeMutableBufferPointer { sampler.draw($0, recent: recent, using: &random) }
    #expect(id == 0)
    #expect(draws([1.6, 3, 1], sampler, count: 1) == [1])
  }
}
