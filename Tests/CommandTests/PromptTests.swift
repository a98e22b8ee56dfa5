// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// A session of charsample at a terminal.
private final class Session {
  private let program: RunningProgram
  private var seen = 0

  init(
    _ place: Workplace, _ arguments: [String] = [],
    terminal: Set<Launch.Stream> = [.input, .output, .diagnostics],
    environment: [String: String] = [:]
  ) throws {
    var launch = try place.launch("charsample", ["-m", "m", "--seed", "1"] + arguments)
    launch.terminal = terminal
    launch.terminalEchoes = true
    launch.environment = ["TERM": "xterm", "NO_COLOR": "1", "HOME": place.folder]
      .merging(environment) { $1 }
    program = try RunningProgram(launch, timeLimit: 30)
  }

  /// What is on the terminal by now.
  var screen: String { String(decoding: program.output, as: UTF8.self) }

  /// Waits until the terminal shows `text` behind what was waited for before; gives what it has shown until then.
  @discardableResult
  func see(_ text: String) throws -> String {
    let sought = Array(text.utf8)
    var end: Int?
    try program.wait(for: text) {
      let output = program.output
      guard output.count >= seen + sought.count else { return false }
      end = (seen...(output.count - sought.count)).first {
        output[$0..<$0 + sought.count].elementsEqual(sought)
      }
      return end != nil
    }
    let shown = program.output[seen..<((end ?? seen) + sought.count)]
    seen += shown.count
    return String(decoding: shown, as: UTF8.self)
  }

  /// Presses keys.
  func press(_ keys: String) { program.type(keys) }

  /// Waits for more than `count` bytes behind what was waited for before.
  func wait(forBytes count: Int) throws {
    try program.wait(for: "\(count) bytes") { program.output.count > seen + count }
  }

  func finish() throws -> Outcome { try program.finish() }

  /// Leaves from the next prompt, which has to end well.
  @discardableResult
  func leave() throws -> String {
    // A key that comes before the prompt is not the prompt's.
    try see("> ")
    press(Key.end)
    return try finish().done()
  }
}

private enum Key {
  static let enter = "\r"
  static let interrupt = "\u{3}"
  static let end = "\u{4}"
  static let up = "\u{1B}[A"
  static func paste(_ text: String) -> String { "\u{1B}[200~\(text)\u{1B}[201~" }
}

@Suite struct PromptTests {
  @Test func aSessionIsWhatWasTypedAndWhatTheFilterWouldWrite() throws {
    let place = try Workplace.withModel()
    let expected = try place.run("charsample", "-m", "m", "--seed", "1", "-n", "50", "--prompt", "The king")
      .done()
    let session = try Session(place, ["-n", "50"])
    try session.see("m 0.75> ")
    session.press("The king" + Key.enter)
    // The text goes on behind the seed, and the next prompt begins a line.
    let shown = try session.see("m 0.75> ").replacing(/\u{1B}\[\?2004[hl]/, with: "")
    #expect(shown == expected + "m 0.75> ")
    session.press(":transcript all" + Key.enter)
    try session.see("m 0.75> ")
    session.press(":seed 1" + Key.enter)
    try session.see("m 0.75> ")
    session.press("The king" + Key.enter)
    try session.see("m 0.75> ")
    session.press(":temperature 0" + Key.enter)
    try session.see("m 0> ")
    session.press(":quit" + Key.enter)
    #expect(try session.finish().ending == .status(0))
    #expect(
      try place.text("all")
        == "all that is shown is added to all\nm 0.75> :seed 1\nm 0.75> \(expected)"
        + "m 0.75> :temperature 0\nm 0> :quit\n")
  }

  @Test func tabCompletesAWordAndThenListsOthers() throws {
    let place = try Workplace.withModel()
    let session = try Session(place, ["-n", "0"])
    try session.see("m 0.75> ")
    session.press("Th\t")
    try session.see("Th")
    session.press("\t")
    try session.see("%")
    session.press(Key.enter)
    try session.see("m 0.75> ")
    // A name is completed as far as it is certain.
    session.press(":tr\t")
    try session.see(":transcript ")
    session.press("a\t" + Key.enter)
    try session.see("added to a")
    try session.leave()
  }

  @Test func controlCClearsTheLineOrStopsTheWritingAndControlDLeaves() throws {
    let place = try Workplace.withModel()
    let session = try Session(place)
    try session.see("m 0.75> ")
    session.press("half a line")
    try session.see("half a line")
    session.press(Key.interrupt)
    try session.see("m 0.75> ")
    session.press(":length inf" + Key.enter)
    try session.see("m 0.75> ")
    session.press("The" + Key.enter)
    try session.wait(forBytes: 3000)
    session.press(Key.interrupt)
    try session.see("m 0.75> ")
    // The text is still there, and goes on.
    session.press(":length 5" + Key.enter)
    try session.see("m 0.75> ")
    session.press(":save text" + Key.enter)
    try session.see("text: ")
    let before = try place.text("text")
    #expect(before.hasPrefix("The") && before.count > 2000)
    try session.see("m 0.75> ")
    session.press(Key.enter)
    try session.see("m 0.75> ")
    session.press(":save more" + Key.enter)
    try session.see("more: ")
    let after = try place.text("more")
    #expect(after.count >= before.count + 4)
    #expect(after.hasPrefix(before.dropLast()))
    #expect(try session.leave().hasSuffix("\n"))
  }

  @Test func aPastedSeedMayHaveSeveralLines() throws {
    let place = try Workplace.withModel()
    let session = try Session(place, ["-n", "3"])
    try session.see("m 0.75> ")
    session.press(Key.paste("one\rtwo"))
    try session.see("two")
    session.press(Key.enter)
    try session.see("m 0.75> ")
    session.press(":save text" + Key.enter)
    try session.see("text: ")
    #expect(try place.text("text").hasPrefix("one\ntwo"))
    try session.leave()
  }

