// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Sampling

/// A network with random parameters over the letters a to l and, if asked for, a newline.
private func network(newline: Bool = true, kernels: Kernels = .best) throws -> (Network, Charset) {
  let scalars = (newline ? [0x0A] : []) + (0..<12).map { UInt32(0x61 + $0) }
  let charset = try Charset(
    unit: .scalar, symbols: scalars.map { Symbol(scalar: $0) }, hasUnknown: false, counts: nil)
  let parameters = Parameters(try Configuration(symbolCount: charset.count, layerSizes: [19, 7]))
  var random = PhiloxGenerator(seed: 4)
  parameters.initialize(.scaled, using: &random)
  return (Network(parameters, kernels: kernels), charset)
}

private func stream(
  _ network: Network, _ charset: Charset, seed: [UInt16], number: UInt64 = 0, length: Int,
  temperature: Double = 1
) -> [UInt16] {
  let generator = TextGenerator(network, charset: charset)
  let sampler = Sampler(temperature: temperature, kernels: network.kernels)
  var random = PhiloxGenerator(seed: 11, stream: number)
  generator.read(seed)
  return (0..<length).map { _ in UInt16(generator.next(sampler, using: &random)) }
}

@Suite struct TextGeneratorTests {
  @Test(arguments: [true, false])
  func carryingTheStateWritesWhatRunningTheWholeTextAgainWouldWrite(newline: Bool) throws {
    let (network, charset) = try network(newline: newline)
    let seed: [UInt16] = [3, 1, 4, 1, 5]
    let text = stream(network, charset, seed: seed, length: 40, temperature: 0)
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
    let (network, charset) = try network()
    let seed = (0..<333).map { UInt16($0 * 7 % 13) }
    let whole = stream(network, charset, seed: seed, length: 20)
    let generator = TextGenerator(network, charset: charset)
    for piece in [0..<1, 1..<64, 64..<200, 200..<333] { generator.read(Array(seed[piece])) }
    var random = PhiloxGenerator(seed: 11)
    let sampler = Sampler(temperature: 1, kernels: network.kernels)
    #expect((0..<20).map { _ in UInt16(generator.next(sampler, using: &random)) } == whole)
  }

  @Test func beginningAgainForgetsAllThatWasRead() throws {
    let (network, charset) = try network()
    let generator = TextGenerator(network, charset: charset)
    let sampler = Sampler(temperature: 1, kernels: network.kernels)
    func write() -> [Int] {
      var random = PhiloxGenerator(seed: 2)
      return (0..<30).map { _ in generator.next(sampler, using: &random) }
    }
    let first = write()
    #expect(write() != first)
    generator.begin()
    #expect(write() == first)
  }

  @Test func everyLevelWritesTheSameText() throws {
    let texts = try Kernels.levels.map { level in
      let (network, charset) = try network(kernels: Kernels(named: level))
      return stream(network, charset, seed: [2, 7], length: 200)
    }
    #expect(texts.allSatisfy { $0 == texts[0] })
    #expect(Set(texts[0]).count > 5)
  }
}

@Suite struct BatchGeneratorTests {
  @Test(arguments: [1, 2, 3, 70, 150], [1, 2, 5])
  func textsSideBySideAreThoseWrittenAlone(count: Int, threads: Int) throws {
    for newline in [true, false] {
      let (network, charset) = try network(newline: newline)
      let seeds = (0..<count).map { number in
        BatchGenerator.Seed(
          number: UInt64(number), ids: (0..<number % 9).map { UInt16(($0 * 5 + number) % charset.count) })
      }
      let generator = BatchGenerator(
        network, charset: charset, sampler: Sampler(temperature: 1, kernels: network.kernels),
        workers: Workers(count: threads))
      let together = generator.generate(seeds, length: 15, randomSeed: 11)
      #expect(together.count == count)
      for (seed, text) in zip(seeds, together) {
        #expect(text == stream(network, charset, seed: seed.ids, number: seed.number, length: 15))
      }
    }
  }

  @Test func noCharactersAreNoText() throws {
    let (network, charset) = try network()
    let generator = BatchGenerator(
      network, charset: charset, sampler: Sampler(temperature: 1, kernels: network.kernels),
      workers: Workers(count: 2))
    #expect(generator.generate([], length: 5, randomSeed: 1).isEmpty)
    #expect(generator.generate([.init(number: 0, ids: [1])], length: 0, randomSeed: 1) == [[]])
  }
}

@Suite struct ExcerptTests {
  private let ids = (0..<100).map { UInt16($0) }

  @Test func anExcerptIsAPieceOfTheTextWithWhatFollows() throws {
    let sequence = try IDSequence(ids)
    var random = PhiloxGenerator(seed: 1)
    var starts: Set<UInt16> = []
    for _ in 0..<200 {
      let excerpt = Excerpt(of: sequence, in: 10..<60, length: 8, continuation: 5, using: &random)
      let start = try #require(excerpt.seed.first)
      starts.insert(start)
      #expect(excerpt.seed == Array(start..<start + 8))
      #expect(excerpt.continuation == Array(start + 8..<min(start + 13, 60)))
    }
    #expect(starts.count > 30)
    #expect(starts.allSatisfy { (10...52).contains($0) })
  }

  @Test func aShortTextIsItsOwnExcerpt() throws {
    var random = PhiloxGenerator(seed: 1)
    let excerpt = Excerpt(of: try IDSequence(ids), in: 0..<3, length: 8, continuation: 5, using: &random)
    #expect(excerpt.seed == [0, 1, 2])
    #expect(excerpt.continuation.isEmpty)
  }

  @Test func aGivenPieceIsFoundWhereItFirstStands() throws {
    let sequence = try IDSequence([1, 2, 1, 2, 3, 1, 2, 3, 9])
    #expect(Excerpt(finding: [2, 3], in: sequence, continuation: 2).continuation == [1, 2])
    #expect(Excerpt(finding: [3, 9], in: sequence, continuation: 2).continuation == [])
    #expect(Excerpt(finding: [7], in: sequence, continuation: 2).continuation == [])
  }
}
