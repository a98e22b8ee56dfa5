// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// An unexpected character, and the change that would make the text an expected one.
public struct Oddity: Equatable, Sendable {
  /// The character: its place among those that are charged, before any change.
  public var index: Int
  /// What it cost, in nats, once what is odd before it was changed.
  public var nats: Double
  /// What stands there; `Charset.noID` for an unknown character, nil at the text's end.
  public var got: UInt16?
  /// What would be expected there; nil where that is not known.
  public var expected: UInt16?
  /// The change that lowers the text's cost most, if any does so by the threshold.
  public var correction: Correction?

  /// A change of the text.
  public struct Correction: Equatable, Sendable {
    /// By how many nats the text gets cheaper.
    public var savedNats: Double
    /// The word that is changed, or a part of a long one.
    public var old: [UInt16]
    /// What it becomes.
    public var new: [UInt16]
  }
}

/// Finds characters that a network did not expect, and for each the single edit that explains it best.
///
/// A mistake often makes what follows surprising too. So a text is gone through from its beginning; where an edit
/// lowers its cost by the threshold it is made, and the rest is judged as it would follow the corrected text.
public struct OddityFinder: Sendable {
  private let scorer: LineScorer
  private let threshold: Double
  private let isWordBreak: @Sendable (UInt16) -> Bool

  /// Likeliest symbols that are tried in a character's place and before it.
  private static let alternatives = 6
  /// How many characters before an unexpected one may be the mistake.
  private static let reach = 2
  /// Characters after it by which an edit is judged.
  private static let lookahead = 24
  /// Characters before it that are read for that, from the zero state.
  private static let lookback = 96
  /// Characters of a word that are shown to each side of an edit.
  private static let mostOfWord = 12

  /// - Parameters:
  ///   - threshold: nats from which on a character is unexpected, and an edit an improvement.
  ///   - isWordBreak: whether an id ends a word.
  public init(_ scorer: LineScorer, threshold: Double, isWordBreak: @escaping @Sendable (UInt16) -> Bool) {
    self.scorer = scorer
    self.threshold = threshold
    self.isWordBreak = isWordBreak
  }

  /// A text that is being gone through.
  private struct Reading {
    var ids: [UInt16]
    let beginsText: Bool
    /// What is known to come after `ids`.
    let following: [UInt16]
    /// Where each of `ids` was before any edit, and one more for the end.
    var origins: [Int]
    /// Everything before is done.
    var next: Int
    let contextCount: Int
    var predictions: Predictions?
    var found: [Oddity] = []

    var piece: TextPiece { TextPiece(ids[...], contextCount: contextCount, beginsText: beginsText) }
  }

  /// What is odd in each piece, in order.
  ///
  /// - Parameter following: the ids that come after each piece, such as a newline: without them it would always pay to
  ///   leave out the last character.
  public func oddities(in pieces: [TextPiece], following: [[UInt16]]) -> [[Oddity]] {
    var readings = zip(pieces, following).map { piece, following in
      Reading(
        ids: Array(piece.ids), beginsText: piece.beginsText,
        following: Array(following.prefix(Self.lookahead)), origins: Array(0...piece.ids.count),
        next: piece.contextCount, contextCount: piece.contextCount)
    }
    // One unexpected character of every text at a time, so that there is much to score at once.
    var open = Array(readings.indices)
    while !open.isEmpty {
      let stale = open.filter { readings[$0].predictions == nil }
      let fresh = scorer.predictions(of: stale.map { readings[$0].piece }, alternatives: Self.alternatives)
      for (index, predictions) in zip(stale, fresh) { readings[index].predictions = predictions }
      open = open.filter { advance(&readings[$0]) }
      var trials: [TextPiece] = []
      var edits: [(reading: Int, first: Int, edits: [SingleEdit])] = []
      for index in open {
        let candidates = candidates(readings[index])
        edits.append((index, trials.count, candidates))
        trials.append(trial(readings[index], nil))
        for edit in candidates { trials.append(trial(readings[index], edit)) }
      }
      let costs = scorer.scores(of: trials).map(\.nats)
      for (index, first, edits) in edits {
        let saved = edits.indices.map { costs[first] - costs[first + 1 + $0] }
        let best = saved.indices.max { (saved[$0], $1) < (saved[$1], $0) }
        if let best, saved[best] >= threshold {
          note(edits[best], saves: saved[best], in: &readings[index])
        } else {
          note(nil, saves: 0, in: &readings[index])
        }
      }
    }
    // An edit may be before one that was made already.
    return readings.map { $0.found.sorted { $0.index < $1.index } }
  }

