// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import CharText
import Testing

struct ScorerTests {
  private static let symbols = 13

  private static func network(_ level: String = "portable", scale: Float = 1) throws -> Network {
    try scoringNetwork(symbols: symbols, seed: 31, level, scale: scale)
  }

  private static func text(_ count: Int, seed: UInt64 = 1) -> [Int] {
    var random = PhiloxGenerator(seed: seed, stream: 77)
    return (0..<count).map { _ in random.below(symbols) }
  }

  private static func sequence(_ ids: [Int]) throws -> IDSequence { try IDSequence(ids.map { UInt16($0) }) }

  /// The nats of each character of a text read at one go, in double.
  private static func naive(_ network: Network, _ ids: [Int], beginning: Int?) -> [Double] {
    if ids.isEmpty { return [] }
    let naive = NaiveLSTM(network.parameters)
    func losses(_ inputs: [Int], _ targets: ArraySlice<Int>) -> [Double] {
      guard !inputs.isEmpty else { return [] }
      return naive.run(
        [inputs], targets: [Array(targets)], state: [naive.zeroState], objective: .every, backward: false
      ).losses[0]
    }
    if let beginning { return losses([beginning] + ids.dropLast(), ids[...]) }
    // Of the first character nothing is known but the decoder's bias.
    let bias = naive.decoderBias
    let alone = logSumOfExponentials(bias) - bias[ids[0]]
    return [alone] + losses(ids.dropLast(), ids[1...])
  }

  private static func expectClose(_ score: Score, _ nats: [Double], _ note: String = "") {
    #expect(score.count == nats.count, "\(note)")
    let expected = nats.reduce(0, +)
    #expect((score.nats - expected).magnitude < 1e-6 * Double(nats.count) + 1e-9, "\(note)")
  }

  @Test(arguments: [nil, 0, 5])
  func aTextCostsWhatTheNaiveNetworkSays(_ beginning: Int?) throws {
    for level in Kernels.levels {
      let network = try Self.network(level)
      let scorer = Scorer(network, beginning: beginning, workers: Workers(count: 1))
      // Around the 64 steps scored at a time.
      for count in [0, 1, 2, 3, 63, 64, 65, 129, 200] {
        let ids = Self.text(count)
        let score = scorer.score(try Self.sequence(ids), in: 0..<count)
        Self.expectClose(
          score, Self.naive(network, ids, beginning: beginning), "\(level), \(count) characters")
      }
    }
  }

  @Test func noCharactersCostNothing() throws {
    let scorer = Scorer(try Self.network(), beginning: 3, workers: Workers(count: 2))
    let empty = scorer.score(try Self.sequence([]), in: 0..<0)
    #expect(empty == Score(nats: 0, count: 0))
    #expect(empty.natsPerCharacter.isNaN && empty.bitsPerCharacter.isNaN)
    #expect(scorer.score(try Self.sequence(Self.text(10)), in: 4..<4) == Score(nats: 0, count: 0))
  }

  @Test(arguments: [nil, 5])
  func aPartOfATextIsScoredAsATextOfItsOwn(_ beginning: Int?) throws {
    let scorer = Scorer(try Self.network(), beginning: beginning, workers: Workers(count: 1))
    let ids = Self.text(300)
    for range in [0..<300, 17..<300, 100..<101, 50..<207] {
      let part = scorer.score(try Self.sequence(ids), in: range)
      #expect(part == scorer.score(try Self.sequence(Array(ids[range])), in: 0..<range.count), "\(range)")
    }
  }

  /// Two segments of 96 characters, the second run in over the whole of the first.
  @Test(arguments: [nil, 5])
  func segmentsWhoseRunInCoversAllBeforeThemChangeNothing(_ beginning: Int?) throws {
    let network = try Self.network()
    let scorer = Scorer(network, beginning: beginning, workers: Workers(count: 2))
    // Without a beginning the first character is charged by itself and belongs to no segment.
    let ids = Self.text(beginning == nil ? 193 : 192)
    let text = try Self.sequence(ids)
    let whole = scorer.score(text, in: 0..<ids.count, segment: 1000, runIn: 96)
    let cut = scorer.score(text, in: 0..<ids.count, segment: 96, runIn: 96)
    Self.expectClose(whole, Self.naive(network, ids, beginning: beginning))
    // The same losses, added up in another order.
    #expect((cut.nats - whole.nats).magnitude < 1e-10 && cut.count == whole.count)
    // With less of a run-in something is lost, or the comparison above would show nothing.
    let short = scorer.score(text, in: 0..<ids.count, segment: 96, runIn: 1)
    #expect((short.nats - whole.nats).magnitude > 1e-6)
  }

  /// A network with little memory: any number of segments of any length, the last one shorter, in several
  /// tasks.
  @Test(arguments: [nil, 5])
  func segmentsRunInLongEnoughCostWhatTheTextCosts(_ beginning: Int?) throws {
    let network = try Self.network("portable", scale: 0.1)
    for count in [1500, 1501, 1507] {
      let ids = Self.text(count)
      let text = try Self.sequence(ids)
      let nats = Self.naive(network, ids, beginning: beginning)
      for (segment, most) in [(64, 64), (75, 64), (80, 5), (700, 2), (100, 1), (66, 17)] {
        let score = Scorer(network, beginning: beginning, workers: Workers(count: 2))
          .score(text, in: 0..<count, segment: segment, runIn: 64, mostSegments: most)
        Self.expectClose(score, nats, "\(count) characters, segments of \(segment), at most \(most)")
      }
    }
  }

