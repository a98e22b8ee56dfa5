// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LineEditing
import Sampling
import Testing

@testable import charsample

@Suite struct PromptCompleterTests {
  private func completions(_ line: String, _ presses: Int = 1) throws -> LineCompletion {
    let played = try Played()
    return PromptCompleter(played.session).complete(
      Array(line.utf8), point: line.utf8.count, presses: presses)
  }

  private func replacement(_ range: Range<Int>, _ text: String) -> LineCompletion {
    .replacement(range, with: Array(text.utf8))
  }

  @Test func theModelCompletesAWordThenListsThenTakesTurns() throws {
    let played = try Played(strength: 3)
    try played.type("ij")
    let passage = played.session.passage.ids
    let completer = PromptCompleter(played.session)
    let line = Array("ab c".utf8)
    func press(_ line: [UInt8], _ presses: Int) -> LineCompletion {
      completer.complete(line, point: line.count, presses: presses)
    }
    guard case .replacement(let range, let first) = press(line, 1) else {
      Issue.record("no completion")
      return
    }
    #expect(range == 4..<4 && !first.isEmpty)
    let completed = line + first
    guard case .list(let list) = press(completed, 2) else {
      Issue.record("no list")
      return
    }
    let rows = list.split(separator: "\n")
    #expect(rows.count > 1 && rows.allSatisfy { $0.hasSuffix("%") })
    guard case .replacement(let second, let next) = press(completed, 3) else {
      Issue.record("no second completion")
      return
    }
    #expect(second == 4..<completed.count && next != first)
    // All in turn, and the first again.
    var current = line + next
    for press_ in 4..<(rows.count + 3) {
      guard case .replacement(_, let text) = press(current, press_) else { break }
      current = line + text
    }
    #expect(current == completed || rows.count == 1)
    // The text that was written goes on as if nothing had been asked.
    let other = try Played(strength: 3)
    try other.type("ij")
    #expect(try played.type("").text == other.type("").text)
    #expect(played.session.passage.ids.prefix(passage.count) == passage[...])
  }

  @Test func commandsOptionsAndValuesAreCompleted() throws {
    #expect(try completions(":he") == replacement(0..<3, ":help "))
    #expect(try completions(":mo") == replacement(0..<3, ":mo") || completions(":mo") == .nothing)
    guard case .list(let commands) = try completions(":mo", 2) else {
      Issue.record("no list")
      return
    }
    #expect(commands == "  :model  :models  :more\n")
    #expect(try completions(":set top") == replacement(5..<8, "top-"))
    #expect(try completions(":set temp") == replacement(5..<9, "temperature "))
    #expect(try completions(":set length i") == replacement(12..<13, "inf"))
    #expect(try completions(":length i") == replacement(8..<9, "inf"))
    #expect(try completions(":model o") == replacement(7..<8, "other"))
    #expect(try completions(":nonsense x") == .nothing)
    #expect(try completions(":help x") == .nothing)
  }

  @Test func filesAreCompleted() throws {
    let folder = NSTemporaryDirectory() + "complete-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder + "/näher b", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["nähen", "other", ".hidden"] {
      try Data().write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    let line = ":guess \(folder)/"
    let start = ":guess ".utf8.count
    #expect(try completions(line + "o") == replacement(start..<line.utf8.count + 1, "\(folder)/other"))
    // Not half of a letter, though the bytes agree.
    #expect(try completions(line + "n") == replacement(start..<line.utf8.count + 1, "\(folder)/nähe"))
    #expect(
      try completions(line + "näher")
        == replacement(start..<(line + "näher").utf8.count, "\(folder)/näher b/"))
    #expect(try completions(line, 2) == .list("  nähen  näher b/  other\n"))
    #expect(try completions(line + ".") == replacement(start..<line.utf8.count + 1, "\(folder)/.hidden"))
  }

  @Test func whoeverGuessesIsNotHelped() throws {
    let played = try Played()
    try played.type(":guess")
    let completer = PromptCompleter(played.session)
    #expect(completer.complete([], point: 0, presses: 1) == .nothing)
    #expect(completer.complete(Array(":he".utf8), point: 3, presses: 1) == .nothing)
  }
}