  /// Goes on to the next unexpected character; says whether there is one.
  private func advance(_ reading: inout Reading) -> Bool {
    guard let predictions = reading.predictions else { return false }
    while reading.next < reading.ids.count {
      if predictions.nats[reading.next - reading.contextCount] >= threshold { return true }
      reading.next += 1
    }
    return false
  }

  /// The edits at the character that was reached and just before it.
  private func candidates(_ reading: Reading) -> [SingleEdit] {
    guard let predictions = reading.predictions else { return [] }
    let (ids, next) = (reading.ids, reading.next)
    var edits: [SingleEdit] = []
    for index in max(reading.contextCount, next - Self.reach)...next {
      edits.append(.deletion(index: index))
      if index + 1 < ids.count && ids[index] != ids[index + 1] { edits.append(.transposition(index: index)) }
      for other in predictions.alternatives(at: index - reading.contextCount) where other.nats.isFinite {
        if other.id != ids[index] { edits.append(.substitution(index: index, id: other.id)) }
        edits.append(.insertion(index: index, id: other.id))
      }
    }
    return edits
  }

  /// The stretch of the text that an edit is judged by, with the edit made.
  private func trial(_ reading: Reading, _ edit: SingleEdit?) -> TextPiece {
    let begin = max(reading.contextCount, reading.next - Self.reach)
    let first = max(0, begin - Self.lookback)
    let end = min(reading.ids.count, reading.next + 1 + Self.lookahead)
    var ids = Array(reading.ids[..<end])
    edit?.apply(to: &ids)
    if end == reading.ids.count { ids += reading.following }
    return TextPiece(
      ids[first...], contextCount: begin - first, beginsText: first == 0 && reading.beginsText)
  }

  private func note(_ edit: SingleEdit?, saves savedNats: Double, in reading: inout Reading) {
    guard let predictions = reading.predictions else { return }
    let next = reading.next
    let place = next - reading.contextCount
    var oddity = Oddity(
      index: reading.origins[next] - reading.contextCount, nats: predictions.nats[place],
      got: reading.ids[next],
      expected: predictions.alternatives(at: place).first { $0.nats.isFinite }?.id)
    if let edit = edit.map({ settled($0, in: reading.ids) }) {
      let before = reading.ids
      let word = word(around: edit, in: before, from: reading.contextCount)
      edit.apply(to: &reading.ids)
      let growth = edit.insertedCount - edit.removedCount
      oddity.index = reading.origins[edit.index] - reading.contextCount
      oddity.got = edit.index < before.count ? before[edit.index] : nil
      oddity.expected = edit.index < reading.ids.count ? reading.ids[edit.index] : nil
      oddity.correction = Oddity.Correction(
        savedNats: savedNats, old: Array(before[word]),
        new: Array(reading.ids[word.lowerBound..<word.upperBound + growth]))
      switch edit {
      case .insertion(let index, _): reading.origins.insert(reading.origins[index], at: index)
      case .deletion(let index): reading.origins.remove(at: index)
      case .substitution, .transposition: break
      }
      reading.next = max(edit.index + edit.insertedCount, reading.contextCount)
      reading.predictions = nil
    } else {
      // What is unexpected right behind it is likely so because of it.
      repeat {
        reading.next += 1
      } while reading.next < reading.ids.count
        && predictions.nats[reading.next - reading.contextCount] >= threshold
    }
    reading.found.append(oddity)
  }

  /// Of edits that lead to the same text the last one: the second of two letters is the one too many.
  private func settled(_ edit: SingleEdit, in ids: [UInt16]) -> SingleEdit {
    switch edit {
    case .deletion(var index):
      while index + 1 < ids.count && ids[index + 1] == ids[index] { index += 1 }
      return .deletion(index: index)
    case .insertion(var index, let id):
      while index < ids.count && ids[index] == id { index += 1 }
      return .insertion(index: index, id: id)
    case .substitution, .transposition:
      return edit
    }
  }

  private func word(around edit: SingleEdit, in ids: [UInt16], from first: Int) -> Range<Int> {
    var start = edit.index
    var end = edit.index + edit.removedCount
    while start > first && edit.index - start < Self.mostOfWord && !isWordBreak(ids[start - 1]) { start -= 1 }
    while end < ids.count && end - edit.index < Self.mostOfWord && !isWordBreak(ids[end]) { end += 1 }
    return start..<end
  }
}
