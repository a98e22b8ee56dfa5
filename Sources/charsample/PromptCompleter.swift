// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import FileSupport
import LineEditing
import Sampling

/// What the completion key does at the prompt: in a seed the model is asked, in a command the names are completed.
final class PromptCompleter {
  private let session: PromptSession
  private var asked: Asked?

  /// What the model said when the key was first pressed.
  private struct Asked {
    /// The line up to the cursor.
    let line: [UInt8]
    let endings: [WordEnding]
  }

  /// Continuations that are listed.
  private static let mostListed = 6

  init(_ session: PromptSession) {
    self.session = session
  }

  /// What to do when the key is pressed for the `presses`th time in a row, with the cursor at `point` of a line.
  func complete(_ line: [UInt8], point: Int, presses: Int) -> LineCompletion {
    // Whoever guesses is not helped.
    guard session.game == nil else { return .nothing }
    let before = Array(line.prefix(point))
    if PromptSession.isCommand(before) {
      return completeCommand(before, presses: presses)
    }
    return askModel(before, presses: presses)
  }

  // MARK: The model

  /// The first time the likeliest continuation is put in, the second time the likeliest are listed, and from then on
  /// each takes its turn.
  private func askModel(_ before: [UInt8], presses: Int) -> LineCompletion {
    if presses == 1 {
      asked = nil
      guard let best = endings(of: before, count: 1).first else { return .nothing }
      asked = Asked(line: before, endings: [best])
      return .replacement(before.count..<before.count, with: session.bytes(best.ids))
    }
    guard let asked else { return .nothing }
    if presses == 2 {
      let all = endings(of: asked.line, count: Self.mostListed)
      self.asked = Asked(line: asked.line, endings: all)
      return .list(list(all, after: asked.line))
    }
    guard asked.endings.count > 1 else { return .nothing }
    let next = asked.endings[(presses - 2) % asked.endings.count]
    return .replacement(asked.line.count..<before.count, with: session.bytes(next.ids))
  }

  private func endings(of line: [UInt8], count: Int) -> [WordEnding] {
    guard let ids = try? session.seed(line).ids else { return [] }
    let generator = session.generator
    let state = generator.state
    defer { generator.state = state }
    generator.begin()
    generator.read(ids)
    return WordEndingSearch(generator, charset: session.model.charset, end: session.model.end)
      .likeliest(count)
  }

  /// The words that would come of each, and its probability.
  private func list(_ endings: [WordEnding], after line: [UInt8]) -> String {
    let charset = session.model.charset
    let ids = (try? session.seed(line).ids) ?? []
    let begun = ids.reversed().prefix { Int($0) < charset.symbols.count && charset.symbols[Int($0)].isOfWord }
    let rows = endings.map { ending in
      [
        (begun.reversed() + ending.ids).map { charset.display(of: $0) }.joined(),
        percent(ending.probability),
      ]
    }
    return table(rows) + "\n"
  }

  // MARK: Commands

  private func completeCommand(_ before: [UInt8], presses: Int) -> LineCompletion {
    let line = String(decoding: before, as: UTF8.self)
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard words.count > 1 else {
      return choose(PromptCommand.allCases.map { ":" + $0.rawValue + " " }, line, line, presses)
    }
    guard let command = try? PromptCommand.named(String(words[0].dropFirst())) else { return .nothing }
    if command.takesFile {
      let typed = String(line.dropFirst(words[0].count + 1))
      let names = command == .model ? session.surroundings.models().map { $0.name } : []
      return choose(names + files(typed), typed, line, presses)
    }
    switch (command, words.count) {
    case (.set, 2): return choose(PromptSettings.options.map { $0.name + " " }, words[1], line, presses)
    case (.set, 3):
      return choose((try? PromptSettings.option(words[1]))?.examples ?? [], words[2], line, presses)
    case (.temperature, 2), (.length, 2):
      return choose(
        (try? PromptSettings.option(command.rawValue))?.examples ?? [], words[1], line, presses)
    default: return .nothing
    }
  }

  /// Completes as much as all names have in common that begin as `typed`, the end of the line, does.
  private func choose(_ names: [String], _ typed: String, _ line: String, _ presses: Int) -> LineCompletion {
    let found = names.filter { $0.hasPrefix(typed) }
    guard let first = found.first else { return .nothing }
    var common = Array(first.utf8)
    for name in found { common = Array(zip(common, name.utf8).prefix { $0 == $1 }.map(\.0)) }
    // Not half a character.
    while String(validating: common, as: UTF8.self) == nil { common.removeLast() }
    if common.count > typed.utf8.count {
      let end = line.utf8.count
      return .replacement(end - typed.utf8.count..<end, with: common)
    }
    guard found.count > 1, presses > 1 else { return .nothing }
    // Of paths the last part is enough.
    let ends = found.map { name in
      let start = name.dropLast().lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
      return String(name[start...])
    }
    return .list(columns(ends.map(\.trimmingSpace), width: session.screen.style.width) + "\n")
  }

  /// The files whose paths begin as typed; folders end in a slash.
  private func files(_ typed: String) -> [String] {
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let start = typed.dropFirst(folder.count)
    let entries = Folder.entries(session.path(folder.isEmpty ? "." : folder))
    return entries.filter { !$0.name.hasPrefix(".") || start.hasPrefix(".") }
      .map { folder + $0.name + ($0.isFolder ? "/" : "") }
  }
}
