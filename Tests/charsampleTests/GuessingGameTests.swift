// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import charsample

@Suite struct GuessingGameTests {
  @Test func aCharacterCountsAtTheGuessThatWasRight() {
    var game = GuessingGame(text: [3, 1, 4, 1, 5], known: 2, symbolCount: 8)
    #expect(game.shown == [3, 1])
    #expect(game.guess(4) == .right)
    #expect(game.guess(7) == .wrong)
    #expect(game.guess(7) == .repeated)
    #expect(game.guess(2) == .wrong)
    #expect(game.guess(1) == .right)
    #expect(game.counts == [1, 0, 1, 0, 0, 0, 0, 0] && game.foundAtOnce == 1)
    #expect(game.guess(0) == .wrong && game.guess(1) == .wrong && !game.isOver)
    #expect(game.guess(2) == .wrong && game.guess(3) == .wrong)
    // Of eight, four are left.
    #expect(game.tell() == 5)
    #expect(game.counts == [1, 0, 1, 0, 0.25, 0.25, 0.25, 0.25])
    #expect(game.isOver && game.shown == [3, 1, 4, 1, 5] && game.told == 1)
  }

  @Test func aGameWithAFileIsPlayedToItsEnd() throws {
    let file = NSTemporaryDirectory() + "guess-" + UUID().uuidString
    try "abcabcab:\n".write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let played = try Played()
    try played.type("ab")
    let text = played.session.passage.ids
    let begun = try played.type(":guess \(file)").answer
    #expect(begun.contains("abcabcab:_"))
    #expect(played.session.prompt == "…abcabcab:_ 1> ")
    #expect(try played.type("a").answer == "not 'a'\n")
    #expect(try played.type("a").answer == "'a' was wrong already\n")
    #expect(try played.type("X").answer.contains("does not know"))
    #expect(try played.type("").answer.contains("\\n"))
    #expect(try played.type(":nonsense").answer.contains(":tell"))
    #expect(played.session.prompt.hasSuffix(" 2> "))
    let end = try played.type("\\n").answer
    #expect(end.contains("1 character, 0 right at the first guess"))
    #expect(end.contains("0.00 to 0.00 bits per character") && end.contains("not comparable"))
    // Back where it was.
    #expect(played.session.prompt == "toy 0.75> " && played.session.passage.ids == text)
  }

  @Test func guessesInOneLineAreTakenUntilOneIsWrong() throws {
    let played = try Played()
    try played.type(":guess")
    let game = try #require(played.session.game)
    let hidden = game.hidden.prefix(3).map { played.session.model.charset.display(of: $0) }
    let other = played.session.model.charset.display(of: game.hidden[3] == 5 ? 6 : 5)
    let guesses = hidden.joined() + other + other
    try played.type(guesses.hasPrefix(":") ? ":" + guesses : guesses)
    #expect(played.session.game?.found == 3)
    #expect(played.session.prompt.hasSuffix("_ 2> "))
    try played.type(":t")
    #expect(played.session.game?.found == 4 && played.session.game?.told == 1)
    #expect(try played.type(":done").answer.contains("4 characters, 3 right at the first guess, 1 given up"))
    #expect(played.session.game == nil)
    try played.type(":guess")
    #expect(try played.type(":done").answer == "nothing was guessed\n")
  }
}
