// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport
import Sampling

/// Where seeds come from.
struct SeedArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Continue this instead of standard input.", valueName: "text"))
  var prompt: String?

  @Option(
    help: ArgumentHelp("Continue an excerpt of this file, taken at random.", valueName: "file"),
    completion: .file())
  var promptFrom: String?

  @Option(help: ArgumentHelp("Characters of that excerpt.", valueName: "n"))
  var promptLength = 60

  @Flag(help: "Take all of standard input as one seed.")
  var whole = false

  @Flag(name: [.customShort("0"), .long], help: "Records end in NUL, in and out.")
  var null = false

  @Flag(help: "Read \\n, \\t, \\r, \\\\ and \\u{…} in seeds.")
  var escape = false

  @Flag(help: "Stop at a seed with characters that the model does not know.")
  var strict = false

  @Option(help: ArgumentHelp("A record's randomness depends on its field N; 0: all of it.", valueName: "n"))
  var key: Int?

  @Option(help: ArgumentHelp("The number of the first record.", valueName: "n"))
  var firstRecord: UInt64 = 1

  func validate() throws {
    try require(promptLength, "--prompt-length", within: 1...1_048_576)
    try require(key, "--key", within: 0...1_000_000)
    if [prompt != nil, promptFrom != nil, whole].filter({ $0 }).count > 1 {
      throw ValidationError("--prompt, --prompt-from and --whole exclude each other")
    }
  }

  /// Whether standard input is read.
  var readsStandardInput: Bool { whole || promptFrom == "-" || prompt == nil && promptFrom == nil }

  /// - Parameter modelIsStandardInput: whether nothing else can come from there.
  func options(modelIsStandardInput: Bool) -> SeedOptions {
    let source: SeedOptions.Source =
      if let prompt {
        .text(prompt)
      } else if let promptFrom {
        .excerpt(path: promptFrom, length: promptLength)
      } else if modelIsStandardInput {
        .text("")
      } else {
        whole ? .whole : .records
      }
    var options = SeedOptions(source: source)
    if null { options.separator = 0 }
    options.hasEscapes = escape
    options.isStrict = strict
    options.firstRecord = firstRecord
    options.key = key
    return options
  }
}

/// Where a text ends.
struct EndArguments: ParsableArguments {
  @Option(
    name: [.customShort("n"), .long],
    help:
      "Characters to write after each seed, or inf. (default: 200, or inf where something else ends a text)")
  var length: Length?

  @Option(
    help: ArgumentHelp("Write until this text comes, which is left out; repeatable.", valueName: "text"))
  var until: [String] = []

  @Option(help: ArgumentHelp("Write so many whole lines.", valueName: "n"))
  var lines: Int?

  @Option(help: "Cut off a text that reaches no other end. (default: 10000, for each line)")
  var maxLength: Length?

  func validate() throws {
    try require(lines, "--lines", within: 1...Int.max)
    if until.contains("") { throw ValidationError("--until '': an empty text is everywhere") }
    if maxLength?.count == 0 { throw ValidationError("--max-length 0: it takes 1 or more") }
  }
}

/// How the next character is chosen.
struct ChoiceArguments: ParsableArguments {
  @Option(
    name: .shortAndLong, help: "How freely to choose, 0 always takes the likeliest; several: a text each.")
  var temperature = Temperatures([0.75])

  @Option(help: ArgumentHelp("Choose among the n likeliest characters.", valueName: "n"))
  var topK: Int?

  @Option(help: ArgumentHelp("Choose among the likeliest that have probability p together.", valueName: "p"))
  var topP: Double?

  @Option(
    help: ArgumentHelp("Choose among those at least p times as likely as the likeliest.", valueName: "p"))
  var minP: Double?

  @Option(help: ArgumentHelp("Make recent characters less likely by this factor.", valueName: "x"))
  var repetitionPenalty = 1.0

  @Option(help: ArgumentHelp("How many characters are recent.", valueName: "n"))
  var repetitionWindow = 64

  @Option(help: ArgumentHelp("Never choose any of these.", valueName: "characters"))
  var avoid: String?

  func validate() throws {
    try require(topK, "--top-k", within: 1...65_535)
    try require(minP, "--min-p", within: 0...1)
    try require(topP, "--top-p", within: 0.000_001...1)
    try require(repetitionPenalty, "--repetition-penalty", within: 0.01...100)
    try require(repetitionWindow, "--repetition-window", within: 1...1_048_576)
  }

  /// The filters at each of the temperatures.
  func options(excluded: Set<Int>) -> [SamplingOptions] {
    temperature.values.map { temperature in
      var options = SamplingOptions(temperature: temperature)
      options.repetitionPenalty = repetitionPenalty
      options.repetitionWindow = repetitionWindow
      options.excluded = excluded
      options.topK = topK
      // All of the probability is no cut.
      options.topP = topP == 1 ? nil : topP
      options.minP = minP == 0 ? nil : minP
      return options
    }
  }
}

/// Which texts are given out.
struct SelectionArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Texts for each seed.", valueName: "n"))
  var count = 1

  @Option(help: ArgumentHelp("Of n texts keep the likeliest.", valueName: "n"))
  var bestOf = 1

  @Option(help: ArgumentHelp("Draw again until the record matches.", valueName: "regex"))
  var match: String?

  @Option(
    help: ArgumentHelp("Draw again what is a line of this file.", valueName: "file"), completion: .file())
  var novel: String?

  @Flag(help: "Draw again what has come before in this run.")
  var unique = false

  @Option(help: ArgumentHelp("How often a record is drawn at most.", valueName: "n"))
  var maxTries = 1000

  func validate() throws {
    try require(count, "--count", within: 1...TextSeries.mostSamples)
    try require(bestOf, "--best-of", within: 1...1000)
    try require(maxTries, "--max-tries", within: 1...TextSeries.mostCandidates)
    if maxTries * bestOf > TextSeries.mostCandidates {
      throw ValidationError("--max-tries times --best-of: at most \(TextSeries.mostCandidates)")
    }
    if let match { _ = try Self.expression(match) }
  }

  /// A regular expression over Unicode scalars, as the models read text.
  static func expression(_ pattern: String) throws -> Regex<AnyRegexOutput> {
    do {
      return try Regex(pattern).matchingSemantics(.unicodeScalar)
    } catch {
      throw ValidationError("--match \(pattern): not a regular expression: \(error)")
    }
  }
}

/// What is written.
struct OutputArguments: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Print each seed before its continuation.")
  var echo = true

  @Flag(help: "Write an object for each text, on a line.")
  var json = false

  @Flag(help: "Write fields for each text, on a line.")
  var tsv = false

  @Flag(help: "Tell what each character costs, in bits.")
  var scores = false

  @Flag(name: .shortAndLong, help: "Write out each character at once.")
  var unbuffered = false

  func validate() throws {
    if json && tsv { throw ValidationError("--json and --tsv exclude each other") }
  }

  /// - Parameter separator: what ends a record; nil where texts are no records.
  func form(separator: UInt8?) -> OutputForm {
    if json { return .json }
    if tsv { return .tsv }
    if scores { return .scores }
    return separator.map(OutputForm.records) ?? .text
  }
}

/// What `--length` takes.
struct Length: ExpressibleByArgument {
  /// nil for no end.
  let count: Int?

  init?(argument: String) {
    count = Int(argument)
    guard argument == "inf" || count.map({ $0 >= 0 }) ?? false else { return nil }
  }
}
