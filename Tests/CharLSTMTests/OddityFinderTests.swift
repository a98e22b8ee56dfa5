// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

@testable import CharLSTM

/// A network that knows one thing: after symbol n comes n + 1, after the last the first.
struct OddityFinderTests {
  private static let symbols = 20
  /// What ends words: the newline that every text begins after.
  private static let last: UInt16 = 19

  private static func scorer() throws -> LineScorer {
    let parameters = Parameters(try Configuration(symbolCount: symbols, layerSizes: [symbols]))
    let layer = parameters.layout.layers[0]
    // Gates i, f, g, o: what is read fills a cell of its own, and what was there is forgotten.
    for unit in 0..<symbols {
      for (gate, bias) in [Float(9), -9, 0, 9].enumerated() {
        parameters[layer.bias][gate * symbols + unit] = bias
      }
    }
    // The input table's row of a symbol holds all four gates.
    let input = parameters[layer.input]
    for symbol in 0..<symbols { input[symbol * 4 * symbols + 2 * symbols + symbol] = 9 }
    let decoder = parameters[parameters.layout.decoderWeight]
    for unit in 0..<symbols { decoder[(unit + 1) % symbols * symbols + unit] = 18 }
    return LineScorer(
      Network(parameters, kernels: try Kernels(named: "portable")), beginning: Int(last),
      workers: Workers(count: 2))
  }

  private static func find(_ texts: [[UInt16]], following: [UInt16] = []) throws -> [[Oddity]] {
    let finder = OddityFinder(try scorer(), threshold: 5) { $0 == last }
    return finder.oddities(in: texts.map { TextPiece($0) }, following: texts.map { _ in following })
  }

  private static func expect(
    _ oddity: Oddity?, _ index: Int, got: UInt16?, expected: UInt16?, _ old: [UInt16], _ new: [UInt16],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(oddity?.index == index, sourceLocation: sourceLocation)
    #expect(oddity?.got == got, sourceLocation: sourceLocation)
    #expect(oddity?.expected == expected, sourceLocation: sourceLocation)
    #expect(oddity?.correction?.old == old, sourceLocation: sourceLocation)
    #expect(oddity?.correction?.new == new, sourceLocation: sourceLocation)
    #expect((oddity?.correction?.savedNats ?? 0) > 5, sourceLocation: sourceLocation)
    #expect((oddity?.nats ?? 0) > 5, sourceLocation: sourceLocation)
  }

  @Test func nothingIsOddInWhatWasExpected() throws {
    #expect(try Self.find([[0, 1, 2, 3, 4], [], Array(0..<20) + [0, 1]]) == [[], [], []])
  }

  @Test func eachKindOfMistakeIsFoundAndUndone() throws {
    let found = try Self.find([
      [0, 1, 2, 9, 4, 5, 6], [0, 1, 2, 4, 5, 6], [0, 1, 2, 2, 3, 4, 5], [0, 1, 2, 4, 3, 5, 6],
      [0, 1, 2, 9, 3, 4, 5],
    ])
    #expect(found.map(\.count) == [1, 1, 1, 1, 1])
    let right: [UInt16] = [0, 1, 2, 3, 4, 5, 6]
    Self.expect(found[0].first, 3, got: 9, expected: 3, [0, 1, 2, 9, 4, 5, 6], right)
    Self.expect(found[1].first, 3, got: 4, expected: 3, [0, 1, 2, 4, 5, 6], right)
    Self.expect(found[2].first, 3, got: 2, expected: 3, [0, 1, 2, 2, 3, 4, 5], Array(0...5))
    Self.expect(found[3].first, 3, got: 4, expected: 3, [0, 1, 2, 4, 3, 5, 6], right)
    Self.expect(found[4].first, 3, got: 9, expected: 3, [0, 1, 2, 9, 3, 4, 5], Array(0...5))
  }

  @Test func placesAreThoseOfTheTextBeforeItWasCorrected() throws {
    // One left out, one too many, one wrong, among words.
    let text: [UInt16] = [0, 1, 3, 4, 19, 0, 0, 1, 2, 19, 0, 1, 7, 3, 4]
    let found = try Self.find([[5] + text, text])
    #expect(found[1].count == 5)
    let places = found[1].map(\.index)
    #expect(places.contains(2) && places.contains(6) && places.contains(12))
    #expect(found[1].first { $0.index == 2 }?.correction?.new == [0, 1, 2, 3, 4])
    #expect(found[1].first { $0.index == 6 }?.correction?.old == [0, 0, 1, 2])
    #expect(found[1].first { $0.index == 12 }?.correction?.new == [0, 1, 2, 3, 4])
    #expect(found[0].first?.index == 0)
  }

  @Test func theLastCharacterIsNotLeftOutForWantOfWhatFollows() throws {
    // Its loss is saved by leaving it out, unless what follows is charged too.
    let found = try Self.find([[0, 1, 2, 3, 7]], following: [8, 9])
    #expect(found[0].allSatisfy { $0.correction?.new.count != 4 })
    let alone = try Self.find([[0, 1, 2, 3, 7]])
    #expect(alone[0].count == 1)
  }

  @Test func anUnknownCharacterIsOdd() throws {
    let found = try Self.find([[0, 1, Charset.noID, 3, 4]])
    Self.expect(
      found[0].first, 2, got: Charset.noID, expected: 2, [0, 1, Charset.noID, 3, 4], [0, 1, 2, 3, 4])
    #expect(try Self.find([[Charset.noID]])[0].count == 1)
  }

  @Test func noiseIsGoneThroughToItsEnd() throws {
    let noise = LineScorerTests.text(30, seed: 5)
    let found = try Self.find([noise])[0]
    #expect(found.count > 8 && found.count <= 30)
    #expect(found.map(\.index) == found.map(\.index).sorted())
    #expect(found.allSatisfy { (0..<30).contains($0.index) })
  }
}
