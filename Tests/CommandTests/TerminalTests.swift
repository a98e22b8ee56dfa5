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

/// A window's title, a colour, a bell, a return, DEL, and a colour begun by one character.
private let hostile = "\u{1B}]0;owned\u{7}\u{1B}[31m\r\u{7F}\u{9B}31m"

/// `Tests/Hard/terminals.py` tries every program and option.
@Test(arguments: [
  ["chartok", hostile + "none"], ["chartok", "--" + hostile], ["chartok", "check", "-c", "charset", "a.txt"],
  ["chartok", "build", "a.txt"], ["chartrain", "--layers", hostile],
  ["chartrain", "-c", "charset", "-o", "n", "a.txt"],
  ["charsample", "--list-models"], ["charsample", "-m", "none" + hostile],
  ["charsample", "-m", hostile, "--json", "--prompt", hostile, "-n", "9"],
  ["charsample", "-m", "m", "--scores", "--seed", "1", "--prompt", hostile, "-n", "40"],
  ["charscore", "-m", "m", "--json", "a.txt"], ["charscore", "-m", "m", "--per-character", "a.txt"],
  ["charscore", "-m", "m", "--lint", "--threshold", "0.1", "a.txt"],
  ["charmodel", "info", "m"], ["charmodel", "info", "--json", "m"], ["charmodel", "info", "--charset", "m"],
  ["charmodel", "verify", hostile],
])
func noControlCharacterReachesATerminal(command: [String]) throws {
  let place = try Workplace(["a.txt": String(repeating: hostile + "a\n", count: 20), "b.txt": "abc\n"])
  try place.run("chartok", "-o", "charset", "b.txt").done()
  try place.run("chartrain", "-q", "--epochs", "0", "--layers", "2", "-o", "m", "a.txt").done()
  try place.write(hostile + ".safetensors", place.read("m"))
  var launch = try place.launch(command[0], Array(command.dropFirst()))
  launch.environment = ["TERM": "dumb", "CHARTOOLS_MODELS": place.folder]
  launch.terminal = [.output, .diagnostics]
  let outcome = try RunningProgram(launch).finish()
  let shown = outcome.text + outcome.messages
  // Something of it is told, in characters that do nothing.
  #expect(shown.contains("1B") || shown.contains("u001b"))
  #expect(
    !shown.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t" })
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
