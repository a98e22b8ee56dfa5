// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CommandSupport
import FileSupport
import ModelFile

/// What was typed.
struct Charscore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "charscore",
    abstract: "Tell how surprising each line of a text is to a model.",
    usage: "charscore [OPTION ...] [-m MODEL ...] [FILE ...]",
    discussion: """
      Prints each line behind the bits per character that it costs under the model: few where the text is as the model \
      knows it, many where it is odd. With several models it prints which of them a line fits best.
      """,
    version: Version.line(
      "charscore", level: try? Kernels(environment: Terminal.processEnvironment).name))

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("A model's file or name, - for standard input; may be repeated.", valueName: "model"),
    completion: .model)
  var model: [String] = []

  @Argument(help: "Files to read; - is standard input, read also when there are none.", completion: .file())
  var files: [String] = []

  @OptionGroup(title: "Input") var input: InputArguments
  @OptionGroup(title: "Figures") var figures: FigureArguments
  @OptionGroup(title: "Choice of lines") var selection: SelectionArguments
  @OptionGroup(title: "Characters") var characters: CharacterArguments

  @Flag(help: "Write JSON, an object on a line.")
  var json = false

  @Flag(name: .shortAndLong, help: "Write out each line at once.")
  var unbuffered = false

  @Option(help: ArgumentHelp("Threads; the figures do not depend on it.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    try require(threads, "--threads", within: 1...1024)
    if model.contains("-") && (files.isEmpty || files.contains("-")) || model.count(where: { $0 == "-" }) > 1
    {
      throw ValidationError("standard input can be only one model, or text")
    }
    let tellsOfCharacters = characters.perCharacter || characters.lint
    if tellsOfCharacters || input.carry, model.count > 1 {
      throw ValidationError("--per-character, --lint and --carry take one model")
    }
    if figures.all && model.count < 2 { throw ValidationError("--all is for several models") }
    let selects = selection.options.isFilter || selection.rank
    if tellsOfCharacters && (input.whole || figures.summary || selects) {
      throw ValidationError(
        "--per-character and --lint go without --whole, --summary and choices of lines")
    }
    if figures.summary && selects {
      throw ValidationError("--summary adds up all lines: it goes without choices of lines")
    }
    if characters.lint && json { throw ValidationError("--lint writes no JSON") }
  }

  func run() throws {
    let kernels = try Kernels(environment: Terminal.processEnvironment)
    let models = try openModels(kernels)
    try withStandardOutput(unbuffered: unbuffered) { output in
      if characters.lint { return try lint(models[0], output) }
      let run = ScoringRun(models: models, sink: sink(models, output))
      if isOneDocument { return try run.run(wholes: files, asOne: input.carry) }
      let judge = Judge(
        models,
        Judge.Options(
          carriesState: input.carry, fields: fields, separator: separator,
          alternatives: characters.perCharacter ? characters.alternatives : hasColor ? 0 : nil,
          spoolFolder: Terminal.processEnvironment("TMPDIR") ?? "/tmp"))
      try run.run(
        InputRecords(files, separator: separator), judge,
        longRecords: characters.perCharacter ? .toldOfByCharacter : figures.summary ? .scored : .printed)
    }
  }

  private var separator: UInt8 { input.null ? 0 : UInt8(ascii: "\n") }
  private var fields: (FieldRange, delimiter: UInt8)? { input.field.map { ($0, input.delimiter.byte) } }
  private var isOneDocument: Bool { input.whole || (input.carry && figures.summary) }
  private var hasColor: Bool {
    Terminal(descriptor: 1).showsColor(characters.color) && !json && !figures.summary && !isOneDocument
      && model.count < 2
  }

  private func sink(_ models: [ScoringModel], _ output: OutputWriter) -> any JudgedTextSink {
    let names = models.map(\.name)
    if figures.summary { return Summary(output, models: names, isJSON: json) }
    if characters.perCharacter {
      return CharacterListing(
        output, charset: models[0].charset,
        CharacterListing.Options(figure: figures.figure, isJSON: json, namesSource: files.count > 1))
    }
    let printer = TextPrinter(
      output,
      TextPrinter.Options(
        figure: figures.figure, showsScores: selection.scores ?? !selection.options.isFilter,
        showsAll: figures.all, isJSON: json, separator: separator,
        escapes: Terminal(descriptor: 1).isTerminal, models: names.count > 1 ? names : [],
        heatMap: hasColor ? HeatMap(unit: models[0].charset.unit) : nil))
    return Selection(selection.options, figure: figures.figure, printer: printer)
  }

  private func lint(_ model: ScoringModel, _ output: OutputWriter) throws {
    let options = LintRun.Options(
      threshold: characters.threshold / Score.bitsPerNat, fields: fields, carriesContext: input.carry,
      separator: separator, escapes: Terminal(descriptor: 1).isTerminal)
    try LintRun(model: model, options: options, output: output).run(InputRecords(files, separator: separator))
  }

  /// Opens the models; what a text is judged by is the same for all of them.
  private func openModels(_ kernels: Kernels) throws -> [ScoringModel] {
    let folders = ModelPath()
    let typed: [String?] = model.isEmpty ? [nil] : model
    let paths = try typed.map { try folders.resolve($0) }
    let names = paths.map(ModelPath.name)
    let workers = Workers { [threads] in Machine.threadCount(asked: threads) }
    return try zip(paths, names).map { path, name in
      ScoringModel(
        name: names.count(where: { $0 == name }) > 1 ? path : name, try ModelReader.read(path: path),
        reading: ScoringModel.Reading(isStrict: input.strict, isLossy: input.lossy), kernels: kernels,
        workers: workers)
    }
  }
}
