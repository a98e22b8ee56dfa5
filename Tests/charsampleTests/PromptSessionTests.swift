// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Foundation
import Sampling
import Testing

@testable import charsample

@Suite struct PromptSessionTests {
  @Test func aLineIsContinuedFromWhereATextBeginsWithTheRandomNumbersOfItsNumber() throws {
    let played = try Played()
    let model = played.session.model
    for (number, seed) in ["abc", "", "a b"].enumerated() where !seed.isEmpty || number == 1 {
      let generator = TextGenerator(model.mixture)
      if seed.isEmpty {
        // An empty line goes on.
        try played.type("")
        continue
      }
      generator.read(try played.session.encode(Array(seed.utf8)).ids)
      var random = PhiloxGenerator(seed: 7, stream: UInt64(number) + 1)
      let sampler = try played.session.makeSampler()
      let expected = (0..<20).map { _ in UInt16(generator.next(sampler, using: &random)) }
      let shown = try played.type(seed).text
      #expect(shown.hasPrefix(seed + String(decoding: played.session.bytes(expected), as: UTF8.self)))
      #expect(shown.hasSuffix("\n") && (seed.count + 20...seed.count + 21).contains(shown.count))
    }
    #expect(played.answers == "")
  }

  @Test func anEmptyLineGoesOnWhereTheTextStopped() throws {
    let whole = try Played()
    whole.session.settings.sampling.temperature = 0
    whole.session.settings.length = 40
    let text = try whole.type("ab").text
    let parts = try Played()
    parts.session.settings.sampling.temperature = 0
    try parts.type("ab")
    try parts.type("")
    #expect(parts.session.passage.ids == whole.session.passage.ids)
    #expect(text.count >= 42)
    // Also with a command, and a length of its own.
    try parts.type(":more 5")
    #expect(parts.session.passage.ids.count == 47)
  }

  @Test func anInterruptionStopsTheWritingAndKeepsTheText() throws {
    let played = try Played()
    played.session.settings.length = nil
    played.patience = 11
    try played.type("ab")
    #expect(played.session.passage.ids.count == 13)
    played.patience = nil
    played.session.settings.length = 4
    try played.type("")
    #expect(played.session.passage.ids.count == 17)
  }

  @Test func theTextOfARecordEndsWithItAndAnEmptyLineBeginsAnother() throws {
    let played = try Played(characters: "\nab", isOfRecords: true, strength: 1)
    played.session.settings.length = nil
    for line in ["a", "", ""] {
      let shown = try played.type(line).text
      #expect(shown.last == "\n" && !shown.dropLast().contains("\n"))
    }
    #expect(played.session.passage.seedCount == 0 && played.session.passage.hasEnded)
  }

  @Test func aTextEndsAfterLinesOrBeforeAText() throws {
    let played = try Played(characters: "\nabc", strength: 1)
    try played.type(":set lines 2")
    #expect(played.session.settings.length == nil)
    #expect(try played.type("a").text.count { $0 == "\n" } == 2)
    try played.type(":set lines off")
    try played.type(":set until bc")
    let shown = try played.type("a").text
    #expect(!shown.contains("bc"))
    // What ended the text is forgotten.
    let after = played.session.generator.probabilities()
    let generator = TextGenerator(played.session.model.mixture)
    generator.read(played.session.passage.ids)
    let expected = generator.probabilities()
    #expect(zip(after, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(try played.type(":set until X").answer == "")
    #expect(try played.type("a").answer.hasPrefix("until:1:1: "))
    try played.type(":set until off")
    #expect(played.session.settings.length == 200)
  }

