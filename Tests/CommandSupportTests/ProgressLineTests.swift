// SPDX-License-Identifier: GPL-3.0-or-later

import CommandSupport
import Testing

struct ProgressLineTests {
  /// A clock that stands still until a test moves it.
  private final class Clock {
    var now = 100.0
  }

  private let screen = PseudoTerminal(columns: 20)
  private let clock = Clock()

  private func line(quiet: Bool = false, term: String = "xterm") -> ProgressLine {
    let terminal = Terminal(descriptor: screen.terminal, environment: { $0 == "TERM" ? term : nil })
    return ProgressLine(quiet: quiet, terminal: terminal, clock: { [clock] in clock.now })
  }

  @Test func isRewrittenInPlace() {
    let line = line()
    line.update("one")
    clock.now += 0.2
    line.update("two")
    withExtendedLifetime(line) { #expect(screen.shown() == "\rone\u{1B}[K\rtwo\u{1B}[K") }
  }

  @Test func isUpdatedNoMoreThanTenTimesASecond() {
    let line = line()
    var computed = 0
    func text() -> String {
      computed += 1
      return "text"
    }
    for _ in 0..<1_000 {
      line.update(text())
      clock.now += 0.001
    }
    #expect((9...10).contains(computed))
  }

  @Test func isCutToTheTerminal() {
    line().update(String(repeating: "é", count: 50))
    #expect(screen.shown().hasPrefix("\r" + String(repeating: "é", count: 19) + "\u{1B}[K"))
  }

  @Test func staysOneLineWhateverItSays() {
    line().update("a\nb\tc\rd")
    #expect(screen.shown().hasPrefix("\ra b c\\x0Dd\u{1B}[K"))
  }

  @Test func isWipedWhenCleared() {
    let line = line()
    line.clear()
    #expect(screen.shown() == "")
    line.update("text")
    _ = screen.shown()
    line.clear()
    #expect(screen.shown() == "\r\u{1B}[K")
    line.clear()
    #expect(screen.shown() == "")
  }

  @Test func isWipedWhenItGoesAway() {
    do {
      let line = line()
      line.update("text")
      _ = screen.shown()
    }
    #expect(screen.shown() == "\r\u{1B}[K")
  }

  @Test func isWipedBeforeAMessage() {
    let line = line()
    line.update("50 %")
    _ = screen.shown()
    Messages(program: "chartrain", progress: line, descriptor: screen.terminal).warn("beware")
    #expect(screen.shown() == "\r\u{1B}[Kchartrain: beware\n")
  }

  @Test func showsNothingWhereItIsNotWanted() {
    let pipe = Pipe()
    let elsewhere = ProgressLine(terminal: Terminal(descriptor: pipe.writing, environment: { _ in "xterm" }))
    for line in [line(quiet: true), line(term: "dumb"), elsewhere] {
      line.update("text")
      line.clear()
      #expect(!line.isShown)
    }
    #expect(screen.shown() == "")
    #expect(pipe.received() == "")
    #expect(line().isShown)
  }
}
