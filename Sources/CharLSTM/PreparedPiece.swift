// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// A piece of text as the network reads it: without the characters that it has no ids for.
struct PreparedPiece: Sendable {
  /// The ids that can be read.
  let readable: [UInt16]
  /// Where among `readable` the row's first target is: 1 where the first id is only read, or charged by itself.
  let firstTarget: Int
  /// What goes through the network; nil for nothing.
  let row: ScoringRow?
  /// Whether the first id is charged with nothing before it.
  let chargesFirstAlone: Bool

  /// Where each of `readable` stands among the piece's ids; empty where all can be read.
  private let places: [Int]
  private let contextCount: Int
  private let unknownCount: Int
  private let chargedCount: Int
  /// Whether the last of `readable` was added so that what follows the piece is predicted.
  private let endIsAdded: Bool

  /// - Parameters:
  ///   - beginning: the id read where a text begins.
  ///   - predictsEnd: whether predictions are wanted in the place of unknown characters at the piece's end.
  init(_ piece: TextPiece, beginning: Int?, predictsEnd: Bool = false) {
    contextCount = piece.contextCount
    let first = piece.ids.startIndex
    // How many of the readable ids are context.
    var readContext = piece.contextCount
    if piece.ids.contains(Charset.noID) {
      let places = piece.ids.indices.filter { piece.ids[$0] != Charset.noID }
      readContext = places.count { $0 - first < piece.contextCount }
      endIsAdded = predictsEnd && piece.ids.last == Charset.noID
      self.places = places.map { $0 - first } + (endIsAdded ? [piece.ids.count] : [])
      readable = places.map { piece.ids[$0] } + (endIsAdded ? [0] : [])
      unknownCount = piece.chargedCount - (places.count - readContext)
    } else {
      places = []
      readable = Array(piece.ids)
      unknownCount = 0
      endIsAdded = false
    }
    chargedCount = piece.chargedCount
    // A context of which nothing can be read is none.
    let begin = piece.beginsText || readContext == 0 ? beginning : nil
    chargesFirstAlone = begin == nil && readContext == 0 && !readable.isEmpty
    firstTarget = begin == nil ? 1 : 0
    if readable.count > firstTarget {
      row = ScoringRow(
        first: begin.map { UInt16($0) } ?? readable[0], targets: readable[firstTarget...],
        contextCount: max(0, readContext - firstTarget))
    } else {
      row = nil
    }
  }

  /// The length of its row.
  var rowCount: Int { row?.count ?? 0 }

  /// What the piece costs when its readable characters cost that much.
  func score(chargedNats nats: Double) -> Score {
    Score(nats: nats + Double(unknownCount) * LineScorer.unknownNats, count: chargedCount)
  }

  /// Notes what was found at `readable[index]`, and in the place of unknown characters before it.
  func note(
    _ index: Int, loss: Double, logits: UnsafePointer<Float>, symbolCount: Int, in result: inout Predictions
  ) {
    let target = Int(readable[index])
    let place = (places.isEmpty ? index : places[index]) - contextCount
    if !places.isEmpty {
      let after = index > 0 ? places[index - 1] + 1 - contextCount : 0
      for unknown in max(0, after)..<place {
        result.noteUnknown(
          unknown, logits: logits, symbolCount: symbolCount, logNormalizer: loss + Double(logits[target]))
      }
    }
    if endIsAdded && index == readable.count - 1 { return }
    result.score.nats += loss
    result.note(place, target: target, loss: loss, logits: logits, symbolCount: symbolCount)
  }
}
