// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

@Suite struct TextErrorTests {
  @Test func aBadByteIsNamedWithLineAndOffset() {
    let error = TextError.invalidUTF8(source: "corpus.txt", line: 812, byte: 0xE9, offset: 40_213)
    #expect(error.place == "corpus.txt:812")
    #expect(error.reason == "invalid UTF-8 byte 0xE9 at offset 40213")
    #expect(error.kind == .badData)
  }

  @Test func anUncoveredCharacterIsNamedWithItsColumn() {
    let error = TextError.notInCharset(
      source: "a.txt", line: 2, column: 5, symbol: Symbol(scalar: "\u{2014}"))
    #expect(error.place == "a.txt:2:5")
    #expect(error.reason == "U+2014 '\u{2014}' is not in the charset")
  }

  @Test func tooManyCharactersComeWithAHint() {
    let error = TextError.tooManySymbols(count: 70_000, limit: 65_535)
    #expect(error.place == nil)
    #expect(error.reason.contains("--max-size"))
    #expect(TextError.empty(source: "e").reason == "empty text: no characters to make a charset of")
  }

  @Test func onlyALackOfMemoryIsNotTheTextsFault() {
    #expect(TextError.outOfMemory(byteCount: 1).kind == .io)
    #expect(TextError.oddByteCount(source: "i", byteCount: 3).kind == .badData)
    #expect(TextError.idOutOfRange(source: "i", offset: 4, id: 9, count: 5).place == "i")
  }
}
