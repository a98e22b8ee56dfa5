// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

/// Every symbol of a text with its place, as `line:column notation`.
private func places(_ blocks: [ArraySlice<UInt8>], unit: TextUnit) throws -> [String] {
  var reader = SymbolReader(unit: unit)
  var places: [String] = []
  for block in blocks {
    try block.withUnsafeBytes { bytes in
      try reader.read(bytes) { (symbol, place) throws(TextError) in
        places.append("\(place.line):\(place.column) \(symbol.notation)")
      }
    }
  }
  try reader.finish { (symbol, place) throws(TextError) in
    places.append("\(place.line):\(place.column) \(symbol.notation)")
  }
  return places
}

@Suite struct SymbolReaderTests {
  @Test func everySymbolHasItsLineAndColumn() throws {
    for blocks in cuttings(of: utf8("aé\n\r\ne\u{301}")) {
      #expect(
        try places(blocks, unit: .scalar) == [
          "1:1 U+0061", "1:2 U+00E9", "1:3 U+000A", "2:1 U+000D", "2:2 U+000A", "3:1 U+0065", "3:2 U+0301",
        ])
      #expect(
        try places(blocks, unit: .grapheme) == [
          "1:1 U+0061", "1:2 U+00E9", "1:3 U+000A", "2:1 U+000D+000A", "3:1 U+0065+0301",
        ])
      #expect(
        try places(blocks, unit: .byte) == [
          "1:1 0x61", "1:2 0xC3", "1:3 0xA9", "1:4 0x0A", "2:1 0x0D", "2:2 0x0A", "3:1 0x65", "3:2 0xCC",
          "3:3 0x81",
        ])
    }
  }

  @Test func bytesAreNotCheckedWhenTheyAreTheUnit() throws {
    let all = Array(UInt8.min...UInt8.max)
    #expect(try SymbolReader.symbols(of: all, unit: .byte) == all.map { Symbol(byte: $0) })
  }

  @Test func whatStandsBeforeABadByteIsHandedOver() {
    var reader = SymbolReader(unit: .scalar, source: "s")
    var seen: [Symbol] = []
    #expect(throws: TextError.invalidUTF8(source: "s", line: 1, byte: 0xFF, offset: 2)) {
      for block in [utf8("ab"), [0xFF, 0x63]] {
        try block.withUnsafeBytes { bytes in
          try reader.read(bytes) { (symbol, _) throws(TextError) in seen.append(symbol) }
        }
      }
    }
    #expect(seen == [Symbol(scalar: "a"), Symbol(scalar: "b")])
  }

  @Test func lossyReadingReplacesBadBytes() throws {
    let symbols = try SymbolReader.symbols(of: [0x61, 0xFF, 0xE2, 0x82], unit: .scalar, isLossy: true)
    #expect(symbols.map(\.notation) == ["U+0061", "U+FFFD", "U+FFFD"])
  }

  @Test func aBlockLargerThanAPieceGivesTheSameSymbols() throws {
    let text = utf8(String(repeating: "0123456789é\n", count: 3000))
    let symbols = try SymbolReader.symbols(of: text, unit: .scalar)
    #expect(symbols.count == 12 * 3000)
    #expect(symbols.flatMap(\.utf8) == text)
  }
}
