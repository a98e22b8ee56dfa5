// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

@testable import CharLSTM

struct LineScorerTests {
  static let symbols = 13

  static func network(_ level: String = "portable", scale: Float = 1) throws -> Network {
    try scoringNetwork(symbols: symbols, seed: 41, level, scale: scale)
  }

  static func text(_ count: Int, seed: Int) -> [UInt16] {
    var random = PhiloxGenerator(seed: 7, stream: UInt64(seed))
    return (0..<count).map { _ in UInt16(random.below(symbols)) }
  }

  /// Texts of lengths from 0 to 150, many of them equal.
  static let texts: [[UInt16]] = {
    var random = PhiloxGenerator(seed: 8)
    return (0..<90).map { text($0 % 4 == 0 ? 40 : random.below(151), seed: $0) }
  }()

  static func bits(_ scores: [Score]) -> [UInt64] { scores.map(\.nats.bitPattern) }

  @Test(arguments: [nil, 5])
  func aTextCostsWhatTheScorerOfOneTextSays(_ beginning: Int?) throws {
    let network = try Self.network()
    let found = LineScorer(network, beginning: beginning, workers: Workers(count: 2)).scores(of: Self.texts)
    let one = Scorer(network, beginning: beginning, workers: Workers(count: 1))
    for (text, score) in zip(Self.texts, found) {
      let expected = one.score(try IDSequence(text), in: 0..<text.count)
      #expect(score.count == expected.count)
      // Without a beginning the first character's loss is added in another order.
      let tolerance = beginning == nil ? 1e-12 * expected.nats : 0
      #expect((score.nats - expected.nats).magnitude <= tolerance)
    }
  }

  @Test func fewTextsAskForNoSecondThread() throws {
    let workers = Workers {
      Issue.record("nobody has use for it")
      return 2
    }
    let scorer = LineScorer(try Self.network(), beginning: 5, workers: workers)
    let alone = LineScorer(try Self.network(), beginning: 5, workers: Workers(count: 1))
    let few = Array(Self.texts[..<8])
    #expect(Self.bits(scorer.scores(of: few)) == Self.bits(alone.scores(of: few)))
  }

  @Test(arguments: [nil, 5])
  func neitherOtherTextsNorThreadsNorTheCPULevelChangeABit(_ beginning: Int?) throws {
    let alone = LineScorer(try Self.network(), beginning: beginning, workers: Workers(count: 1))
    let expected = Self.texts.map { alone.scores(of: [$0])[0] }
    for level in Kernels.levels {
      for threads in [1, 3] {
        let scorer = LineScorer(
          try Self.network(level), beginning: beginning, workers: Workers(count: threads))
        #expect(Self.bits(scorer.scores(of: Self.texts)) == Self.bits(expected), "\(level), \(threads)")
        // In other company, with memory that others have used.
        #expect(Self.bits(scorer.scores(of: Self.texts.reversed())) == Self.bits(expected.reversed()))
        for range in [0..<1, 3..<12, 20..<53, 5..<5] {
          #expect(Self.bits(scorer.scores(of: Array(Self.texts[range]))) == Self.bits(Array(expected[range])))
        }
      }
    }
  }

  @Test(arguments: [nil, 5])
  func predictionsAreThoseOfTheNaiveNetwork(_ beginning: Int?) throws {
    let network = try Self.network(Kernels.best.name)
    let naive = NaiveLSTM(network.parameters)
    let scorer = LineScorer(network, beginning: beginning, workers: Workers(count: 2))
    let texts = Array(Self.texts[..<12])
    let found = scorer.predictions(of: texts.map { TextPiece($0) }, alternatives: 4)
    #expect(Self.bits(found.map(\.score)) == Self.bits(scorer.scores(of: texts)))
    for (text, predictions) in zip(texts, found) {
      #expect(predictions.nats.count == text.count && predictions.ranks.count == text.count)
      for (index, id) in text.enumerated() {
        let inputs = (beginning.map { [$0] } ?? []) + text[..<index].map { Int($0) }
        let logits =
          inputs.isEmpty
          ? naive.decoderBias
          : naive.run(
            [inputs], targets: [inputs], state: [naive.zeroState], objective: .every, backward: false
          ).logits[0][inputs.count - 1]
        let total = logSumOfExponentials(logits)
        #expect((predictions.nats[index] - (total - logits[Int(id)])).magnitude < 1e-5)
        #expect(predictions.ranks[index] == logits.count { $0 > logits[Int(id)] } + 1)
        let likeliest = logits.indices.sorted { logits[$0] > logits[$1] }.prefix(4)
        let alternatives = predictions.alternatives(at: index)
        #expect(alternatives.map { Int($0.id) } == Array(likeliest))
        for other in alternatives {
          #expect((other.nats - (total - logits[Int(other.id)])).magnitude < 1e-5)
        }
      }
    }
  }

  @Test(arguments: [nil, 5])
  func unknownCharactersAreNotReadAndHaveTheirPrice(_ beginning: Int?) throws {
    let network = try Self.network()
    let scorer = LineScorer(network, beginning: beginning, workers: Workers(count: 2))
    for (number, text) in Self.texts.prefix(20).enumerated() {
      // Before, among, behind the others; and nothing but them.
      var marked = text
      for place in [text.count, text.count / 2, text.count / 2, 0] {
        marked.insert(Charset.noID, at: place)
      }
      let plain = scorer.scores(of: [text])[0]
      let score = scorer.scores(of: [marked])[0]
      #expect(score.count == plain.count + 4)
      #expect((score.nats - plain.nats - 4 * 20 / Score.bitsPerNat).magnitude < 1e-12 * score.nats)
      let found = scorer.predictions(of: [TextPiece(marked)], alternatives: 2)[0]
      #expect(found.score == score)
      let unknown = marked.indices.filter { marked[$0] == Charset.noID }
      #expect(found.ranks.indices.filter { found.ranks[$0] == 0 } == unknown, "text \(number)")
      #expect(unknown.allSatisfy { found.nats[$0] == LineScorer.unknownNats })
      // What was expected in their place is what was expected of the character after them.
      if !text.isEmpty {
        let after = marked.firstIndex { $0 != Charset.noID } ?? 0
        let first = found.alternatives(at: 0)
        let known = found.alternatives(at: after)
        #expect(zip(first, known).allSatisfy { $0.id == $1.id && ($0.nats - $1.nats).magnitude < 1e-6 })
      }
      #expect(
        unknown.allSatisfy { found.alternatives(at: $0).allSatisfy(\.nats.isFinite) } || beginning == nil)
    }
  }

  @Test func aContextIsReadAndNotCharged() throws {
    let scorer = LineScorer(try Self.network(), beginning: 5, workers: Workers(count: 1))
    let text = Self.text(60, seed: 3)
    let whole = scorer.predictions(of: [TextPiece(text)])[0]
    for context in [0, 1, 7, 59, 60] {
      let piece = TextPiece(text[...], contextCount: context)
      let found = scorer.predictions(of: [piece])[0]
      #expect(found.nats == Array(whole.nats[context...]))
      #expect(scorer.scores(of: [piece])[0].nats == whole.nats[context...].reduce(0, +))
    }
    // In the middle of a text the state is zero and no newline is read.
    let middle = scorer.predictions(of: [TextPiece(text[10...], contextCount: 3, beginsText: false)])[0]
    let beginning = LineScorer(try Self.network(), beginning: Int(text[10]), workers: Workers(count: 1))
    let expected = beginning.predictions(of: [TextPiece(text[11...], contextCount: 2)])[0]
    #expect(middle.nats == expected.nats)
  }
}
