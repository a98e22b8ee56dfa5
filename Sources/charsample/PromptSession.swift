// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import Sampling

/// A session at the prompt, without the terminal: lines go in, and what people see comes out on a screen.
final class PromptSession {
  /// What a session asks of the world around it.
  struct Surroundings {
    /// The model of a name or path.
    var load: (String) throws -> PromptModel
    /// The models that can be given by name.
    var models: () -> [ModelPath.Entry]
    /// Whether writing shall stop; asked after each character.
    var isInterrupted: () -> Bool
    /// The folder that `~` stands for.
    var home: String?
  }

  /// Whether a session goes on.
  enum Course {
    case goesOn, ends
  }

  private(set) var model: PromptModel
  var settings: PromptSettings {
    didSet { if settings.randomSeed != oldValue.randomSeed { pieces = Self.firstPiece } }
  }
  let screen: PromptScreen
  let surroundings: Surroundings
  private(set) var generator: TextGenerator
  private(set) var passage: Passage
  private var earlier: [Passage] = []
  /// How many pieces were written under this random seed: each has random numbers of its own.
  private(set) var pieces = firstPiece
  /// The game that is being played.
  var game: GuessingGame?

  /// The first piece has the random numbers of the first record of a filter.
  private static let firstPiece: UInt64 = 1
  /// Passages that `:undo` can go back to.
  private static let mostEarlier = 100

  init(model: PromptModel, settings: PromptSettings, screen: PromptScreen, surroundings: Surroundings) {
    self.model = model
    self.settings = settings
    self.screen = screen
    self.surroundings = surroundings
    generator = TextGenerator(model.mixture, repetitionWindow: settings.sampling.repetitionWindow)
    passage = Passage(beginning: generator.state)
  }

  /// What stands before the next line, ending in `> `.
  var prompt: String {
    if let game { return game.prompt(model.charset) }
    return "\(model.name) \(PromptSettings.shown(settings.sampling.temperature))> "
  }

  /// Takes a line.
  ///
  /// - Parameter isOpen: whether the cursor still stands behind it.
  /// - Throws: `ScreenFailure` alone; all else is said on the screen.
  func take(_ line: [UInt8], isOpen: Bool) throws(ScreenFailure) -> Course {
    do {
      if game != nil { return try takeGuess(line, isOpen: isOpen) }
      if line.isEmpty {
        try screen.accept(line, prompt: prompt, isOpen: isOpen, before: .moreText)
        try goOn(settings.length)
      } else if !Self.isCommand(line) {
        try begin(line, isOpen: isOpen)
      } else {
        try screen.accept(line, prompt: prompt, isOpen: isOpen, before: .answers)
        return try obey(PromptCommand.parse(String(decoding: line, as: UTF8.self)))
      }
    } catch {
      if let failure = error as? ScreenFailure { throw failure }
      try explain(error)
    }
    return .goesOn
  }

  /// Says what went wrong.
  func explain(_ error: any Error) throws(ScreenFailure) {
    let words =
      switch error {
      case let complaint as PromptComplaint: complaint.text
      case let error as FileError where error.operation == .exists:
        "\(error.path): already exists; give another name"
      case let error as any UserFacingError: (error.place.map { $0 + ": " } ?? "") + error.reason
      default: "\(error)"
      }
    do { try screen.say(words) } catch let failure as ScreenFailure { throw failure } catch {}
  }

  private func obey(_ line: PromptCommand.Line) throws -> Course {
    let argument = line.argument
    switch line.command {
    case .again: try writeAgain()
    case .alternatives: try showAlternatives(argument)
    case .guess: try beginGame(argument)
    case .help: try screen.say(Self.help)
    case .length, .seed, .temperature: try set(line.command.rawValue, argument)
    case .model: try changeModel(argument)
    case .models: try showModels()
    case .more: try goOn(argument.isEmpty ? settings.length : count(argument))
    case .quit: return .ends
    case .save: try save(argument)
    case .score: try score(line.text)
    case .set:
      let words = argument.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
      guard let name = words.first else { return try tell(settingLines) }
      try set(name, words.count > 1 ? words[1].trimmingSpace : "")
    case .show: try screen.say("\(model.name): \(model.facts)\n\(settingLines)")
    case .transcript: try changeTranscript(argument)
    case .undo: try undo()
    }
    return .goesOn
  }

  private func tell(_ lines: String) throws -> Course {
    try screen.say(lines)
    return .goesOn
  }

  // MARK: Text

  /// Whether a line is a command and not a seed.
  static func isCommand(_ line: [UInt8]) -> Bool {
    line.first == UInt8(ascii: ":") && !line.starts(with: "::".utf8)
  }

  /// The seed that was typed as a line.
  func seed(_ line: [UInt8]) throws -> (ids: [UInt16], warning: String?) {
    let text = line.first == UInt8(ascii: ":") ? Array(line.dropFirst()) : line
    return try encode(settings.hasEscapes ? Escapes.decode(text, source: "text") : text)
  }

  private func begin(_ line: [UInt8], isOpen: Bool) throws {
    let encoded: (ids: [UInt16], warning: String?)
    let rules: Rules
    do {
      encoded = try seed(line)
      rules = try makeRules(settings.length)
    } catch {
      try screen.accept(line, prompt: prompt, isOpen: isOpen, before: .answers)
      throw error
    }
    if let warning = encoded.warning {
      try screen.accept(line, prompt: prompt, isOpen: isOpen, before: .answers)
      try screen.say(warning)
      try screen.repeatSeed(bytes(encoded.ids))
    } else {
      try screen.accept(
        line, prompt: prompt, isOpen: isOpen, before: .textFromSeed(bytes(encoded.ids)))
    }
    remember()
    generator.begin()
    generator.read(encoded.ids)
    passage = Passage(seed: encoded.ids, state: generator.state)
    try write(rules)
  }

