// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Sampling

/// What the filters keep, written down as they are defined.
private func naive(_ probabilities: [Float], _ options: SamplingOptions) -> [Int] {
  var order = probabilities.indices.sorted {
    probabilities[$0] == probabilities[$1] ? $0 < $1 : probabilities[$0] > probabilities[$1]
  }
  if let topK = options.topK { order = Array(order.prefix(topK)) }
  if let topP = options.topP {
    let total = (options.topK == nil ? Array(probabilities.indices) : order)
      .reduce(0.0) { $0 + Double(probabilities[$1]) }
    var sum = 0.0
    order = Array(
      order.prefix { id in
        defer { sum += Double(probabilities[id]) }
        return sum < topP * total
      })
  }
  if let minP = options.minP, let most = probabilities.max() {
    order = order.filter { probabilities[$0] >= Float(minP) * most }
  }
  return order.filter { probabilities[$0] > 0 }
}

@Suite struct RankingTests {
  @Test(arguments: [1, 2, 13, 200])
  func theFiltersKeepWhatTheirDefinitionsSay(count: Int) {
    var random = PhiloxGenerator(seed: UInt64(count))
    let ranking = Ranking(symbolCount: count)
    var cuts: Set<Int> = []
    for _ in 0..<400 {
      // Equal probabilities and zeros are there, too.
      let weights = (0..<count).map { _ in
        let weight = Float(random.uniform())
        return weight < 0.2 ? 0 : weight < 0.4 ? Float(0.25) : weight * weight
      }
      let total = max(weights.reduce(0, +), 1e-9)
      let probabilities = weights.map { $0 / total }
      var options = SamplingOptions()
      if random.below(2) == 0 { options.topK = 1 + random.below(count + 3) }
      if random.below(2) == 0 { options.topP = 0.01 + 0.98 * random.uniform() }
      if random.below(2) == 0 { options.minP = random.uniform() }
      let kept = probabilities.withUnsafeBufferPointer { ranking.kept($0, options) }
      #expect(kept == naive(probabilities, options), "\(options)")
      cuts.insert(kept.count)
    }
    #expect(cuts.count > min(count, 8) / 2)
  }

  @Test func whatIsKeptComesAsOftenAsItsProbabilitySays() {
    let logits: [Float] = [0.3, 2, -0.5, 1, 0.1, -3, 1.2]
    var options = SamplingOptions(temperature: 0.9)
    options.topK = 5
    options.topP = 0.9
    options.minP = 0.05
    let sampler = Sampler(options, kernels: .best)
    let ranking = Ranking(symbolCount: logits.count)
    var random = PhiloxGenerator(seed: 3)
    var seen = [Int](repeating: 0, count: logits.count)
    let draws = 40_000
    for _ in 0..<draws {
      var scratch = logits
      let id = scratch.withUnsafeMutableBufferPointer { sampler.draw($0, ranking: ranking, using: &random) }
      seen[id] += 1
    }
    let weights = logits.map { exponential(Double($0) / 0.9) }
    let total = weights.reduce(0, +)
    let kept = naive(weights.map { Float($0 / total) }, options)
    #expect((2...4).contains(kept.count))
    let keptTotal = kept.reduce(0) { $0 + weights[$1] }
    for id in logits.indices {
      let probability = kept.contains(id) ? weights[id] / keptTotal : 0
      let deviation = (Double(draws) * probability * (1 - probability)).squareRoot()
      #expect(abs(Double(seen[id]) - Double(draws) * probability) <= 5 * deviation)
    }
  }
}
