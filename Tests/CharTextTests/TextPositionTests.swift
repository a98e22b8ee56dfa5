// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct TextPositionTests {
  @Test func bothWaysToMoveOnLeadToTheSamePlace() {
    var random = SteadyRandom(12)
    for _ in 0..<200 {
      let codes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        [0x0A, 0x61, 0x62, ClusterTable.lineEnd, ClusterTable.firstCode + 1].randomElement(using: &random)!
      }
      var (slow, fast) = (TextPosition(), TextPosition())
      slow.advance(over: CollectionOfOne(0x61))
      slow.advance(over: codes)
      codes.prefix(0).withUnsafeBufferPointer { fast.advance(over: $0) }
      [0x61].withUnsafeBufferPointer { fast.advance(over: $0) }
      codes.withUnsafeBufferPointer { fast.advance(over: $0) }
      #expect(slow == fast)
    }
  }

  @Test func linesAndColumnsCountFromOne() {
    var place = TextPosition()
    #expect(place.line == 1 && place.column == 1)
    place.advance(over: [0x61, 0x0A, 0x62, 0x63] as [UInt32])
    #expect(place.line == 2 && place.column == 3)
  }
}
