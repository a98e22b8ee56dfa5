// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Testing

@testable import CharText

@Suite struct IDSequenceTests {
  @Test func idsAreKeptInAsFewBytesAsTheyNeed() throws {
    #expect(try IDSequence([0, 255]).width == 1)
    #expect(try IDSequence([0, 256]).width == 2)
  }

  @Test func idsComeBackAsTheyWentIn() throws {
    for ids: [UInt16] in [[], [7], [0, 255, 1, 2], [0, 65_534, 256, 3]] {
      let sequence = try IDSequence(ids)
      #expect(sequence.count == ids.count)
      #expect(ids.indices.map { sequence[$0] } == ids.map { Int($0) })
      #expect(sequence.ids(in: 0..<ids.count) == ids)
    }
    #expect(try IDSequence([5, 6, 7, 8]).ids(in: 1..<3) == [6, 7])
  }

  @Test func theDigestIsThatOfTheIDsAs16BitNumbers() throws {
    let ids: [UInt16] = [1, 2, 250, 3]
    let bytes = ids.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try IDSequence(ids).digest == XXH64.hash(bytes))
    #expect(try IDSequence([]).digest == XXH64.hash([]))
  }

  @Test func theDigestOfLongSequencesIsThatOfAllTheirBytes() throws {
    var random = SteadyRandom(6)
    for limit: UInt16 in [255, 300] {
      let ids = (0..<70_000).map { _ in UInt16.random(in: 0...limit, using: &random) }
      let bytes = ids.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      #expect(try IDSequence(ids).digest == XXH64.hash(bytes))
    }
  }
}
