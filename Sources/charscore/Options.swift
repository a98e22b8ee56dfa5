// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport

/// How the input is cut and read.
struct InputArguments: ParsableArguments {
  @Flag(name: [.customShort("0"), .long], help: "Records end in NUL, in the output too.")
  var null = false

  @Flag(help: "Take all of the input as one text: each line goes on from those before it.")
  var carry = false

  @Flag(help: "Take each file as one text, and print its name.")
  var whole = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Score these fields of a line only: 3, 3-, -3 or 2-4.", valueName: "n"))
  var field: FieldRange?

  @Option(name: .shortAndLong, help: ArgumentHelp("What is between fields.", valueName: "byte"))
  var delimiter = Delimiter(0x09)

  @Flag(help: "Stop at a character that a model does not know.")
  var strict = false

  @Flag(help: "Read ill-formed UTF-8 as U+FFFD instead of refusing it.")
  var lossy = false

  func validate() throws {
    if carry && whole { throw ValidationError("--carry and --whole exclude each other") }
    if whole && (null || field != nil) {
      throw ValidationError("--whole knows no records: it goes without --null and --field")
    }
  }
}

/// What is told of a text.
struct FigureArguments: ParsableArguments {
  @Flag(help: "Nats instead of bits.")
  var nats = false

  @Flag(help: "Of the whole line instead of each character.")
  var total = false

  @Flag(help: "Only the sum of all lines: characters, bits, perplexity, bytes if compressed.")
  var summary = false

  @Flag(help: "With several models: every one's figure, too.")
  var all = false

  var figure: Figure { Figure(isInNats: nats, isTotal: total) }
}

/// Which texts are printed.
struct SelectionArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Print only the lines whose figure is above this.", valueName: "x"))
  var above: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Print only the lines whose figure is below this.", valueName: "x"))
  var below: Double?

  @Option(help: ArgumentHelp("Print only the n lines with the highest figures.", valueName: "n"))
  var top: Int?

  @Option(help: ArgumentHelp("Print only the n lines with the lowest figures.", valueName: "n"))
  var bottom: Int?

  @Flag(help: "Sort by the figure, the highest first; with --bottom the lowest.")
  var rank = false

  @Flag(
    inversion: .prefixedNo,
    help: "Print figures before the lines; by default where no line is left out.")
  var scores: Bool?

  func validate() throws {
    if top != nil && bottom != nil { throw ValidationError("--top and --bottom exclude each other") }
    try require(top, "--top", within: 1...1_000_000_000)
    try require(bottom, "--bottom", within: 1...1_000_000_000)
    for (value, option) in [(above, "--above"), (below, "--below")] where value?.isNaN ?? false {
      throw ValidationError("\(option) takes a number")
    }
  }

  var options: Selection.Options {
    Selection.Options(
      above: above, below: below, extreme: top.map { ($0, true) } ?? bottom.map { ($0, false) },
      isRanked: rank)
  }
}

/// Where it is odd.
struct CharacterArguments: ParsableArguments {
  @Flag(help: "Tell of each character: line, column, character, bits, rank, likeliest others.")
  var perCharacter = false

  @Option(help: ArgumentHelp("How many likeliest characters --per-character tells.", valueName: "n"))
  var alternatives = 3

  @Flag(help: "Tell of unexpected characters as file:line:column: got 'q', expected 'u'.")
  var lint = false

  @Option(help: ArgumentHelp("Bits from which on a character is unexpected.", valueName: "bits"))
  var threshold = 10.0

  @Option(help: ArgumentHelp("Show surprise as colour: auto, always or never.", valueName: "when"))
  var color = ColorChoice.auto

  func validate() throws {
    if perCharacter && lint { throw ValidationError("--per-character and --lint exclude each other") }
    try require(alternatives, "--alternatives", within: 0...1000)
    try require(threshold, "--threshold", within: 0...1000)
  }
}
