// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

@Suite struct SymbolTests {
  @Test func symbolsAreEqualOnlyWithTheSameCodePoints() {
    #expect(Symbol(scalars: [0xE9]) != Symbol(scalars: [0x65, 0x301]))
    #expect(Symbol(scalars: [0x41]) == Symbol(scalar: "A"))
    #expect(Symbol(byte: 0x41) != Symbol(scalar: 0x41))
  }

  @Test func symbolsAreOrderedByTheirCodePoints() {
    let ascending: [[UInt32]] = [
      [0x41], [0x41, 0x301], [0x41, 0x301, 0x302], [0x41, 0x302], [0x42], [0x1F600],
    ]
    let symbols = ascending.map { Symbol(scalars: $0) }
    for (index, symbol) in symbols.enumerated() {
      for (otherIndex, other) in symbols.enumerated() { #expect((symbol < other) == (index < otherIndex)) }
    }
    #expect(Symbol(byte: 0x41) < Symbol(byte: 0x42))
    #expect(!(Symbol(byte: 0x42) < Symbol(byte: 0x42)))
  }

  @Test func aSymbolStandsForItsBytes() {
    #expect(Symbol(scalar: 0x20AC).utf8 == [0xE2, 0x82, 0xAC])
    #expect(Symbol(scalars: [0x65, 0x301]).utf8 == [0x65, 0xCC, 0x81])
    #expect(Symbol(byte: 0xE9).utf8 == [0xE9])
  }
}
