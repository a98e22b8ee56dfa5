// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct SequenceTableTests {
  @Test func countsAreThoseOfADictionary() {
    var random = SteadyRandom(11)
    let text = (0..<20_000).map { _ in UInt16.random(in: 0...60, using: &random) }
    let table = SequenceTable(length: 2, limit: 1 << 20)
    #expect(text.withUnsafeBufferPointer { table.add($0, after: 0, available: 0) })
    var expected: [UInt64: UInt64] = [:]
    for (first, second) in zip(text, text.dropFirst()) {
      expected[UInt64(first) << 16 | UInt64(second), default: 0] += 1
    }
    #expect(table.counts.sorted() == expected.values.sorted())
    #expect(expected.allSatisfy { table.count(of: $0.key) == $0.value })
    // What is further back in the window does not matter; what was never counted has no count.
    #expect(table.count(of: 7 << 32 | UInt64(text[0]) << 16 | UInt64(text[1])) > 0)
    #expect(table.count(of: 61 << 16) == 0)
  }

  @Test func oneSequenceTooManyIsRefused() {
    let table = SequenceTable(length: 1, limit: 3)
    #expect([1, 2, 3, 1].withUnsafeBufferPointer { table.add($0, after: 0, available: 0) })
    #expect(![4].withUnsafeBufferPointer { table.add($0, after: 0, available: 4) })
  }
}
