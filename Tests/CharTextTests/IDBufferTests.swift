// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

/// Gathers ids piece by piece, renumbers them, and gives what is kept.
private func gather(_ pieces: [[UInt16]], renumbered newIDs: [UInt16]? = nil) throws -> IDSequence {
  var buffer = IDBuffer()
  for piece in pieces { try piece.withUnsafeBufferPointer { try buffer.append($0) } }
  if let newIDs { try buffer.renumber(newIDs) }
  return IDSequence(taking: buffer)
}

@Suite struct IDBufferTests {
  @Test func earlierIDsSurviveTheStepToTwoBytes() throws {
    let first = (0..<100_000).map { UInt16($0 % 251) }
    let kept = try gather([first, [256, 65_535], [1]])
    #expect(kept.width == 2)
    let isAllThere = kept.ids(in: 0..<kept.count) == first + [256, 65_535, 1]
    #expect(isAllThere)
  }

  @Test func renumberingKeepsOneByteWhereItCan() throws {
    let kept = try gather([[0, 1, 2, 0]], renumbered: [2, 0, 1])
    #expect(kept.width == 1)
    #expect(kept.ids(in: 0..<4) == [2, 0, 1, 2])
  }

  @Test func renumberingTakesTwoBytesWhereItMust() throws {
    // Ids that fit into a byte may not do so any more once the symbols of another text are among them.
    let newIDs = (0..<300).map { UInt16(299 - $0) }
    let kept = try gather([[0, 1, 255]], renumbered: newIDs)
    #expect(kept.width == 2)
    #expect(kept.ids(in: 0..<3) == [299, 298, 44])
  }

  @Test func nothingIsKeptOfNothing() throws {
    #expect(try gather([[], []], renumbered: []).count == 0)
  }
}
