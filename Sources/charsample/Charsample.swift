// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import ModelFile
import Sampling

/// What was typed.
struct Charsample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "charsample",
    abstract: "Write text with a model, continuing each line of input.",
    usage: "charsample [OPTION ...] [-m MODEL ...]",
    discussion: """
      Each line of standard input is a seed: it is printed, then what the model writes after it. An empty seed begins \
      where a text begins.
      """,
    version: Version.line(
      "charsample", level: try? Kernels(environment: Terminal.processEnvironment).name))

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A model's file or name, - for standard input; with :WEIGHT several are mixed.", valueName: "model"),
    completion: .model)
  var model: [ModelChoice] = []

  @Flag(help: "List the models that can be given by name.")
  var listModels = false

  @OptionGroup(title: "Seeds") var seeds: SeedArguments
  @OptionGroup(title: "Ends") var ends: EndArguments
  @OptionGroup(title: "Choice of characters") var choice: ChoiceArguments
  @OptionGroup(title: "Choice of texts") var selection: SelectionArguments
  @OptionGroup(title: "Output") var form: OutputArguments

  @Option(help: ArgumentHelp("Of all random numbers; else taken from the system.", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Threads; the text does not depend on it.", valueName: "n"))
  var threads: Int?

  @Flag(name: .shortAndLong, help: "Open the prompt, wherever lines come from.")
  var interactive = false

  @Option(help: ArgumentHelp("Colours at the prompt: auto, always or never.", valueName: "when"))
  var color = ColorChoice.auto

  @Flag(name: [.customShort("q"), .long], help: "Show no warnings.")
  var quiet = false

  func validate() throws {
    try require(threads, "--threads", within: 1...1024)
    let modelIsStandardInput = model.contains { $0.model == "-" }
    let seedsAreStandardInput =
      seeds.readsStandardInput && (!modelIsStandardInput || seeds.whole || seeds.promptFrom == "-")
    if interactive, !(canOpenPrompt && !modelIsStandardInput) {
      throw ValidationError(
        "--interactive takes seeds from whoever types, and writes text: it goes without options for records")
    }
    let readers = [modelIsStandardInput, seedsAreStandardInput, selection.novel == "-"]
    if readers.filter({ $0 }).count > 1 || model.count(where: { $0.model == "-" }) > 1 {
      throw ValidationError(
        "standard input cannot be both the model and the seeds, or either and the known lines: "
          + "give --prompt")
    }
  }

  func run() throws {
    if listModels { return try Self.list(ModelPath().list()) }
    let kernels = try Kernels(environment: Terminal.processEnvironment)
    let models = try LoadedModels(model, kernels: kernels)
    let charset = models.mixture.charset
    let messages = quiet ? nil : Messages(program: "charsample")
    if interactive || (canOpenPrompt && seedsAreTyped) { return try openPrompt(models, kernels: kernels) }
    // As many bits as every reader of JSON keeps.
    let randomSeed = seed ?? Machine.randomSeed() >> 11
    let isOfRecords = models.isOfRecords || seeds.null
    let form = form.form(separator: isOfRecords ? (seeds.null ? 0 : UInt8(ascii: "\n")) : nil)
    let plan = try selection.plan()
    let textEnds = try textEnds(models, streams: form.streams && plan.takesAnyText)
    let samplers = choice.options(excluded: try excluded(charset)).map { options in
      Sampler(options, charset: charset, kernels: kernels)
    }
    let isScored = !form.streams || plan.bestOf > 1
    let series = TextSeries(
      TextBatch(
        models.mixture, samplers: samplers, ends: textEnds, isScored: isScored, randomSeed: randomSeed,
        workers: Workers { [threads] in Machine.threadCount(asked: threads) }),
      plan: plan, samplerCount: samplers.count, ends: textEnds, charset: charset)
    let input = try Seeds(
      seeds.options(modelIsStandardInput: model.contains { $0.model == "-" }), charset: charset,
      randomSeed: randomSeed, messages: messages)
    // What is written already shall arrive when somebody stops this.
    Signals.catchInterrupts()
    try withStandardOutput(unbuffered: self.form.unbuffered) { output in
      let printer = ContinuationPrinter(
        output, form: form, charset: charset, temperatures: choice.temperature.values, randomSeed: randomSeed,
        echo: self.form.echo, withNumbers: self.seeds.key == nil, withScores: self.form.scores)
      let missing = try SampleWriter(
        series: series, printer: printer, output: output, isEager: output.buffering == .none
      ).write(input)
      if missing > 0 {
        messages?.warn(
          "no text was accepted in \(selection.maxTries) tries, for \(missing) of the texts asked for")
        throw ExitStatus.no
      }
    }
  }

  /// Whether nothing was asked for that only a filter does.
  private var canOpenPrompt: Bool {
    seeds.readsStandardInput && !seeds.whole && seeds.promptFrom == nil && !seeds.null && seeds.key == nil
      && !form.json && !form.tsv && !form.scores && choice.temperature.values.count == 1
      && selection.takesAnyText
  }

  /// Whether seeds come from a terminal.
  private var seedsAreTyped: Bool {
    Terminal(descriptor: 0).isTerminal && !model.contains { $0.model == "-" }
  }

  private func openPrompt(_ models: LoadedModels, kernels: Kernels) throws {
    var settings = PromptSettings()
    settings.sampling = choice.options(excluded: [])[0]
    settings.avoided = choice.avoid.map(escaped) ?? ""
    settings.maxLength = ends.maxLength?.count
    settings.lines = ends.lines
    settings.until = ends.until.map(escaped)
    settings.hasEscapes = seeds.escape
    settings.isStrict = seeds.strict
    settings.isLengthAsked = ends.length != nil
    settings.length = ends.length.map(\.count) ?? 200
    settings.chooseLength(isOfRecords: models.isOfRecords)
    settings.randomSeed = seed ?? Machine.randomSeed() >> 11
    try Prompt(
      model: models, settings: settings, kernels: kernels, color: color, echo: form.echo, isQuiet: quiet
    ).run()
  }

  /// What was typed, with escapes where it has something to escape.
  private func escaped(_ text: String) -> String {
    seeds.escape ? text : String(decoding: Escapes.encode(text.utf8), as: UTF8.self)
  }

  /// Where texts end with this model.
  private func textEnds(_ models: LoadedModels, streams: Bool) throws -> TextEnds {
    let charset = models.mixture.charset
    let endsOtherwise = !ends.until.isEmpty || ends.lines != nil || models.isOfRecords
    var textEnds = TextEnds(length: ends.length.map(\.count) ?? (endsOtherwise ? nil : 200))
    // A text that nobody can see before it is whole has to become so.
    let needsGuard = textEnds.length == nil && (!streams || ends.length == nil)
    let limit = min(ends.lines ?? 1, Self.longestWholeText / Self.longestLine) * Self.longestLine
    textEnds.maxLength = ends.maxLength.map(\.count) ?? (needsGuard ? limit : nil)
    textEnds.until = try ends.until.map { try ids(of: $0, option: "--until", policy: .fail, charset) }
    if let lines = ends.lines {
      guard let newline = charset.newlineID else {
        throw CommandFailure(place: "--lines", "the model knows no newline", status: .badData)
      }
      textEnds.lines = (lines, UInt16(newline))
    }
    if models.isOfRecords { textEnds.recordEnd = charset.newlineID.map { UInt16($0) } }
    if !streams, textEnds.mostSymbols.map({ $0 > Self.longestWholeText }) ?? true {
      throw ValidationError(
        "a text that is written as a whole has at most \(Self.longestWholeText) characters")
    }
    return textEnds
  }

  /// Characters after which a line, or another text that ends by itself, is given up.
  private static let longestLine = 10_000
  /// Characters of a text that has to be in memory before it is written.
  private static let longestWholeText = 1 << 24

  /// The ids that are never to be chosen.
  private func excluded(_ charset: Charset) throws -> Set<Int> {
    guard let avoid = choice.avoid else { return [] }
    let excluded = Set(try ids(of: avoid, option: "--avoid", policy: .unknownOrSkip, charset).map { Int($0) })
    if (0..<charset.symbols.count).allSatisfy(excluded.contains) {
      throw ValidationError("--avoid leaves the model no character to write")
    }
    return excluded
  }

  /// What was typed as ids, its escapes being read as those of seeds are.
  private func ids(
    of text: String, option: String, policy: TextEncoder.UncoveredPolicy, _ charset: Charset
  ) throws -> [UInt16] {
    let bytes = Array(text.utf8)
    let meant = seeds.escape ? try Escapes.decode(bytes, source: option) : bytes
    return try TextEncoder.ids(of: meant, in: charset, policy: policy, source: option)
  }

  private static func list(_ models: [ModelPath.Entry]) throws {
    let escapes = Terminal(descriptor: 1).isTerminal
    try withStandardOutput { output in
      for model in models {
        let line = "\(model.name)\t\(model.size)\t\(model.path)\n"
        try output.write(escapes ? escapingControls(line) : line)
      }
    }
    if models.isEmpty { throw ExitStatus.no }
  }
}

extension SelectionArguments {
  /// Whether the first text that is written for a seed is the one.
  fileprivate var takesAnyText: Bool {
    count == 1 && bestOf == 1 && match == nil && novel == nil && !unique
  }

  /// Which texts are given out; reads the lines that no record may be.
  fileprivate func plan() throws -> TextSeries.Plan {
    var plan = TextSeries.Plan()
    plan.count = count
    plan.bestOf = bestOf
    plan.acceptance.match = try match.map(Self.expression)
    plan.acceptance.known = try novel.map { try LineSet(linesOf: InputReader(path: $0)) }
    plan.acceptance.isUnique = unique
    plan.acceptance.mostTries = maxTries
    return plan
  }
}
