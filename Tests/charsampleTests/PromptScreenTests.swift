// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import charsample

@Suite struct PromptScreenTests {
  @Test func atATerminalTheTextGoesOnBehindTheSeed() throws {
    let played = try Played(
      characters: "\n ab", style: .init(isShared: true, escapesText: true, canErase: true, showsColor: true))
    let shown = try played.type("ab", isOpen: true)
    #expect(!shown.text.hasPrefix("ab") && shown.text.hasSuffix("\n"))
    #expect(shown.answer == "\u{1B}[0m")
    // An empty line makes way for what follows.
    #expect(try played.type("", isOpen: true).answer == "\u{1B}[0m\r\u{1B}[K")
    #expect(try played.type(":undo", isOpen: true).answer.hasPrefix("\u{1B}[0m\nback to: "))
    // Written anew it is shown as a whole.
    try played.type("ab", isOpen: true)
    #expect(try played.type(":again", isOpen: true).text.hasPrefix("\u{1B}[1mab\u{1B}[0m"))
  }

  @Test func whereTextIsRedirectedItHoldsTheSeedAndNothingElse() throws {
    let played = try Played(characters: "\n ab", style: .init(isShared: false, canErase: true))
    let shown = try played.type("ab", isOpen: true)
    #expect(shown.text.hasPrefix("ab") && shown.answer == "\n")
    #expect(try played.type(":show", isOpen: true).text == "")
    let silent = try Played(characters: "\n ab", style: .init(echo: false))
    silent.session.settings.length = 0
    #expect(try silent.type("ab").text == "")
  }

  @Test func controlCharactersAreMadeVisibleWhereTheyCouldDoHarm() throws {
    let characters = "\u{1B}\u{7}a"
    let escaped = try Played(characters: characters, style: .init(escapesText: true, escapesAnswers: true))
    try escaped.type("a")
    #expect(!escaped.text.contains(0x1B) && escaped.text.starts(with: "a\\x".utf8))
    let raw = try Played(characters: characters)
    try raw.type("a")
    #expect(raw.text.contains(0x1B))
    #expect(try !escaped.type(":\u{1B}[2J").answer.contains("\u{1B}"))
    #expect(try !escaped.type("a\u{1B}b").answer.contains("\u{1B}"))
    // What the model knows and what it costs is shown by name, in colour, too.
    let colored = try Played(characters: characters, style: .init(escapesAnswers: true, showsColor: true))
    #expect(try !colored.type(":score \u{1B}\u{7}a").answer.contains("\u{7}"))
  }
}
