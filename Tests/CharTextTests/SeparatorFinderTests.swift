// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct SeparatorFinderTests {
  /// What a finder makes of pieces: the codes it gives, and where among all of them the separator stands.
  private static func find(_ separator: [UInt32], in pieces: [[UInt32]]) -> ([UInt32], [Range<Int>]) {
    var finder = SeparatorFinder(separator, pieceCapacity: 8)
    var codes: [UInt32] = []
    var found: [Range<Int>] = []
    for (index, piece) in pieces.enumerated() {
      piece.withUnsafeBufferPointer { piece in
        let taken = finder.take(
          CodeReader.Piece(codes: piece, failure: nil), isLast: index + 1 == pieces.count)
        found += taken.separators.map { $0.lowerBound + codes.count..<$0.upperBound + codes.count }
        codes += taken.codes
      }
    }
    return (codes, found)
  }

  @Test func theFirstOfOverlappingOccurrencesCounts() {
    #expect(Self.find([1, 1], in: [[1, 1, 1, 2, 1, 1]]) == ([1, 1, 1, 2, 1, 1], [0..<2, 4..<6]))
    #expect(Self.find([1, 2, 1], in: [[1, 2, 1, 2, 1]]) == ([1, 2, 1, 2, 1], [0..<3]))
    #expect(Self.find([1, 1, 2], in: [[1, 1, 1, 2]]) == ([1, 1, 1, 2], [1..<4]))
  }

  @Test func cutsChangeNothing() {
    var random = SteadyRandom(9)
    for _ in 0..<300 {
      let codes = (0..<8).map { _ in UInt32.random(in: 1...2, using: &random) }
      let separator = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        UInt32.random(in: 1...2, using: &random)
      }
      let whole = Self.find(separator, in: [codes])
      let cut = Int.random(in: 0...8, using: &random)
      #expect(Self.find(separator, in: [Array(codes[..<cut]), Array(codes[cut...])]) == whole)
      #expect(Self.find(separator, in: codes.map { [$0] } + [[]]) == whole)
      #expect(whole.0 == codes)
    }
  }
}