  private func goOn(_ length: Int?) throws {
    let rules = try makeRules(length)
    remember()
    if passage.hasEnded {
      generator.begin()
      passage = Passage(beginning: generator.state)
    }
    passage.beginPiece(at: generator.state)
    try write(rules)
  }

  private func writeAgain() throws {
    guard let again = passage.withoutLastPiece else { throw PromptComplaint("nothing was written yet") }
    let rules = try makeRules(passage.lengthAsked)
    remember()
    passage = again
    generator.state = passage.pieceState
    if passage.pieceStart == passage.seedCount { try screen.repeatSeed(bytes(passage.ids)) }
    try write(rules)
  }

  private func undo() throws {
    guard let last = earlier.popLast() else { throw PromptComplaint("nothing to undo") }
    passage = last
    generator.state = last.state
    let tail = last.ids.suffix(60).map { model.charset.display(of: $0) }.joined()
    try screen.say(
      last.ids.isEmpty ? "back where a text begins" : "back to: " + (last.ids.count > 60 ? "…" : "") + tail)
  }

  /// How a piece is written.
  private struct Rules {
    let sampler: Sampler
    let ends: TextEnds
  }

  private func makeRules(_ length: Int?) throws -> Rules {
    Rules(sampler: try makeSampler(), ends: try settings.ends(model, length: length))
  }

  /// Writes a piece from where the generator stands, until one of its ends or an interruption.
  private func write(_ rules: Rules) throws {
    var random = nextRandomNumbers()
    passage.lengthAsked = rules.ends.length
    defer { passage.state = generator.state }
    var text = WrittenText()
    text.stopIfLongEnough(rules.ends)
    while text.stop == nil, !surroundings.isInterrupted() {
      let id = generator.next(rules.sampler, using: &random)
      text.append(UInt16(id), loss: nil, ends: rules.ends)
      if text.stop == nil { try show(text.takeDecided(rules.ends)) }
    }
    try show(text.ids)
    if text.stop == .record {
      passage.hasEnded = true
      // An empty record is a line, too.
      try screen.write([UInt8(ascii: "\n")])
    }
    if text.stop == .until {
      // What ended the text is no part of it.
      generator.state = passage.pieceState
      generator.read(Array(passage.ids[passage.pieceStart...]))
    }
    try screen.endText()
  }

  private func show(_ ids: [UInt16]) throws {
    passage.ids += ids
    try screen.write(bytes(ids))
  }

  /// Random numbers that nothing else has.
  func nextRandomNumbers() -> PhiloxGenerator {
    defer { pieces += 1 }
    return PhiloxGenerator(seed: settings.randomSeed, stream: pieces)
  }

  func makeSampler() throws -> Sampler {
    guard let sampler = try settings.sampler(model.charset, kernels: model.mixture.kernels) else {
      throw PromptComplaint("nothing is left to write: set avoid to fewer characters")
    }
    return sampler
  }

  private func remember() {
    earlier.append(passage)
    if earlier.count > Self.mostEarlier { earlier.removeFirst() }
  }

  // MARK: What the parts share

  /// Writes with another model from now on, where a text begins.
  func use(_ model: PromptModel) {
    self.model = model
    settings.chooseLength(isOfRecords: model.isOfRecords)
    generator = TextGenerator(model.mixture, repetitionWindow: settings.sampling.repetitionWindow)
    passage = Passage(beginning: generator.state)
    earlier = []
  }

  /// Another generator that stands where the text does.
  func makeGenerator() {
    generator = TextGenerator(model.mixture, repetitionWindow: settings.sampling.repetitionWindow)
    generator.read(passage.ids)
    passage.state = generator.state
  }

  /// Begins the random numbers again.
  func restartRandomNumbers() { pieces = Self.firstPiece }

  /// The number that a command takes.
  func count(_ text: String) throws(PromptComplaint) -> Int? {
    if text == "inf" { return nil }
    guard let count = Int(text), count >= 0 else {
      throw PromptComplaint("'\(text)' is no number of characters")
    }
    return count
  }

  /// A path as it was typed, `~` being the user's home.
  func path(_ name: String) -> String {
    guard name.hasPrefix("~/"), let home = surroundings.home else { return name }
    return home + name.dropFirst()
  }

  /// Text as ids, with what to say about characters that the model does not know.
  func encode(_ text: [UInt8]) throws -> (ids: [UInt16], warning: String?) {
    var encoder = TextEncoder(charset: model.charset, policy: settings.isStrict ? .fail : .unknownOrSkip)
    let ids = try encoder.encodeWhole(text)
    let fate = model.charset.hasUnknown ? "taken as unknown" : "left out"
    let warning = encoder.firstUncovered.map {
      "the model does not know '\($0.display)' (\($0.notation)): such characters are \(fate)"
    }
    return (ids, warning)
  }

  func bytes(_ ids: some Sequence<UInt16>) -> [UInt8] { ids.flatMap { model.charset.bytes(of: Int($0)) } }
}

extension Charset {
  /// A symbol as people can read it on one line.
  func display(of id: UInt16) -> String {
    Int(id) < symbols.count
      ? symbols[Int(id)] == Symbol(scalar: 0x20) ? " " : symbols[Int(id)].display : "\u{FFFD}"
  }
}
