// SPDX-License-Identifier: GPL-3.0-or-later

/// What can be typed at the prompt behind a colon.
enum PromptCommand: String, CaseIterable, Sendable {
  case again, alternatives, guess, help, length, model, models, more, quit, save, score, seed, set, show
  case temperature, transcript, undo

  /// What it takes, as the help shows it.
  var argument: String {
    switch self {
    case .again, .help, .models, .quit, .show, .undo: ""
    case .alternatives, .more: "[n]"
    case .guess, .transcript: "[file]"
    case .length, .seed: "n"
    case .model: "name"
    case .save: "file"
    case .score: "[text]"
    case .set: "[option value]"
    case .temperature: "t"
    }
  }

  /// What it does, in one line.
  var help: String {
    switch self {
    case .again: "write the last piece once more, otherwise"
    case .alternatives: "what else could have come at the last n places"
    case .guess: "guess text yourself: Shannon's experiment"
    case .help: "this list"
    case .length: "characters of a text; inf for no end, until Ctrl-C"
    case .model: "write with another model: a name or a file"
    case .models: "list the models that can be given by name"
    case .more: "go on with the text; so does an empty line"
    case .quit: "leave; so does Ctrl-D"
    case .save: "write the text into a new file"
    case .score: "what each character costs in bits; else the last text"
    case .seed: "begin the random numbers here: the same texts again"
    case .set: "change an option; without one, list them all"
    case .show: "the model and the options"
    case .temperature: "how freely to choose; 0 always takes the likeliest"
    case .transcript: "append all that is shown to a file; without one, stop"
    case .undo: "take the last piece back"
    }
  }

  /// Whether its argument is the name of a file.
  var takesFile: Bool { [.guess, .save, .transcript, .model].contains(self) }

  /// A typed line: a command with its argument.
  struct Line: Equatable {
    let command: PromptCommand
    /// Without space around it.
    let argument: String
    /// All behind the first space.
    let text: String
  }

  /// Reads a line that begins with a colon.
  static func parse(_ line: String) throws(PromptComplaint) -> Line {
    let typed = line.dropFirst()
    let word = typed.prefix { !$0.isWhitespace }
    let text = String(typed[word.endIndex...].dropFirst())
    let command = try named(String(word))
    return Line(command: command, argument: text.trimmingSpace, text: text)
  }

  /// The command of that name, or the one whose name begins so.
  static func named(_ name: String) throws(PromptComplaint) -> PromptCommand {
    if let exact = PromptCommand(rawValue: name) { return exact }
    let found = allCases.filter { $0.rawValue.hasPrefix(name) }
    if found.count == 1 { return found[0] }
    if found.isEmpty || name.isEmpty {
      let shown = name.count > 24 ? name.prefix(23) + "…" : name
      throw PromptComplaint("no command ':\(shown)'; :help lists them, and :: begins a text with a colon")
    }
    throw PromptComplaint("':\(name)' can be " + found.map { ":" + $0.rawValue }.joined(separator: ", "))
  }
}

extension String {
  /// Without space at either end.
  var trimmingSpace: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
