// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

@Suite struct CharsetErrorTests {
  @Test func thePlaceIsFileAndLineAsFarAsTheyAreKnown() {
    #expect(CharsetError(.empty, source: "c", line: 3).place == "c:3")
    #expect(CharsetError(.empty, source: "c").place == "c")
    #expect(CharsetError(.empty, line: 3).place == "line 3")
    #expect(CharsetError(.empty).place == nil)
  }

  @Test func theReasonSaysWhatToDo() {
    let (small, great) = (Symbol(scalar: "A"), Symbol(scalar: "B"))
    #expect(CharsetError(.duplicate(small)).reason == "U+0041 is listed twice; delete one of the lines")
    #expect(CharsetError(.order(small, after: great)).reason.contains("U+0041 stands after U+0042"))
    #expect(CharsetError(.order(small, after: great)).reason.contains("move the line"))
    #expect(CharsetError(.notation("0x41", .scalar)).reason == "\"0x41\" is not a scalar; expected U+0041")
    #expect(CharsetError(.tooManySymbols(limit: 9)).reason.contains("--max-size"))
    #expect(CharsetError(.tooLarge(limit: 16 << 20)).reason.contains("16 MB"))
  }
}