  @Test(arguments: [nil, 5])
  func noRunInHasAnEffectOnATextOfOneSegment(_ beginning: Int?) throws {
    let network = try Self.network()
    let scorer = Scorer(network, beginning: beginning, workers: Workers(count: 1))
    let ids = Self.text(90)
    let nats = Self.naive(network, ids, beginning: beginning)
    for runIn in [0, 1, 2, 50, 90, 1000] {
      let score = scorer.score(try Self.sequence(ids), in: 0..<90, segment: 1000, runIn: runIn)
      Self.expectClose(score, nats, "run-in \(runIn)")
    }
  }

  @Test(arguments: [nil, 5])
  func theScoreIsTheSameToTheBitForAnyNumberOfThreads(_ beginning: Int?) throws {
    let network = try Self.network(Kernels.best.name)
    let text = try Self.sequence(Self.text(3000))
    let starts = Array(stride(from: 0, to: 2900, by: 7))
    func both(_ threads: Int) -> [UInt64] {
      let scorer = Scorer(network, beginning: beginning, workers: Workers(count: threads))
      let segmented = scorer.score(text, in: 1..<3000, segment: 60, runIn: 40)
      return [
        segmented.nats.bitPattern, scorer.scoreWindows(text, starts: starts, length: 9).nats.bitPattern,
      ]
    }
    let one = both(1)
    for threads in 2...4 { #expect(both(threads) == one, "\(threads) threads") }
  }

  @Test func windowsCostTheCharacterBehindEach() throws {
    let network = try Self.network()
    let naive = NaiveLSTM(network.parameters)
    let ids = Self.text(400)
    for (length, count) in [(1, 3), (6, 1), (6, 64), (6, 65), (6, 130), (20, 0)] {
      let starts = (0..<count).map { $0 * 2 + 1 }
      let nats = starts.map { start in
        naive.run(
          [Array(ids[start..<start + length])], targets: [Array(ids[start + 1...start + length])],
          state: [naive.zeroState], objective: .last, backward: false
        ).loss
      }
      let score = Scorer(network, beginning: nil, workers: Workers(count: 2))
        .scoreWindows(try Self.sequence(ids), starts: starts, length: length)
      Self.expectClose(score, nats, "\(count) windows of \(length)")
    }
  }

  /// Texts of any lengths behind each other, in one segment or many, cost what each costs by itself.
  @Test(arguments: [nil, 5])
  func textsBehindEachOtherCostWhatEachCosts(_ beginning: Int?) throws {
    let network = try Self.network("portable", scale: 0.1)
    let ids = Self.text(1500)
    let text = try Self.sequence(ids)
    let documents = [1, 2, 3, 60, 63, 64, 65, 200, 201, 640, 700, 1499]
    for beginnings in [
      TextBeginnings(documents: documents), TextBeginnings(documents: [], recordEnd: 3),
      TextBeginnings(documents: documents, recordEnd: 3),
    ] {
      for range in [0..<1500, 63..<1500, 3..<700] {
        let starts =
          [range.lowerBound]
          + beginnings.places(in: range.lowerBound + 1..<range.upperBound, of: text)
        let ends = starts.dropFirst() + [range.upperBound]
        let nats = zip(starts, ends).flatMap { start, end in
          Self.naive(network, Array(ids[start..<end]), beginning: beginning)
        }
        for (segment, runIn) in [(4096, 64), (700, 64), (64, 64), (65, 40), (100, 1)] {
          let score = Scorer(network, beginning: beginning, workers: Workers(count: 2))
            .score(text, in: range, beginnings: beginnings, segment: segment, runIn: runIn)
          if runIn > 1 { Self.expectClose(score, nats, "\(range), segments of \(segment)") }
          #expect(score.count == range.count)
        }
      }
    }
  }

  @Test func aWindowForgetsWhatIsBeforeATextInIt() throws {
    let network = try Self.network()
    let naive = NaiveLSTM(network.parameters)
    let ids = Self.text(400)
    let text = try Self.sequence(ids)
    let beginnings = TextBeginnings(documents: [2, 30, 110, 111], recordEnd: 3)
    for length in [3, 70] {
      let starts = Array(0..<320)
      let nats = starts.compactMap { start -> Double? in
        let end = start + length
        let begun = beginnings.places(in: start..<end + 1, of: text).last ?? start
        if begun == end { return nil }
        return naive.run(
          [Array(ids[begun..<end])], targets: [Array(ids[begun + 1...end])], state: [naive.zeroState],
          objective: .last, backward: false
        ).loss
      }
      #expect(nats.count < starts.count)
      let score = Scorer(network, beginning: nil, workers: Workers(count: 2))
        .scoreWindows(text, starts: starts, length: length, beginnings: beginnings)
      Self.expectClose(score, nats, "windows of \(length)")
    }
  }

  @Test func natsAndBitsAreOfOneCharacter() {
    let score = Score(nats: 2 * 0.693_147_180_559_945_3, count: 4)
    #expect(score.natsPerCharacter == 0.693_147_180_559_945_3 / 2)
    #expect((score.bitsPerCharacter - 0.5).magnitude < 1e-15)
  }
}
