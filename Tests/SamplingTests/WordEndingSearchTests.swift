// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Sampling

/// A network with random parameters over three letters, a space and a newline.
private func makeGenerator(strength: Float = 3) throws -> (TextGenerator, Charset) {
  let scalars: [UInt32] = [0x0A, 0x20, 0x61, 0x62, 0x63]
  let charset = try Charset(unit: .scalar, symbols: scalars.map { Symbol(scalar: $0) })
  let parameters = Parameters(try Configuration(symbolCount: charset.count, layerSizes: [11]))
  var random = PhiloxGenerator(seed: 8)
  parameters.initialize(.scaled, using: &random)
  for index in parameters.values.elements.indices { parameters.values.elements[index] *= strength }
  return (TextGenerator(Network(parameters, kernels: .best), charset: charset), charset)
}

@Suite struct WordEndingSearchTests {
  /// All continuations of at most `length` symbols with their probabilities, by trying each.
  private func all(_ generator: TextGenerator, length: Int, end: Int?) -> [WordEnding] {
    var found: [WordEnding] = []
    func go(_ ids: [UInt16], _ probability: Double, _ hasWord: Bool) {
      let state = generator.state
      let probabilities = generator.probabilities().map(Double.init)
      var ending = 0.0
      for (id, share) in probabilities.enumerated() {
        let isLetter = id >= 2
        if id == end || (hasWord && !isLetter) {
          ending += share
        } else if ids.count < length, probability * share > 1e-3 {
          generator.state = state
          generator.read([UInt16(id)])
          go(ids + [UInt16(id)], probability * share, hasWord || isLetter)
        }
      }
      if hasWord { found.append(WordEnding(ids: ids, probability: probability * ending)) }
    }
    go([], 1, false)
    return found.sorted { $0.probability > $1.probability }
  }

  @Test(arguments: [nil, 0])
  func theLikeliestContinuationsAreFoundInOrder(end: Int?) throws {
    let (generator, charset) = try makeGenerator()
    generator.read([2, 3])
    let start = generator.state
    let before = generator.probabilities()
    let expected = all(generator, length: 12, end: end).prefix(4)
    generator.state = start
    let found = WordEndingSearch(generator, charset: charset, end: end).likeliest(4)
    #expect(found.map(\.ids) == expected.map(\.ids))
    for (one, other) in zip(found, expected) { #expect(abs(one.probability - other.probability) < 1e-6) }
    #expect(generator.probabilities() == before)
    #expect(found.allSatisfy { !$0.ids.contains { Int($0) == end } })
  }

  @Test func aContinuationEndsWithAWord() throws {
    let (generator, charset) = try makeGenerator(strength: 1)
    for ending in WordEndingSearch(generator, charset: charset).likeliest(6) {
      let letters = ending.ids.drop { $0 < 2 }
      #expect(!letters.isEmpty && letters.allSatisfy { $0 >= 2 })
    }
  }
}

@Suite struct TextGeneratorStateTests {
  @Test func aChargeIsTheLogarithmOfTheProbabilityAndReads() throws {
    let (generator, _) = try makeGenerator()
    let start = generator.state
    let nats = generator.score([2, 3, 1])
    let after = generator.probabilities()
    generator.state = start
    for (id, cost) in zip([2, 3, 1], nats) {
      let probabilities = generator.probabilities()
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
      #expect(abs(exponential(-cost) - Double(probabilities[id])) < 1e-5)
      generator.read([UInt16(id)])
    }
    #expect(generator.probabilities() == after)
  }

  /// e^x for moderate x by its series.
  private func exponential(_ x: Double) -> Double {
    (1...80).reduce((sum: 1.0, term: 1.0)) { state, n in
      let term = state.term * x / Double(n)
      return (state.sum + term, term)
    }.sum
  }
}