  @Test func theLastPieceCanBeWrittenOtherwiseAndTakenBack() throws {
    let played = try Played(strength: 1)
    try played.type("abc")
    let first = played.session.passage.ids
    let again = try played.type(":again").text
    let second = played.session.passage.ids
    #expect(again.hasPrefix("abc"))
    #expect(second != first && second.count == first.count && second.prefix(3) == first.prefix(3))
    try played.type(":undo")
    #expect(played.session.passage.ids == first)
    try played.type("")
    let third = played.session.passage.ids
    #expect(third.prefix(23) == first[...])
    try played.type(":again")
    #expect(played.session.passage.ids.prefix(23) == first[...])
    #expect(played.session.passage.ids != third && played.session.passage.ids.count == 43)
    for _ in 0..<3 { try played.type(":undo") }
    #expect(played.session.passage.ids.isEmpty)
    #expect(try played.type(":undo").answer == "nothing to undo\n")
    #expect(try played.type(":again").answer == "nothing was written yet\n")
  }

  @Test func theSameSeedGivesTheSameTextsAgain() throws {
    let played = try Played(strength: 1)
    try played.type(":seed 3")
    let texts = try ["ab", "", "c"].map { try played.type($0).text }
    try played.type(":seed 3")
    #expect(try ["ab", "", "c"].map { try played.type($0).text } == texts)
    try played.type(":seed 4")
    #expect(try played.type("ab").text != texts[0])
  }

  @Test func aTextMayBeginWithAColon() throws {
    let played = try Played()
    #expect(try played.type("::ab").text.hasPrefix(":ab"))
    #expect(try played.type(":").answer.contains(":help"))
  }

  @Test func unknownCharactersAreToldOf() throws {
    let played = try Played()
    let shown = try played.type("aXbY")
    #expect(shown.answer == "the model does not know 'X' (U+0058): such characters are left out\n")
    #expect(shown.text.hasPrefix("ab"))
    let other = try Played(hasUnknown: true)
    #expect(try other.type("aX").answer.contains("taken as unknown"))
  }

  @Test func badTextIsAMessage() throws {
    let played = try Played()
    _ = try played.session.take([0x61, 0xFF], isOpen: false)
    #expect(played.answers.contains("invalid UTF-8"))
    #expect(played.text.isEmpty)
  }

  @Test(arguments: [
    ":nonsense", ":s", ":set nonsense 1", ":set t 1", ":temperature -1", ":temperature x", ":length -5",
    ":length 1.5", ":seed -1", ":model", ":model missing", ":save", ":save /missing/folder/file",
    ":transcript", ":transcript /missing/folder/file", ":guess /missing/file", ":guess /", ":more x",
    ":alternatives x", ":score", ":set top-k 0", ":set top-p 0", ":again", ":undo", ":alternatives",
  ])
  func whatCannotBeDoneIsAMessageAndNotTheEnd(line: String) throws {
    let played = try Played()
    let shown = try played.type(line)
    #expect(shown.answer.hasSuffix("\n") && shown.answer.count > 5)
    #expect(shown.answer.dropLast().allSatisfy { $0 != "\n" })
    #expect(shown.text == "")
    #expect(try played.type("ab").text.hasPrefix("ab"))
  }

