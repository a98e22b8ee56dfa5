// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// Trains at a terminal that shows standard error, and gives what it has shown.
private func shownByTraining(_ options: [String] = [], environment: [String: String] = [:]) throws -> String {
  let place = try Workplace(["a.txt": Prose.text(lines: 400)])
  var launch = try place.launch(
    "chartrain",
    ["--layers", "32", "--epochs", "2", "--display-length", "0", "-o", "m"] + options + ["a.txt"])
  launch.terminal = [.diagnostics]
  launch.environment = environment
  let outcome = try RunningProgram(launch).finish()
  outcome.done()
  return outcome.messages
}

@Test func aTerminalIsShownProgressInOneLine() throws {
  let shown = try shownByTraining(environment: ["TERM": "xterm"])
  #expect(shown.contains("\repoch 1/2"))
  #expect(shown.contains(" chars/s"))
  #expect(shown.contains(" left\u{1B}[K"))
  // The line is wiped before a report takes its place.
  #expect(shown.contains("\r\u{1B}[Kepoch 1/2  train"))
}

@Test func progressIsShownOnlyWhereItIsWantedAndCanBeErased() throws {
  #expect(try shownByTraining(["--quiet"], environment: ["TERM": "xterm"]) == "")
  let dumb = try shownByTraining(environment: ["TERM": "dumb"])
  #expect(dumb.contains("epoch 2/2"))
  #expect(!dumb.contains("\r") && !dumb.contains("\u{1B}"))
  let place = try Workplace(["a.txt": Prose.text(lines: 50)])
  let piped = try place.run(
    "chartrain", "--layers", "8", "--epochs", "2", "-o", "m", "a.txt", environment: ["TERM": "xterm"])
  piped.done()
  #expect(!piped.messages.contains("\r") && !piped.messages.contains("\u{1B}"))
}

@Test func controlCharactersAreEscapedOnATerminalAndRawInAPipe() throws {
  let place = try Workplace(["a.txt": String(repeating: "\u{1B}[31mred\u{1B}[0m\u{7}\n", count: 100)])
  try place.shell("chartrain -q --layers 32 --epochs 40 --batch-size 4 -o m a.txt").done()
  let arguments = ["-m", "m", "--seed", "1", "-n", "100", "--prompt", "\u{1B}[31m"]
  let raw = try RunningProgram(try place.launch("charsample", arguments)).finish().done()
  #expect(raw.hasPrefix("\u{1B}[31mred"))
  var launch = try place.launch("charsample", arguments)
  launch.terminal = [.output]
  let shown = try RunningProgram(launch).finish().done()
  #expect(shown == raw.replacing("\u{1B}", with: "\\x1B").replacing("\u{7}", with: "\\x07"))
}

@Test func controlCharactersInMessagesAreEscapedOnATerminal() throws {
  let place = try Workplace()
  var launch = try place.launch("chartok", ["evil\u{1B}[2J.txt"])
  launch.terminal = [.diagnostics]
  let outcome = try RunningProgram(launch).finish()
  #expect(outcome.ending == .status(66))
  #expect(outcome.messages.hasPrefix("chartok: evil\\x1B[2J.txt: "))
}

@Test(arguments: [
  ["chartrain", "a.txt"], ["chartrain", "-o", "-", "a.txt"], ["chartok", "encode", "-c", "charset", "a.txt"],
])
func binaryOutputIsNotPutOnATerminal(command: [String]) throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20)])
  try place.run("chartok", "-o", "charset", "a.txt").done()
  var launch = try place.launch(command[0], Array(command.dropFirst()))
  launch.terminal = [.output]
  let outcome = try RunningProgram(launch).finish()
  outcome.failed(64, "\(command[0]): ", "-o")
  #expect(outcome.output.isEmpty)
}
