// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

@testable import CharLSTM

struct LongTextScorerTests {
  private static func scorer(_ threads: Int = 2) throws -> LineScorer {
    LineScorer(
      try LineScorerTests.network(Kernels.best.name, scale: 0.2), beginning: 5,
      workers: Workers(count: threads))
  }

  private static func score(_ text: [UInt16], parts: [Int], _ scorer: LineScorer) -> Score {
    var long = LongTextScorer(scorer, segments: 16)
    var next = 0
    var turn = 0
    while next < text.count {
      let end = min(text.count, next + parts[turn % parts.count])
      long.read(Array(text[next..<end]))
      next = end
      turn += 1
    }
    return long.finish()
  }

  @Test func howATextIsPartedChangesNoBit() throws {
    let scorer = try Self.scorer()
    var text = LineScorerTests.text(140_000, seed: 1)
    text[66_000] = Charset.noID
    // Just as long as is not cut, just longer, and more than twice what is gathered at once.
    for count in [0, 5, TextPiece.longest, TextPiece.longest + 1, 140_000] {
      let part = Array(text[..<count])
      let expected = scorer.scores(of: [part])[0]
      #expect(expected.count == count)
      #expect(Self.score(part, parts: [999, 100_000], scorer) == expected, "\(count)")
    }
  }

  @Test func piecesOfALongTextCostWhatItCostsAsOne() throws {
    let scorer = try Self.scorer(1)
    let text = LineScorerTests.text(TextPiece.longest + 5000, seed: 2)
    let cut = scorer.scores(of: [text])[0]
    let stream = TextStream(scorer.network, beginning: 5)
    let whole = stream.predictions(of: text).score
    #expect((cut.nats - whole.nats).magnitude < 1e-7 * whole.nats)
    // What was found at each character is the same in both ways of asking.
    let found = scorer.predictions(ofTexts: [text])[0]
    #expect((found.score.nats - cut.nats).magnitude < 1e-9 * cut.nats)
    #expect(found.nats.count == text.count)
    let context = LineScorer.longTextContext
    let second = scorer.predictions(of: Array(text[(40_960 - context)...]), contextCount: context)
    let isSame = second.nats == Array(found.nats[40_960...])
    #expect(isSame)
  }

  @Test(arguments: [nil, 5])
  func aStreamGivesTheSameBitsHoweverItArrives(_ beginning: Int?) throws {
    let network = try LineScorerTests.network()
    var text = LineScorerTests.text(300, seed: 4)
    text[50] = Charset.noID
    let stream = TextStream(network, beginning: beginning)
    let whole = stream.predictions(of: text, alternatives: 2)
    for size in [1, 7, 64, 299] {
      stream.begin()
      var nats: [Double] = []
      for start in stride(from: 0, to: text.count, by: size) {
        nats += stream.predictions(of: Array(text[start..<min(start + size, text.count)])).nats
      }
      let isSame = nats == whole.nats
      #expect(isSame, "\(size) at a time")
    }
    let lines = LineScorer(network, beginning: beginning, workers: Workers(count: 1))
    let isSame = lines.predictions(of: [TextPiece(text)])[0].nats == whole.nats
    #expect(isSame)
  }
}
