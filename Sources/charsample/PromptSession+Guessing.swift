// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import Sampling

/// The game of guessing: commands and lines while it is played.
extension PromptSession {
  /// Symbols that are shown before the first guess: as many as Shannon's people knew at most.
  private static let knownCount = 100
  /// Symbols to guess.
  private static let hiddenCount = 50
  /// A larger file need not be read to find a piece of it.
  private static let largestFile = 1 << 28

  /// Begins a game with a piece of a file, or of what the model writes by itself.
  func beginGame(_ file: String) throws {
    let length = Self.knownCount + Self.hiddenCount
    let text = file.isEmpty ? try ownText(length) : try piece(ofFile: file, length)
    guard text.count > 1 else { throw PromptComplaint("\(file): nothing in it to guess") }
    let game = GuessingGame(
      text: text, known: min(Self.knownCount, text.count - 1), symbolCount: model.symbolCount)
    self.game = game
    try screen.say(
      """
      Guess what comes next, a character at a time, again and again until it is right.
      You can type several at once; those after a wrong one are not looked at.
      \\n is a newline, \\\\ a backslash, :: a colon. :tell gives one up, :done ends.

      \(String(decoding: bytes(game.known), as: UTF8.self))_

      """)
  }

  /// Takes a line of guesses.
  func takeGuess(_ line: [UInt8], isOpen: Bool) throws -> Course {
    try screen.accept(line, prompt: prompt, isOpen: isOpen, before: .answers)
    let text = String(decoding: line, as: UTF8.self)
    guard Self.isCommand(line), line.count > 1 else {
      try guess(text.hasPrefix("::") ? String(text.dropFirst()) : text)
      return .goesOn
    }
    let word = String(text.dropFirst()).trimmingSpace
    let commands = ["tell", "done", "quit"]
    switch commands.filter({ $0.hasPrefix(word) }) {
    case ["tell"]: try tellOne()
    case ["done"]: try endGame()
    case ["quit"]:
      try endGame()
      return .ends
    default: try screen.say("while guessing there are :tell, :done and :quit")
    }
    return .goesOn
  }

  /// Ends the game and shows what came of it.
  func endGame() throws {
    guard let game else { return }
    self.game = nil
    guard let bounds = ShannonBounds(counts: game.counts) else {
      return try screen.say("nothing was guessed")
    }
    let nats = try costs(of: game.shown, known: game.known.count)
    let score = Score(nats: nats.reduce(0, +), count: nats.count)
    var guesses = "\(characters(game.found)), \(game.foundAtOnce) right at the first guess"
    if game.told > 0 { guesses += ", \(game.told) given up" }
    func bits(_ value: Double) -> String { fixed(value, 2) }
    try screen.say(
      "it was: \(String(decoding: bytes(game.hidden), as: UTF8.self))\n\(guesses)\n"
        + table([
          ["you", "\(bits(bounds.lower)) to \(bits(bounds.upper)) bits per character, by Shannon's bounds"],
          [model.name, "\(bits(score.bitsPerCharacter)) bits per character, the same characters"],
          ["Shannon's people", "0.6 to \(ShannonBounds.ofEnglish) bits, with 100 characters known, in 1951"],
        ])
        + "\nThe last were 27 symbols, letters and space, and these are \(model.symbolCount): "
        + "not comparable.")
    if game.found < Self.hiddenCount {
      try screen.say("So few guesses say little: the bounds are meant for many.")
    }
  }

  private func guess(_ text: String) throws {
    guard !text.isEmpty else { return try screen.say("a space is typed as a space, a newline as \\n") }
    let encoded = try encode(Escapes.decode(Array(text.utf8), source: "guess"))
    if let warning = encoded.warning { try screen.say(warning) }
    for id in encoded.ids {
      guard var game, !game.isOver, Int(id) != model.charset.unknownID else { break }
      let answer = game.guess(id)
      self.game = game
      if answer == .right { continue }
      let symbol = model.charset.display(of: id)
      try screen.say(answer == .wrong ? "not '\(symbol)'" : "'\(symbol)' was wrong already")
      break
    }
    if game?.isOver == true { try endGame() }
  }

  private func tellOne() throws {
    guard var game else { return }
    let id = game.tell()
    self.game = game
    try screen.say("it was '\(model.charset.display(of: id))'")
    if game.isOver { try endGame() }
  }

  /// What the model writes from where a text begins, under the settings there are.
  private func ownText(_ length: Int) throws -> [UInt16] {
    let sampler = try makeSampler()
    let state = generator.state
    defer { generator.state = state }
    var random = nextRandomNumbers()
    generator.begin()
    var text: [UInt16] = []
    while text.count < length {
      text.append(UInt16(generator.next(sampler, using: &random)))
      if Int(text[text.count - 1]) == model.end { generator.begin() }
    }
    return text
  }

  private func piece(ofFile file: String, _ length: Int) throws -> [UInt16] {
    let bytes = try InputReader(path: path(file)).readAll(limit: Self.largestFile)
    let encoded = try encode(bytes)
    if let warning = encoded.warning { try screen.say(warning) }
    // Of an unknown character nobody can tell which it is.
    let ids = encoded.ids.filter { Int($0) != model.charset.unknownID }
    var random = nextRandomNumbers()
    let sequence = try IDSequence(ids)
    guard sequence.count > 0 else { return [] }
    return Excerpt(of: sequence, in: 0..<sequence.count, length: length, continuation: 0, using: &random).seed
  }
}
