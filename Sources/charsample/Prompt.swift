// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CommandSupport
import FileSupport
import LineEditing

/// A session at a terminal, or one whose lines come from anywhere else.
struct Prompt {
  var model: LoadedModels
  var settings: PromptSettings
  var kernels: Kernels
  var color: ColorChoice
  var echo: Bool
  /// Whether nothing is said but what was asked for.
  var isQuiet: Bool

  /// Takes lines until there are no more, or `:quit`.
  ///
  /// - Throws: `FileError` of reading lines or of writing what came of them.
  func run() throws {
    let terminals = (0...2).map { Terminal(descriptor: $0) }
    let isTyped = terminals[0].isTerminal
    // Where the prompt is: with the text, or, when that goes elsewhere, on standard error.
    let place: Int32? = !isTyped ? nil : terminals[1].isTerminal ? 1 : terminals[2].isTerminal ? 2 : nil
    // Without a terminal to type at, Ctrl-C is meant for the program.
    if isTyped { Signals.catchInterrupts() }

    let text = OutputWriter(
      descriptor: 1, name: "stdout", buffering: terminals[1].isTerminal ? .none : .blocks)
    let answers = OutputWriter(descriptor: place ?? 2, name: place == 1 ? "stdout" : "stderr")
    let answering = terminals[Int(place ?? 2)]
    let knowsEscapes = answering.understandsEscapes && Terminal.processEnvironment("TERM") != nil
    let style = PromptScreen.Style(
      isShared: place == 1, escapesText: terminals[1].isTerminal, escapesAnswers: answering.isTerminal,
      canErase: knowsEscapes, showsColor: answering.showsColor(color), echo: echo,
      width: answering.width ?? 80)
    let screen = PromptScreen(
      style: style,
      text: { try text.write($0) },
      answers: { bytes in
        try text.flush()
        try answers.write(bytes)
        try answers.flush()
      },
      flushText: { try text.flush() })
    let session = PromptSession(
      model: PromptModel(model), settings: settings, screen: screen,
      surroundings: .init(
        load: load, models: { ModelPath().list() }, isInterrupted: { Signals.pending != nil },
        home: Terminal.processEnvironment("HOME")))
    let completer = PromptCompleter(session)
    let editor = LineEditor(
      name: "charsample",
      style: place.map { .edited(shownOn: $0, escapes: knowsEscapes) } ?? .plain(promptOn: nil),
      isInterrupted: { Signals.pending != nil },
      completer: { completer.complete($0, point: $1, presses: $2) })
    do {
      try converse(session, editor, isTyped: place != nil)
    } catch let failure as ScreenFailure {
      throw failure.cause
    }
    try text.flush()
  }

  private func load(_ name: String) throws -> PromptModel {
    guard let choice = ModelChoice(argument: name), choice.model != "-" else {
      throw PromptComplaint("'\(name)' names no model")
    }
    return PromptModel(try LoadedModels([choice], kernels: kernels))
  }

  private func converse(_ session: PromptSession, _ editor: LineEditor, isTyped: Bool) throws {
    let history =
      isTyped
      ? LineHistory(
        folder: "chartools", name: "charsample_history", environment: Terminal.processEnvironment) : nil
    history?.lines().forEach(editor.remember)
    var last: [UInt8]?
    if isTyped && !isQuiet {
      try session.screen.say(
        "\(model.name): \(model.facts)\nType a beginning. :help lists commands, Ctrl-D leaves.")
    }
    while true {
      switch try editor.next(linePrompt(session)) {
      case .line(let line):
        if session.game == nil, !line.isEmpty, line != last {
          editor.remember(line)
          history?.append(line)
          last = line
        }
        let course = try session.take(line, isOpen: editor.leavesLineOpen)
        // An interruption has stopped the writing, and that was all it was meant for.
        _ = Signals.takeInterrupt()
        if course == .ends || Signals.pending != nil { return }
      case .interrupted:
        guard Signals.takeInterrupt() else { return }
      case .end:
        if isTyped { try session.screen.leavePrompt() }
        guard session.game != nil else { return }
        try session.endGame()
        if !isTyped { return }
      }
    }
  }

  /// What is typed stands out from what is written.
  private func linePrompt(_ session: PromptSession) -> LinePrompt {
    let isColored = session.screen.style.showsColor
    return LinePrompt(
      session.prompt, before: isColored ? "\u{1B}[0;2m" : "", after: isColored ? "\u{1B}[0;1m" : "")
  }
}
