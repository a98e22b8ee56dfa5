// SPDX-License-Identifier: GPL-3.0-or-later

import CommandSupport
import Testing

struct ControlEscaperTests {
  @Test func controlsBecomeVisible() {
    #expect(escapingControls("\u{1B}[2J\r\0\u{7F}") == "\\x1B[2J\\x0D\\x00\\x7F")
    #expect(escapingControls("a\u{85}b\u{9B}c") == "a\\u{85}b\\u{9B}c")
  }

  @Test func allOtherTextPasses() {
    let text = "tab\tnewline\n é U+00A0:\u{A0} \u{2028} 漢 🙂 \u{FFFD} e\u{301}"
    #expect(escapingControls(text) == text)
  }

  @Test func bytesThatAreNoCharactersBecomeVisible() {
    var escaper = ControlEscaper()
    let shown = escaper.escape([0x61, 0x9B, 0xFF, 0xC0, 0x62, 0xC2, 0x63]) + escaper.finish()
    #expect(String(decoding: shown, as: UTF8.self) == "a\\x9B\\xFF\\xC0b\\xC2c")
  }

  @Test func aControlInsideACutCharacterIsSeen() {
    var escaper = ControlEscaper()
    #expect(escaper.escape([0xE2, 0x1B]) == [0xE2] + Array("\\x1B".utf8))
  }

  @Test func aCharacterTooManyContinuationsIsSeen() {
    var escaper = ControlEscaper()
    #expect(escaper.escape([0xC3, 0xA9, 0x9B]) == [0xC3, 0xA9] + Array("\\x9B".utf8))
  }

  @Test func doesNotDependOnHowTheBytesArrive() {
    let bytes = Array("a\u{9B}é\u{1B}漢\u{80}🙂\u{A0}".utf8)
    var whole = ControlEscaper()
    let expected = whole.escape(bytes) + whole.finish()
    for size in 1...5 {
      var escaper = ControlEscaper()
      var shown: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        shown += escaper.escape(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(shown + escaper.finish() == expected, "in pieces of \(size)")
    }
  }

  @Test func whatIsHeldBackComesOutAtTheEnd() {
    var escaper = ControlEscaper()
    #expect(escaper.escape([0xC2]) == [])
    #expect(escaper.finish() == Array("\\xC2".utf8))
    #expect(escaper.finish() == [])
  }
}
