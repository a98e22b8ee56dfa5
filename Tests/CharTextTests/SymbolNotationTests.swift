// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct SymbolNotationTests {
  @Test func notationsListCodePointsInHexadecimal() {
    #expect(Symbol(scalar: "A").notation == "U+0041")
    #expect(Symbol(scalar: 0x1F600).notation == "U+1F600")
    #expect(Symbol(scalars: [0x65, 0x301]).notation == "U+0065+0301")
    #expect(Symbol(byte: 0x0A).notation == "0x0A")
  }

  @Test func everyNotationIsReadBack() throws {
    let symbols = [Symbol(scalar: 0), Symbol(scalar: 0x10_FFFF), Symbol(scalar: "é")]
    for symbol in symbols {
      #expect(try Symbol(notation: symbol.notation, unit: .scalar) == symbol)
      #expect(try Symbol(notation: symbol.notation, unit: .grapheme) == symbol)
    }
    for byte in UInt8.min...UInt8.max {
      #expect(try Symbol(notation: Symbol(byte: byte).notation, unit: .byte) == Symbol(byte: byte))
    }
    let cluster = Symbol(scalars: [0x1F469, 0x200D, 0x1F680])
    #expect(try Symbol(notation: cluster.notation, unit: .grapheme) == cluster)
  }

  @Test(arguments: [
    ("41", TextUnit.scalar), ("U+", .scalar), ("U+-41", .scalar), ("U+0041+0301", .scalar),
    ("U+0041+", .grapheme),
    ("0x41", .scalar), ("U+0041", .byte), ("0x", .byte), ("0x100", .byte), ("0x+1", .byte), ("", .scalar),
    ("U+000000041", .scalar), ("U+ＡＢ", .scalar), ("U+00G1", .scalar),
  ])
  func otherNotationsAreRefused(notation: String, unit: TextUnit) {
    #expect(throws: CharsetError.Problem.notation(notation, unit)) {
      try Symbol(notation: notation, unit: unit)
    }
  }

  @Test func whatIsNoCharacterIsRefused() {
    #expect(throws: CharsetError.Problem.surrogate(0xD800)) { try Symbol(notation: "U+D800", unit: .scalar) }
    #expect(throws: CharsetError.Problem.beyondUnicode(0x11_0000)) {
      try Symbol(notation: "U+110000", unit: .scalar)
    }
    let long = "U+0061" + String(repeating: "+0301", count: 64)
    #expect(throws: CharsetError.Problem.clusterTooLong(65)) { try Symbol(notation: long, unit: .grapheme) }
  }

  @Test(
    arguments: [
      ([0x41], "A"), ([0x20AC], "€"), ([0x1F600], "😀"), ([0xFFFD], "\u{FFFD}"),
      ([0x0A], "\\n"), ([0x09], "\\t"), ([0x0D], "\\r"), ([0x5C], "\\\\"), ([0x20], "\\u{20}"),
      ([0], "\\u{0}"),
      ([0x7F], "\\u{7F}"), ([0x85], "\\u{85}"), ([0xA0], "\\u{A0}"), ([0x301], "\\u{301}"),
      ([0x2028], "\\u{2028}"),
      ([0x202E], "\\u{202E}"), ([0xFEFF], "\\u{FEFF}"), ([0xE000], "\\u{E000}"), ([0x10_FFFF], "\\u{10FFFF}"),
      ([0x65, 0x301], "e\u{301}"), ([0x20, 0x301], "\\u{20}\\u{301}"), ([0x0D, 0x0A], "\\r\\n"),
      ([0x1F469, 0x200D, 0x1F680], "\u{1F469}\u{200D}\u{1F680}"), ([0x61, 0x202E], "a\\u{202E}"),
    ] as [([UInt32], String)])
  func whateverDisturbsALineIsEscaped(scalars: [UInt32], display: String) {
    #expect(Array(Symbol(scalars: scalars).display.unicodeScalars) == Array(display.unicodeScalars))
  }

  @Test func bytesBeyondASCIIAreEscaped() {
    #expect(Symbol(byte: 0x41).display == "A")
    #expect(Symbol(byte: 0x0A).display == "\\n")
    #expect(Symbol(byte: 0x80).display == "\\x80")
    #expect(Symbol(byte: 0xFF).display == "\\xFF")
  }
}
