// SPDX-License-Identifier: GPL-3.0-or-later

import CommandSupport
import Testing

struct MessagesTests {
  @Test func nameProgramPlaceAndReason() {
    let pipe = Pipe()
    let messages = Messages(program: "chartok", descriptor: pipe.writing)
    messages.warn("invalid UTF-8 byte 0xE9", place: "corpus.txt:812")
    messages.warn("nothing to do")
    messages.print("step\tloss")
    #expect(
      pipe.received()
        == "chartok: corpus.txt:812: invalid UTF-8 byte 0xE9\nchartok: nothing to do\nstep\tloss\n")
  }

  @Test func controlsAreEscapedOnATerminalOnly() {
    let pipe = Pipe()
    let screen = PseudoTerminal(columns: 80)
    Messages(program: "p", descriptor: pipe.writing).warn("\u{1B}[2J")
    Messages(program: "p", descriptor: screen.terminal).warn("\u{1B}[2J\ta\n")
    #expect(pipe.received() == "p: \u{1B}[2J\n")
    #expect(screen.shown() == "p: \\x1B[2J\ta\n")
  }

  @Test func aMessageNobodyReadsIsNoError() {
    let pipe = Pipe()
    pipe.closeReading()
    Messages(program: "p", descriptor: pipe.writing).warn("lost")
    Messages(program: "p", descriptor: -1).warn("lost")
    #expect(pipe.received() == "")
  }
}
