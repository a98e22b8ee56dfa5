// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Sampling

/// What the model thinks of a text: commands that write nothing.
extension PromptSession {
  /// Places that `:alternatives` shows if not told.
  private static let placesShown = 20
  /// What else it shows at each.
  private static let othersShown = 5
  /// Symbols between two looks at whether to stop.
  private static let sliceLength = 256

  /// Shows what each character of a text costs; of the last text if none is given.
  func score(_ text: String) throws {
    var ids = passage.ids
    if !text.isEmpty {
      let encoded = try encode(Array(text.utf8))
      if let warning = encoded.warning { try screen.say(warning) }
      ids = encoded.ids
    }
    guard !ids.isEmpty else { throw PromptComplaint("what text? nothing was written yet") }
    // What ends a record is a part of it.
    if let end = model.end, Int(ids[ids.count - 1]) != end { ids.append(UInt16(end)) }
    let nats = try costs(of: ids)
    let bits = nats.map { $0 * Score.bitsPerNat }
    let shown = ids.map { model.charset.display(of: $0) }
    let score = Score(nats: nats.reduce(0, +), count: nats.count)
    let sum = "\(fixed(score.bitsPerCharacter, 2)) bits per character, \(characters(ids.count))"
    // A newline is shown, and is one.
    let colored = zip(shown, bits).map { symbol, bits in
      Surprise(bits: bits).colored(symbol) + (symbol == "\\n" ? "\n" : "")
    }
    let separator = shown.last == "\\n" ? "" : "\n"
    try screen.say(
      colored: colored.joined() + separator + Surprise.legend + "\n" + sum,
      plain: columns(
        zip(shown, bits).map { "\($0 == " " ? "' '" : $0) \(fixed($1, 1))" }, width: screen.style.width)
        + "\n" + sum)
  }

  /// Shows what else could have come at the last places of the text.
  func showAlternatives(_ argument: String) throws {
    let asked = argument.isEmpty ? Self.placesShown : try count(argument) ?? passage.ids.count
    let start = max(0, passage.ids.count - asked)
    guard start < passage.ids.count else { throw PromptComplaint("nothing was written yet") }
    let state = generator.state
    defer { generator.state = state }
    // From the last known place before.
    if start >= passage.pieceStart {
      generator.state = passage.pieceState
      try read(passage.ids[passage.pieceStart..<start])
    } else {
      generator.begin()
      try read(passage.ids[..<start])
    }
    var rows: [[String]] = []
    for id in passage.ids[start...] {
      if surroundings.isInterrupted() { break }
      rows.append(alternatives(to: Int(id), generator.probabilities()))
      generator.read([id])
    }
    try screen.say(table([["came", "", "could have come", "(at temperature 1)"]]) + "\n" + table(rows))
  }

  private func alternatives(to id: Int, _ probabilities: [Float]) -> [String] {
    let others = probabilities.indices.filter { $0 != id && $0 != model.charset.unknownID }
      .sorted { probabilities[$0] != probabilities[$1] ? probabilities[$0] > probabilities[$1] : $0 < $1 }
    func cell(_ id: Int) -> String {
      let symbol = model.charset.display(of: UInt16(id))
      return (symbol == " " ? "' '" : symbol) + " " + percent(Double(probabilities[id]))
    }
    return [cell(id), "|"] + others.prefix(Self.othersShown).map(cell)
  }

  /// What each symbol of a text costs the model, in nats; the state stays.
  ///
  /// A text of a model of records begins anew after each of its ends.
  ///
  /// - Parameter known: symbols at the beginning that are read and not charged.
  func costs(of ids: [UInt16], known: Int = 0) throws -> [Double] {
    let state = generator.state
    defer { generator.state = state }
    generator.begin()
    var nats: [Double] = []
    nats.reserveCapacity(ids.count)
    for (place, id) in ids.enumerated() {
      if place % Self.sliceLength == 0, surroundings.isInterrupted() { throw PromptComplaint("stopped") }
      if place < known { generator.read([id]) } else { nats += generator.score([id]) }
      if Int(id) == model.end { generator.begin() }
    }
    return nats
  }

  private func read(_ ids: ArraySlice<UInt16>) throws {
    for start in stride(from: ids.startIndex, to: ids.endIndex, by: Self.sliceLength) {
      if surroundings.isInterrupted() { throw PromptComplaint("stopped") }
      generator.read(Array(ids[start..<min(start + Self.sliceLength, ids.endIndex)]))
    }
  }
}

/// A probability as people read it.
func percent(_ probability: Double) -> String {
  probability >= 0.0995 ? fixed(100 * probability, 0) + "%" : fixed(100 * probability, 1) + "%"
}
