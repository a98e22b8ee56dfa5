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

  /// e^x by its series, good enough for counting.
  private func exponential(_ x: Double) -> Double {
    (1...60).reduce((sum: 1.0, term: 1.0)) { state, n in
      let term = state.term * x / Double(n)
      return (state.sum + term, term)
    }.sum
  }
}