  @Test func settingsCanBeChangedAndShown() throws {
    let played = try Played()
    for line in [
      ":temp 0.5", ":le inf", ":set top-k 7", ":set top-p 0.9", ":set min-p 0.1", ":set repetition-p 1.3",
      ":set avoid ab",
    ] {
      #expect(try played.type(line).answer == "", "\(line)")
    }
    let settings = played.session.settings
    #expect(settings.sampling.temperature == 0.5 && settings.length == nil && settings.sampling.topK == 7)
    #expect(settings.sampling.topP == 0.9 && settings.sampling.minP == 0.1)
    #expect(settings.sampling.repetitionPenalty == 1.3)
    #expect(played.session.prompt == "toy 0.5> ")
    let all = try played.type(":set").answer
    for option in PromptSettings.options { #expect(all.contains("  \(option.name) ")) }
    #expect(try played.type(":show").answer.hasPrefix("toy: facts\n"))
    #expect(try played.type(":temperature").answer.hasPrefix("temperature 0.5: "))
    try played.type(":set top-k off")
    #expect(played.session.settings.sampling.topK == nil)
    // What is avoided never comes, and not everything can be.
    try played.type(":length 300")
    try played.type("c")
    #expect(!played.text.contains(UInt8(ascii: "a")) && !played.text.contains(UInt8(ascii: "b")))
    try played.type(":set avoid \\n .:abcdefghij")
    #expect(try played.type("c").answer.contains("avoid"))
  }

  @Test func everyCommandHasALineOfHelp() throws {
    let lines = try Played().type(":help").answer.split(separator: "\n")
    for command in PromptCommand.allCases {
      #expect(lines.count { $0.hasPrefix("  :\(command.rawValue) ") } == 1)
    }
    #expect(lines.allSatisfy { $0.count < 80 })
  }

  @Test func anotherModelTakesOver() throws {
    let played = try Played()
    try played.type("ab")
    #expect(try played.type(":model other").answer == "other: facts\n")
    #expect(played.session.prompt == "other 0.75> ")
    #expect(played.session.passage.ids.isEmpty)
    #expect(try played.type("abc").text.allSatisfy { "\n abc".contains($0) })
    #expect(try played.type(":models").answer == "  other  12 kB  /models/other.safetensors\n")
  }

  @Test func textAndTranscriptAreKeptInFiles() throws {
    let folder = NSTemporaryDirectory() + "prompt-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func contents(_ name: String) throws -> String {
      try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }
    let played = try Played(style: .init(isShared: true))
    try played.type(":transcript \(folder)/all")
    let written = try played.type("ab", isOpen: true).text
    try played.type(":save \(folder)/text")
    let saved = try contents("text")
    #expect(saved.hasPrefix("ab") && saved.hasSuffix("\n"))
    #expect("ab" + written == saved)
    #expect(try played.type(":save \(folder)/text").answer.contains("already exists; give another name"))
    try played.type(":transcript")
    try played.type("never")
    let transcript = try contents("all")
    #expect(
      transcript.contains(
        "\ntoy 0.75> ab" + written + "toy 0.75> :save \(folder)/text\n\(folder)/text: 22 characters"))
    #expect(!transcript.contains("never"))
  }

  @Test func whatTheModelThinksOfATextIsShown() throws {
    let played = try Played()
    let score = try played.type(":score ab c").answer
    #expect(score.contains("bits per character, 4 characters"))
    #expect(score.contains("  ' ' "))
    let colored = try Played(style: .init(showsColor: true))
    #expect(try colored.type(":score ab c").answer.contains("\u{1B}[48;5;"))
    // The sum is the scorer's.
    let model = played.session.model
    let ids = try played.session.encode(Array("ab c".utf8)).ids
    let scorer = Scorer(
      Network(try Self.parameters(model), kernels: .best), beginning: model.charset.newlineID,
      workers: .init(count: 1))
    let expected = scorer.score(try .init(ids), in: 0..<4)
    #expect(abs(try played.session.costs(of: ids).reduce(0, +) - expected.nats) < 1e-4)
    try played.type("ab")
    let rows = try played.type(":alternatives 4").answer.split(separator: "\n")
    #expect(rows.count == 5)
    #expect(try played.type(":alternatives 500").answer.split(separator: "\n").count == 23)
    // Looking changes nothing.
    let untouched = try Played()
    try untouched.type("ab")
    #expect(try played.type("").text == untouched.type("").text)
  }

  /// The parameters of `Played`'s model.
  private static func parameters(_ model: PromptModel) throws -> Parameters {
    let parameters = Parameters(try Configuration(symbolCount: model.charset.count, layerSizes: [13]))
    var random = PhiloxGenerator(seed: 5)
    parameters.initialize(.scaled, using: &random)
    for index in parameters.values.elements.indices { parameters.values.elements[index] *= 4 }
    return parameters
  }
}
