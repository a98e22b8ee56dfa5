// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import CharText

@Suite struct EscapesTests {
  private func decoded(_ text: String) throws -> String {
    String(decoding: try Escapes.decode(Array(text.utf8), source: "s"), as: UTF8.self)
  }

  @Test func eachEscapeIsWhatItStandsFor() throws {
    #expect(try decoded("a\\nb\\tc\\rd\\\\e") == "a\nb\tc\rd\\e")
    #expect(try decoded("\\u{41}\\u{e9}\\u{1F600}\\u{00000A}") == "Aé😀\n")
    #expect(try decoded("no escape, é") == "no escape, é")
    #expect(try decoded("\\\\n") == "\\n")
    #expect(try decoded("") == "")
  }

  @Test(arguments: [
    "\\q", "\\", "x\\", "\\u", "\\u{}", "\\u{D800}", "\\u{110000}", "\\u{+41}", "\\u{41", "\\u41",
    "\\u{000000041}",
    "\\N",
  ])
  func anythingElseAfterABackslashIsAnError(text: String) throws {
    let error = #expect(throws: EscapeError.self) {
      try Escapes.decode(Array("ab\(text)".utf8), source: "stdin", line: 7)
    }
    #expect(error?.place == "stdin:7")
    #expect(error?.offset == (text == "x\\" ? 3 : 2))
  }

  @Test func bytesOutsideEscapesAreLeftAsTheyAre() throws {
    #expect(try Escapes.decode([0xFF, 0x5C, 0x6E, 0x00], source: "s") == [0xFF, 0x0A, 0x00])
  }

  @Test func aFieldHoldsNoTabOrNewlineAndReadsBackTheSame() throws {
    let text = Array("a\tb\nc\rd\\e\\n é\u{0}".utf8)
    let field = Escapes.encode(text)
    #expect(!field.contains(0x09) && !field.contains(0x0A) && !field.contains(0x0D))
    #expect(try Escapes.decode(field, source: "s") == text)
  }
}
