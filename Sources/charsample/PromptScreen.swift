// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport
import FileSupport

/// What people see of a session: text, what is said about it, and what they have typed.
///
/// Text goes to standard output and everything else to where the prompt is, so text can be redirected. At a terminal
/// both are the same place, and text goes on right behind the seed that was typed.
final class PromptScreen {
  /// Takes bytes to show at once.
  typealias Sink = ([UInt8]) throws -> Void

  /// How things are shown.
  struct Style {
    /// Whether text and answers appear in one place.
    var isShared = false
    /// Whether control characters in text are made visible.
    var escapesText = false
    /// Whether control characters in answers are made visible.
    var escapesAnswers = false
    /// Whether a line of the prompt can be erased.
    var canErase = false
    /// Whether there are colours.
    var showsColor = false
    /// Whether a seed is written before its continuation where it is not on the screen already.
    var echo = true
    /// Columns there are.
    var width = 80
  }

  /// What a typed line is followed by.
  enum Sequel {
    /// The text that begins with this.
    case textFromSeed([UInt8])
    /// More of the text there is.
    case moreText
    /// Answers.
    case answers
  }

  let style: Style
  private let textSink: Sink
  private let answerSink: Sink
  private let flushText: () throws -> Void
  private var escaper = ControlEscaper()
  private var textEndsLine = true
  private var transcript: AppendedFile?

  /// - Parameter flushText: sees to it that all text is where it shall be.
  init(
    style: Style, text: @escaping Sink, answers: @escaping Sink, flushText: @escaping () throws -> Void = {}
  ) {
    self.style = style
    self.flushText = flushText
    textSink = text
    answerSink = answers
  }

  /// Gets ready for what follows a line that was typed behind a prompt.
  ///
  /// - Parameter isOpen: whether the cursor still stands behind the line.
  func accept(_ line: [UInt8], prompt: String, isOpen: Bool, before sequel: Sequel) throws {
    let isInPlace = isOpen && style.isShared
    if isOpen { try show(colored("\u{1B}[0m"), answerSink) }
    switch sequel {
    case .textFromSeed(let seed):
      record(Array(prompt.utf8) + line)
      textEndsLine = false
      if isInPlace { return }
      if isOpen { try show(Self.newline, answerSink) }
      textEndsLine = !style.echo || seed.last ?? Self.newline[0] == Self.newline[0]
      if style.echo { try show(style.escapesText ? escaper.escape(seed) : seed, textSink) }
    case .moreText:
      // The line makes way, so that the text stands there as one piece.
      if isOpen { try show(isInPlace && style.canErase ? Self.erasure : Self.newline, answerSink) }
    case .answers:
      record(Array(prompt.utf8) + line + Self.newline)
      if isOpen { try show(Self.newline, answerSink) }
    }
  }

  /// Moves on to a new line after a prompt that was left.
  func leavePrompt() throws {
    try show(colored("\u{1B}[0m") + Self.newline, answerSink)
  }

  /// Shows once more the seed of a text that is written anew.
  func repeatSeed(_ seed: [UInt8]) throws {
    guard let last = seed.last, style.echo else { return }
    record(seed)
    textEndsLine = last == Self.newline[0]
    let shown = style.escapesText ? escaper.escape(seed) : seed
    try show(colored("\u{1B}[1m") + shown + colored("\u{1B}[0m"), textSink)
  }

  /// Writes more of a text.
  func write(_ bytes: [UInt8]) throws {
    guard let last = bytes.last else { return }
    record(bytes)
    textEndsLine = last == Self.newline[0]
    try show(style.escapesText ? escaper.escape(bytes) : bytes, textSink)
  }

  /// Ends a text: what comes next begins a line.
  func endText() throws {
    var rest = escaper.finish()
    if !textEndsLine {
      record(Self.newline)
      rest += Self.newline
    }
    textEndsLine = true
    try show(rest) {
      try textSink($0)
      try flushText()
    }
  }

  /// Says something in whole lines.
  func say(_ lines: String) throws {
    record(Array((lines + "\n").utf8))
    try show(Array(((style.escapesAnswers ? escapingControls(lines) : lines) + "\n").utf8), answerSink)
  }

  /// Says something that has colours in it and nothing else that a terminal could take for a control.
  func say(colored lines: String, plain: String) throws {
    guard style.showsColor else { return try say(plain) }
    record(Array((plain + "\n").utf8))
    try show(Array((lines + "\n").utf8), answerSink)
  }

  /// From now on all that is shown is appended to a file, too; nil ends that.
  ///
  /// - Throws: `FileError` of making the file, or of what was still to be written to the one before.
  func record(to path: String?) throws {
    let last = transcript
    transcript = nil
    try last?.writer.flush()
    transcript = try path.map { try AppendedFile(path: $0) }
  }

  /// Whether a transcript is written.
  var isRecording: Bool { transcript != nil }

  private static let newline = [UInt8(ascii: "\n")]
  private static let erasure = Array("\r\u{1B}[K".utf8)

  private func colored(_ escape: String) -> [UInt8] { style.showsColor ? Array(escape.utf8) : [] }

  private func show(_ bytes: [UInt8], _ sink: Sink) throws(ScreenFailure) {
    do {
      try sink(bytes)
    } catch {
      throw ScreenFailure(cause: error)
    }
  }

  private func record(_ bytes: [UInt8]) {
    guard let transcript else { return }
    do {
      try transcript.writer.write(bytes)
    } catch {
      // Told once; the session is worth more than its transcript.
      self.transcript = nil
      try? answerSink(Array("the transcript ends here: \(error.reason)\n".utf8))
    }
  }
}

/// The screen cannot be written to any more, which ends a session as nothing else does.
struct ScreenFailure: Error {
  /// What writing failed with.
  let cause: any Error
}
