// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds every occurrence of a separator in codes that come in pieces.
///
/// Occurrences do not overlap; the first one counts. The end of a piece that may begin an occurrence is held back and
/// stands at the beginning of the next piece, so that every occurrence is in one piece as a whole.
struct SeparatorFinder {
  private let separator: [UInt32]
  private let joined: CodeScratch
  private var held: [UInt32] = []

  /// A finder of `separator`, at least one code, in pieces of at most `pieceCapacity` codes.
  init(_ separator: [UInt32], pieceCapacity: Int) {
    precondition(!separator.isEmpty, "nothing cannot separate")
    self.separator = separator
    joined = CodeScratch(capacity: pieceCapacity + separator.count)
  }

  /// Takes the next piece and gives what is no longer held back, with its separators.
  ///
  /// - Parameter isLast: whether no more will come, so that nothing need be held back.
  mutating func take(_ piece: CodeReader.Piece, isLast: Bool) -> CodeReader.Piece {
    let count = held.count + piece.codes.count
    for (index, code) in held.enumerated() { joined.start[index] = code }
    for (index, code) in piece.codes.enumerated() { joined.start[held.count + index] = code }
    let codes = UnsafeBufferPointer(start: joined.start, count: count)
    var separators: [Range<Int>] = []
    var place = 0
    var end = count
    while place < end {
      let common = commonLength(codes, from: place)
      if common == separator.count {
        separators.append(place..<place + common)
        place += common
      } else if !isLast && place + common == count {
        end = place
      } else {
        place += 1
      }
    }
    held = Array(codes[end...])
    return CodeReader.Piece(
      codes: UnsafeBufferPointer(rebasing: codes[..<end]), separators: separators, failure: piece.failure)
  }

  /// How many codes from `place` on are the separator's.
  private func commonLength(_ codes: UnsafeBufferPointer<UInt32>, from place: Int) -> Int {
    var length = 0
    while length < separator.count, place + length < codes.count, codes[place + length] == separator[length] {
      length += 1
    }
    return length
  }
}

/// Memory for one piece of codes.
///
/// Copies of a reader share it, which does no harm: it means nothing between two calls.
final class CodeScratch {
  let buffer: UnsafeMutableBufferPointer<UInt32>

  init(capacity: Int) {
    buffer = .allocate(capacity: capacity)
    buffer.initialize(repeating: 0)
  }

  deinit { buffer.deallocate() }

  var start: UnsafeMutablePointer<UInt32> { buffer.baseAddress.unsafelyUnwrapped }
}