  @Test func theLinesOfASessionComeBackInTheNext() throws {
    let place = try Workplace.withModel()
    for line in ["The först", Key.paste("two\rlines") + "!"] {
      let session = try Session(place, ["-n", "0"])
      try session.see("m 0.75> ")
      session.press(line + Key.enter)
      try session.leave()
    }
    let session = try Session(place, ["-n", "0"])
    try session.see("m 0.75> ")
    session.press(Key.up)
    try session.see("lines!")
    session.press(Key.up)
    try session.see("The först")
    session.press(Key.enter)
    try session.leave()
    #expect(
      try place.text(".local/state/chartools/charsample_history") == "The först\ntwo\\nlines!\nThe först\n")
  }

  @Test func withoutAHomeOrALocaleLettersAreStillLetters() throws {
    let place = try Workplace.withModel()
    for locale in [[:], ["LC_ALL": "C"], ["LANG": "POSIX"]] {
      let session = try Session(place, ["-n", "0"], environment: ["HOME": ""].merging(locale) { $1 })
      try session.see("m 0.75> ")
      // One rubout takes the whole letter.
      session.press("aö\u{7F}b" + Key.enter)
      try session.see("m 0.75> ")
      session.press(":save text" + Key.enter)
      try session.leave()
      #expect(try place.text("text") == "ab\n")
      try FileManager.default.removeItem(atPath: place.folder + "/text")
    }
    #expect(try place.names() == ["m"])
  }

  @Test func redirectedTextIsFreeOfEverythingElse() throws {
    let place = try Workplace.withModel()
    let expected = try place.run("charsample", "-m", "m", "--seed", "1", "-n", "50", "--prompt", "The king")
      .done()
    var launch = try place.launch("charsample", ["-m", "m", "--seed", "1", "-n", "50"])
    launch.terminal = [.input, .diagnostics]
    launch.terminalEchoes = true
    launch.environment = ["TERM": "xterm", "NO_COLOR": "1"]
    let program = try RunningProgram(launch, timeLimit: 30)
    try program.wait(for: "the prompt") { program.messages.contains("> ") }
    program.type("The king" + Key.enter)
    try program.wait(for: "the next prompt") {
      program.messages.contains("The king") && program.output.count > 50
    }
    program.type(":show" + Key.enter)
    try program.wait(for: "an answer and the prompt") {
      program.messages.contains("temperature ") && program.messages.hasSuffix("m 0.75> ")
    }
    program.type(Key.end)
    #expect(try program.finish().done() == expected)
  }

  @Test func aScriptOfLinesNeedsNoTerminal() throws {
    let place = try Workplace.withModel(["a.txt": Prose.text(lines: 20)])
    let expected = try place.run("charsample", "-m", "m", "--seed", "1", "-n", "50", "--prompt", "The king")
      .done()
    let outcome = try place.run(
      "charsample", "-m", "m", "--seed", "1", "-n", "50", "-i",
      input: "The king\n:score abc\n:nonsense\n:guess a.txt\nabc\n:tell\n")
    #expect(outcome.done() == expected)
    #expect(!outcome.messages.contains("\u{1B}"))
    for words in ["bits per character, 3 characters", "no command ':nonsense'", "not comparable"] {
      #expect(outcome.messages.contains(words))
    }
    #expect(try place.names() == ["a.txt", "m"])
  }

  @Test func aDumbTerminalIsShownNoEscapes() throws {
    let place = try Workplace.withModel()
    let session = try Session(place, ["-n", "20"], environment: ["TERM": "dumb"])
    try session.see("m 0.75> ")
    session.press("The king" + Key.enter)
    try session.see("m 0.75> ")
    session.press(Key.enter)
    try session.see("m 0.75> ")
    session.press(":score abc" + Key.enter)
    try session.see("bits per character")
    #expect(try !session.leave().contains("\u{1B}"))
  }

  @Test func coloursCanBeHadAndRefused() throws {
    let place = try Workplace.withModel()
    for (arguments, isColored) in [
      (["--color", "always"], true), (["--color", "never"], false), ([], false),
    ] {
      let session = try Session(place, ["-n", "5"] + arguments)
      try session.see("> ")
      session.press(":score xyz" + Key.enter)
      try session.see("bits per character")
      #expect(try session.leave().contains("\u{1B}[48;5;") == isColored)
    }
  }

  @Test func aTerminationSignalEndsASessionByThatSignal() throws {
    let place = try Workplace.withModel()
    var launch = try place.launch("charsample", ["-m", "m"])
    launch.terminal = [.input, .output, .diagnostics]
    launch.environment = ["TERM": "xterm"]
    let program = try RunningProgram(launch)
    try program.wait(for: "the prompt") { String(decoding: program.output, as: UTF8.self).contains("> ") }
    program.send(SIGTERM)
    #expect(try program.finish().ending == .signal(SIGTERM))
  }

  @Test func thePromptOpensOnlyForTextFromATerminal() throws {
    let place = try Workplace.withModel()
    for arguments in [["--prompt", "x"], ["--list-models"]] {
      let session = try Session(place, arguments + ["-n", "5"])
      #expect(try !session.finish().text.contains("> "))
    }
    try place.run("charsample", "-m", "m", "-i", "--json").failed(64, "charsample: ", "--interactive")
    try place.run("charsample", "-m", "m", "-i", "--prompt", "x").failed(64, "charsample: ", "--interactive")
    try place.run("charsample", "-m", "missing", "-i").failed(66, "charsample: missing: ")
  }
}
