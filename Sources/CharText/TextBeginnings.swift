// SPDX-License-Identifier: GPL-3.0-or-later

/// Where texts begin that stand one behind the other in a sequence of ids: documents at places that are known, records
/// after every newline.
///
/// What comes before such a place tells nothing about what comes after it. That a text begins at the place 0 goes
/// without saying.
public struct TextBeginnings: Equatable, Sendable {
  /// The places of documents' first ids, ascending, each above 0 and of which none is the end of the sequence.
  public let documents: [Int]
  /// The id that ends a record, a newline's; nil where lines are not records.
  public let recordEnd: Int?

  /// One text, from the first id to the last.
  public static let none = TextBeginnings(documents: [])

  /// Documents that begin at `documents`, made of records if there is a `recordEnd`.
  public init(documents: [Int], recordEnd: Int? = nil) {
    self.documents = documents
    self.recordEnd = recordEnd
  }

  /// Whether the sequence is surely one text.
  public var isEmpty: Bool { documents.isEmpty && recordEnd == nil }

  /// The places of `range` at which a text begins, ascending.
  public func places(in range: Range<Int>, of ids: IDSequence) -> [Int] {
    if isEmpty { return [] }
    if recordEnd != nil { return range.filter { begins(at: $0, of: ids) } }
    let first = documents.firstIndex(notBelow: range.lowerBound)
    return Array(documents[first..<documents.firstIndex(notBelow: range.upperBound)])
  }

  /// Whether a text begins at `place`, which is not counted for 0.
  public func begins(at place: Int, of ids: IDSequence) -> Bool {
    if place <= 0 || place >= ids.count { return false }
    if let recordEnd, ids[place - 1] == recordEnd { return true }
    let index = documents.firstIndex(notBelow: place)
    return index < documents.count && documents[index] == place
  }

  /// The place nearest to `place` at which a text begins: the last one up to it, or else the first one after it; nil
  /// if the sequence is one text.
  public func beginning(near place: Int, of ids: IDSequence) -> Int? {
    if isEmpty { return nil }
    for candidate in stride(from: min(place, ids.count - 1), to: 0, by: -1)
    where begins(at: candidate, of: ids) { return candidate }
    return (max(place + 1, 1)..<max(ids.count, place + 2, 2)).first { begins(at: $0, of: ids) }
  }
}
