// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Sampling

@Suite struct MixtureTests {
  @Test func probabilitiesAreBlendedByWeight() throws {
    let (first, charset) = try Networks.network()
    let (second, _) = try Networks.network(seed: 77)
    func probabilities(_ mixture: Mixture) -> [Float] {
      let generator = TextGenerator(mixture)
      generator.read([1, 5, 3, 12, 0, 7])
      return generator.probabilities()
    }
    let one = probabilities(Mixture(first, charset: charset))
    let other = probabilities(Mixture(second, charset: charset))
    let blend = probabilities(Mixture([(first, 3), (second, 1)], charset: charset))
    for id in 0..<charset.count { #expect(abs(blend[id] - (0.75 * one[id] + 0.25 * other[id])) < 2e-6) }
    #expect(zip(one, other).contains { abs($0 - $1) > 0.01 })
  }

  @Test func aModelMixedWithItselfIsItself() throws {
    let (network, charset) = try Networks.network()
    let alone = stream(Mixture(network, charset: charset), seed: [4], length: 100)
    let mixed = stream(Mixture([(network, 0.5), (network, 2)], charset: charset), seed: [4], length: 100)
    #expect(alone == mixed)
  }

  @Test func everyLevelWritesTheSameTextOfAMixture() throws {
    let texts = try Kernels.levels.map { level in
      let kernels = try Kernels(named: level)
      let (first, charset) = try Networks.network(kernels: kernels)
      let (second, _) = try Networks.network(seed: 77, kernels: kernels)
      return stream(Mixture([(first, 2), (second, 1)], charset: charset), seed: [2, 7], length: 200)
    }
    #expect(texts.allSatisfy { $0 == texts[0] })
  }
}
