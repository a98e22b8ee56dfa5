// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Sampling

@Suite struct TextGeneratorTests {
  @Test(arguments: [true, false])
  func carryingTheStateWritesWhatRunningTheWholeTextAgainWouldWrite(newline: Bool) throws {
    let (network, charset) = try Networks.network(newline: newline)
    let seed: [UInt16] = [3, 1, 4, 1, 5]
    let text = stream(
      Mixture(network, charset: charset), seed: seed, length: 40, options: SamplingOptions(temperature: 0))
    for length in [0, 1, 17, 39] {
      let before = (charset.newlineID.map { [UInt16($0)] } ?? []) + seed + text.prefix(length)
      let chunk = Chunk(network.configuration, rows: 1, capacity: before.count)
      network.forward(before, steps: before.count, chunk: chunk)
      network.decode(steps: before.count - 1..<before.count, chunk: chunk)
      let logits = chunk.logits.elements.prefix(charset.count)
      #expect(text[length] == logits.indices.max { logits[$0] < logits[$1] }.map { UInt16($0) })
    }
  }

  @Test func aLongSeedIsReadTheSameInPieces() throws {
    let mixture = try Networks.mixture()
    let seed = (0..<333).map { UInt16($0 * 7 % 13) }
    let whole = stream(mixture, seed: seed, length: 20)
    let generator = TextGenerator(mixture)
    for piece in [0..<1, 1..<64, 64..<200, 200..<333] { generator.read(Array(seed[piece])) }
    var random = PhiloxGenerator(seed: 11)
    let sampler = Sampler(temperature: 1, kernels: mixture.kernels)
    #expect((0..<20).map { _ in UInt16(generator.next(sampler, using: &random)) } == whole)
  }

  @Test func beginningAgainForgetsAllThatWasRead() throws {
    let generator = TextGenerator(try Networks.mixture())
    var options = SamplingOptions()
    options.repetitionPenalty = 3
    let sampler = Sampler(options, kernels: generator.mixture.kernels)
    func write() -> [Int] {
      var random = PhiloxGenerator(seed: 2)
      return (0..<30).map { _ in generator.next(sampler, using: &random) }
    }
    let first = write()
    #expect(write() != first)
    generator.begin()
    #expect(write() == first)
  }

  @Test func aTextGoesOnFromAStateThatWasKept() throws {
    let generator = TextGenerator(try Networks.mixture())
    var options = SamplingOptions()
    options.repetitionPenalty = 3
    let sampler = Sampler(options, kernels: generator.mixture.kernels)
    generator.read([5, 2, 9])
    let kept = generator.state
    func write() -> [Int] {
      var random = PhiloxGenerator(seed: 2)
      return (0..<30).map { _ in generator.next(sampler, using: &random) }
    }
    let first = write()
    generator.state = kept
    #expect(write() == first)
  }

  @Test func everyLevelWritesTheSameText() throws {
    let texts = try Kernels.levels.map { level in
      stream(try Networks.mixture(kernels: Kernels(named: level)), seed: [2, 7], length: 200)
    }
    #expect(texts.allSatisfy { $0 == texts[0] })
    #expect(Set(texts[0]).count > 5)
  }

  @Test func whatAGeneratorChargesIsWhatTheScorerCharges() throws {
    let (network, charset) = try Networks.network()
    let ids = (0..<50).map { UInt16($0 * 5 % 13) }
    let nats = TextGenerator(network, charset: charset).score(ids)
    let scorer = Scorer(network, beginning: charset.newlineID, workers: Workers(count: 1))
    let score = scorer.score(try IDSequence(ids), in: 0..<50)
    #expect(nats.count == 50)
    #expect(nats.reduce(0, +) == score.nats)
  }

  @Test func probabilitiesAreThoseOfWhatComesNext() throws {
    let generator = TextGenerator(try Networks.mixture())
    generator.read([3])
    let kept = generator.state
    let probabilities = generator.probabilities()
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
    for (id, probability) in probabilities.enumerated() {
      generator.state = kept
      let nats = generator.score([UInt16(id)])[0]
      #expect(abs(Float(exponential(-nats)) - probability) < 1e-6)
    }
  }
}

/// e^x by its series, good enough for comparing.
func exponential(_ x: Double) -> Double {
  (1...60).reduce((sum: 1.0, term: 1.0)) { state, n in
    let term = state.term * x / Double(n)
    return (state.sum + term, term)
  }.sum
}
