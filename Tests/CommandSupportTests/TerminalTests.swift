// SPDX-License-Identifier: GPL-3.0-or-later

import CommandSupport
import Testing

struct TerminalTests {
  private func terminal(_ descriptor: Int32, _ environment: [String: String] = [:]) -> Terminal {
    Terminal(descriptor: descriptor, environment: { environment[$0] })
  }

  @Test func tellsATerminalFromAPipe() {
    let screen = PseudoTerminal(columns: 72)
    let pipe = Pipe()
    #expect(terminal(screen.terminal).isTerminal)
    #expect(terminal(screen.terminal).width == 72)
    #expect(!terminal(pipe.writing).isTerminal)
    #expect(terminal(pipe.writing).width == nil)
    #expect(!terminal(-1).isTerminal)
  }

  @Test func aTerminalThatDoesNotTellItsWidthHasNone() {
    let screen = PseudoTerminal(columns: 0)
    #expect(terminal(screen.terminal).width == nil)
  }

  @Test func colourIsForTerminalsThatShowIt() {
    let screen = PseudoTerminal(columns: 80)
    let pipe = Pipe()
    #expect(terminal(screen.terminal).showsColor(.auto))
    #expect(terminal(screen.terminal, ["TERM": "xterm", "NO_COLOR": ""]).showsColor(.auto))
    #expect(!terminal(screen.terminal, ["NO_COLOR": "1"]).showsColor(.auto))
    #expect(!terminal(screen.terminal, ["TERM": "dumb"]).showsColor(.auto))
    #expect(!terminal(pipe.writing).showsColor(.auto))
  }

  @Test func colourCanBeDecidedByHand() {
    let screen = PseudoTerminal(columns: 80)
    let pipe = Pipe()
    #expect(!terminal(screen.terminal).showsColor(.never))
    #expect(terminal(pipe.writing, ["NO_COLOR": "1", "TERM": "dumb"]).showsColor(.always))
  }

  @Test(arguments: [
    (["LC_ALL": "C.UTF-8"], true), (["LANG": "de_DE.utf8@euro"], true), (["LC_CTYPE": "en_US.UTF-8"], true),
    (["LC_ALL": "C", "LANG": "C.UTF-8"], false), (["LC_ALL": "", "LANG": "C.UTF-8"], true),
    (["LANG": "POSIX"], false), (["LANG": "de_DE.ISO-8859-1"], false), ([:], false), (["LANG": "@."], false),
  ])
  func theLocaleTellsWhetherTextIsUTF8(environment: [String: String], expected: Bool) {
    #expect(terminal(2, environment).showsUTF8 == expected)
  }
}
