// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import Training

/// What was typed.
struct Chartrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chartrain",
    abstract: "Learn a text character by character; write a model.",
    usage: "chartrain [OPTION ...] [-o MODEL] [FILE ...]",
    discussion: """
      Reads text from the files, each a document of its own, or from standard input, and trains a stacked LSTM to predict each next character. \
      The last tenth of the text is held out to measure it. Without -o the model goes to standard output.
      """,
    version: Version.line(
      "chartrain", level: try? Kernels(environment: Terminal.processEnvironment).name))

  @OptionGroup(title: "Text and files") var text: TextOptions
  @OptionGroup(title: "The run") var plan: RunOptions
  @OptionGroup(title: "Network and training") var training: NetworkOptions
  @OptionGroup(title: "What is shown") var display: DisplayOptions

  func validate() throws {
    if plan.initFrom != nil && training.size != nil {
      throw ValidationError("--size is that of --init-from's model")
    }
    if plan.resume != nil,
      let given = (text.decided + plan.decided + training.decided).first(where: \.1)?.0
    {
      throw ValidationError("--resume takes all options from the checkpoint: leave \(given) away")
    }
    if plan.resume != nil && text.output == "-" {
      throw ValidationError("--resume writes checkpoints beside the model's file: leave -o away or name one")
    }
    let inputs = [plan.resume, plan.initFrom].compactMap(\.self) + text.inputs
    if inputs.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input cannot be read twice") }
    if text.ids != nil && text.charset == nil && plan.resume == nil && plan.initFrom == nil {
      throw ValidationError("--ids needs the character set they were made with: -c")
    }
    if plan.checkpointEvery != nil && plan.resume == nil && text.output ?? "-" == "-" {
      throw ValidationError("--checkpoint-every writes beside the model's file: name one with -o")
    }
    if display.plot == "-" && plan.resume == nil && text.output ?? "-" == "-" {
      throw ValidationError("the model and --plot cannot both be written to standard output")
    }
    if text.records && training.recipe ?? .standard == .tfjs && training.objective == nil
      || text.records && training.objective == .last
    {
      throw ValidationError(
        "--records learns every character of a line: --objective last does not go with it")
    }
  }

  func run() throws {
    try TrainingRun(text: text, plan: plan, training: training, display: display).run()
  }
}

struct TextOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Text to learn, each file by itself; - is standard input.", valueName: "file"),
    completion: .file())
  var files: [String] = []

  @Option(
    name: [.customShort("o"), .long], help: ArgumentHelp("Write the model here.", valueName: "model"),
    completion: .file())
  var output: String?

  @Flag(help: "Replace an existing model.")
  var force = false

  @Option(
    name: [.customShort("c"), .long], help: "The character set to use; else that of the whole text.",
    completion: .file())
  var charset: String?

  @Option(
    help: ArgumentHelp("Read ids written by chartok encode instead of text; needs -c.", valueName: "file"),
    completion: .file())
  var ids: String?

  @Option(help: "What a character is: scalar (the default), byte or grapheme.")
  var unit: TextUnit?

  @Flag(help: "Take invalid UTF-8 as U+FFFD instead of stopping.")
  var lossy = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Text that stands between documents and is not learned; \\n, \\t, \\\\ and \\u{…} are understood.",
      valueName: "text"))
  var separator: EscapedText?

  @Flag(help: "Learn each line by itself, with its end.")
  var records = false

  @Flag(inversion: .prefixedNo, help: "Put records in random order first (the default) or keep their order.")
  var shuffle: Bool?

  @Option(
    help: ArgumentHelp("Measure on this text instead of the end of the other.", valueName: "file"),
    completion: .file())
  var validation: String?

  func validate() throws {
    if ids != nil && !files.isEmpty { throw ValidationError("--ids and text files exclude each other") }
    if ids != nil && separator != nil {
      throw ValidationError("--ids has no documents: --separator is for text")
    }
    if shuffle != nil && !records { throw ValidationError("only --records are shuffled") }
    if ids != nil && shuffle == true {
      throw ValidationError("--ids are read in their order: --shuffle is for text")
    }
  }

  /// Everything that is read.
  var inputs: [String] {
    (ids.map { [$0] } ?? (files.isEmpty ? ["-"] : files)) + [charset, validation].compactMap(\.self)
  }

  /// The options given that a run being resumed has decided already.
  var decided: [(String, Bool)] {
    [
      ("--charset", charset != nil), ("--unit", unit != nil), ("--records", records),
      ("--shuffle", shuffle != nil),
    ]
  }

  /// Whether records come in random order: not those in a file that may be larger than memory.
  var shufflesRecords: Bool { ids == nil && shuffle ?? true }
}

struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Units of each layer, the lowest first; else chosen from the text.", valueName: "n,n,…"))
  var layers: LayerSizes?

  @Option(help: "Layers 128,128, 256,256 or 512,512: small, medium or large.")
  var size: NetworkSize?

  @Option(help: "Input gates: 1 less the forget gate (standard), or with own weights (tfjs): coupled, lstm.")
  var cell: CellKind?

  @Option(help: "Take the loss at every position (the default) or at the last of a window: every, last.")
  var objective: Objective?

  @Option(help: ArgumentHelp("Characters a chunk (64) or window (60).", valueName: "n"))
  var sequenceLength: Int?

  @Option(
    help: ArgumentHelp("Characters a chunk in the run's first three tenths, for every (16).", valueName: "n"))
  var earlySequenceLength: Int?

  @Option(
    help: ArgumentHelp("Characters between the beginnings of windows, for last (3).", valueName: "n"))
  var sampleStep: Int?

  @Option(help: ArgumentHelp("Windows an epoch, for last (10000).", valueName: "n"))
  var examplesPerEpoch: Int?

  @Option(help: ArgumentHelp("Passes over the text; else chosen from its length.", valueName: "n"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Rows an update; else chosen from the text's length.", valueName: "n"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("The highest learning rate (0.018).", valueName: "x"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "The part of it that layers get, but for the input table; else chosen from them.", valueName: "x"))
  var innerRate: Double?

  @Option(help: "How updates are made: adam (the default) or rmsprop.")
  var optimizer: OptimizerKind?

  @Option(help: ArgumentHelp("Decay of the gradients' mean: adam's momentum (0).", valueName: "x"))
  var beta1: Double?

  @Option(help: ArgumentHelp("Decay of the mean of their squares (0.99 to 0.998).", valueName: "x"))
  var beta2: Double?

  @Option(help: "How the learning rate goes: trapezoid (the default), cosine or constant.")
  var schedule: Schedule?

  @Option(
    help: ArgumentHelp(
      "The part of the run, its end, in which a trapezoid falls (0.3 to 0.5).", valueName: "x"))
  var cooldown: Double?

  @Option(
    help: ArgumentHelp(
      "Shrink parameters by this part of the learning rate; else chosen from the passes.", valueName: "x"))
  var weightDecay: Double?

  @Option(help: ArgumentHelp("Keep a moving average of the parameters with this decay (0).", valueName: "x"))
  var averaging: Double?

  @Option(help: ArgumentHelp("Scale gradients down to this norm (1); 0 for never.", valueName: "x"))
  var clip: Double?

  @Option(
    help: ArgumentHelp(
      "Drop this part of what is read of each layer; else chosen from the passes.", valueName: "x"))
  var dropout: Double?

  @Option(help: ArgumentHelp("Hold out this part of the text, its end (at most 0.1).", valueName: "x"))
  var validationSplit: Double?

  @Option(help: "Fill in what is not given: standard, or tfjs for the values of TensorFlow.js's example.")
  var recipe: Recipe?

  @Option(help: "Precision of products: auto, fp32 or bf16.")
  var precision: PrecisionChoice?

  @Option(help: ArgumentHelp("Of all random numbers (0).", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Threads; the model does not depend on it.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if size != nil && layers != nil { throw ValidationError("--size and --layers exclude each other") }
    try require(sequenceLength, "--sequence-length", within: OptionRange.sequenceLength)
    try require(earlySequenceLength, "--early-sequence-length", within: OptionRange.sequenceLength)
    try require(cooldown, "--cooldown", within: OptionRange.cooldown)
    try require(sampleStep, "--sample-step", within: OptionRange.sampleStep)
    try require(examplesPerEpoch, "--examples-per-epoch", within: OptionRange.examplesPerEpoch)
    try require(epochs, "--epochs", within: 0...TrainingOptions.mostEpochs)
    try require(batchSize, "--batch-size", within: OptionRange.batchSize)
    try require(threads, "--threads", within: 1...1024)
    try require(learningRate, "--learning-rate", within: 1e-9...100)
    try require(innerRate, "--inner-rate", within: OptionRange.innerRate)
    try require(clip, "--clip", within: 0...1e9)
    try require(beta1, "--beta1", within: OptionRange.beta)
    try require(beta2, "--beta2", within: OptionRange.beta)
    try require(weightDecay, "--weight-decay", within: OptionRange.weightDecay)
    try require(averaging, "--averaging", within: OptionRange.averaging)
    try require(dropout, "--dropout", within: OptionRange.dropout)
    try require(validationSplit, "--validation-split", within: OptionRange.validationSplit)
  }

  /// The options given that a run being resumed has decided already.
  var decided: [(String, Bool)] {
    [
      ("--layers", layers != nil), ("--size", size != nil), ("--cell", cell != nil),
      ("--objective", objective != nil),
      ("--sequence-length", sequenceLength != nil),
      ("--early-sequence-length", earlySequenceLength != nil), ("--cooldown", cooldown != nil),
      ("--sample-step", sampleStep != nil),
      ("--examples-per-epoch", examplesPerEpoch != nil), ("--epochs", epochs != nil),
      ("--batch-size", batchSize != nil), ("--learning-rate", learningRate != nil),
      ("--inner-rate", innerRate != nil), ("--optimizer", optimizer != nil), ("--beta1", beta1 != nil),
      ("--beta2", beta2 != nil),
      ("--schedule", schedule != nil), ("--weight-decay", weightDecay != nil),
      ("--averaging", averaging != nil), ("--clip", clip != nil), ("--dropout", dropout != nil),
      ("--validation-split", validationSplit != nil), ("--recipe", recipe != nil),
      ("--precision", precision != nil), ("--seed", seed != nil),
    ]
  }

  /// What was asked for, the rest left to the recipe.
  var request: TrainingRequest {
    var request = TrainingRequest()
    request.layerSizes = layers?.sizes ?? size?.layerSizes
    request.cell = cell
    request.objective = objective
    request.sequenceLength = sequenceLength
    request.earlySequenceLength = earlySequenceLength
    request.cooldown = cooldown
    request.sampleStep = sampleStep
    request.examplesPerEpoch = examplesPerEpoch
    request.epochs = epochs
    request.batchSize = batchSize
    request.learningRate = learningRate
    request.innerRate = innerRate
    request.optimizer = optimizer
    request.clip = clip
    request.dropout = dropout
    request.validationSplit = validationSplit
    request.schedule = schedule
    request.beta1 = beta1
    request.beta2 = beta2
    request.weightDecay = weightDecay
    request.averaging = averaging
    request.precision = precision?.precision
    request.seed = seed ?? 0
    return request
  }
}

struct DisplayOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Temperatures of the text shown after each epoch.", valueName: "x,x,…"))
  var displayTemperatures = Temperatures([0, 0.25, 0.5, 0.75])

  @Option(help: ArgumentHelp("Characters of it; 0 shows none.", valueName: "n"))
  var displayLength = 120

  @Option(help: ArgumentHelp("What it continues; else a random piece of the text.", valueName: "text"))
  var displaySeed: String?

  @Option(
    help: ArgumentHelp("Append a row a report to this TSV file; - is standard error.", valueName: "file"),
    completion: .file())
  var log: String?

  @Option(help: ArgumentHelp("How the log is written: tsv or jsonl.", valueName: "format"))
  var logFormat: TrainingLog.Format = .tsv

  @Option(
    help: ArgumentHelp("Draw the losses into this SVG file.", valueName: "file"), completion: .file())
  var plot: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Compare with n-gram models, xz and zstd; by default where the text is short.")
  var baselines: Bool?

  @Flag(name: [.customShort("q"), .long], help: "Show nothing but errors.")
  var quiet = false

  func validate() throws {
    try require(displayLength, "--display-length", within: 0...1_000_000)
  }
}
