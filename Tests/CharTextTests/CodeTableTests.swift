// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct CodeTableTests {
  @Test func everyCodeHasTheIDItWasGivenLast() {
    var table = CodeTable()
    let codes: [UInt32] = [
      0, 0x41, 0xFF, 0x100, 0x10_FFFF, ClusterTable.firstCode, ClusterTable.firstCode + 500,
    ]
    #expect(codes.allSatisfy { table[$0] == CodeTable.none })
    for (id, code) in codes.enumerated() { table[code] = UInt16(id) }
    #expect(codes.map { table[$0] } == [0, 1, 2, 3, 4, 5, 6])
    for near: UInt32 in [1, 0x40, 0x101, 0x10_FFFE, ClusterTable.firstCode + 1, ClusterTable.firstCode + 501]
    {
      #expect(table[near] == CodeTable.none)
    }
    table[0x41] = 9
    #expect(table[0x41] == 9)
  }

  @Test func allPagesCanBeInUse() {
    var table = CodeTable()
    for code in stride(from: UInt32(0), to: ClusterTable.firstCode, by: 256) {
      table[code] = UInt16(code >> 8)
    }
    #expect(
      stride(from: UInt32(0), to: ClusterTable.firstCode, by: 256).allSatisfy { table[$0] == UInt16($0 >> 8) }
    )
  }
}
