// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

extension TrainingOptions {
  /// The most epochs that are run; a run that ends at a time hardly gets there.
  public static let mostEpochs = 1_000_000

  /// The values as a model file tells them, by the names of the program's options.
  public var described: [String: String] {
    var values = [
      "layers": layerSizes.map(String.init).joined(separator: ","),
      "cell": cell.rawValue,
      "objective": objective.rawValue,
      "sequence-length": String(sequenceLength),
      "batch-size": String(batchSize),
      "learning-rate": String(learningRate),
      "schedule": schedule.rawValue,
      "optimizer": optimizer.rawValue,
      "beta1": String(beta1),
      "beta2": String(beta2),
      "epsilon": String(epsilon),
      "clip": String(clip),
      "dropout": String(dropout),
      "validation-split": String(validationSplit),
      "initialization": initialization.rawValue,
      "precision": precision.rawValue,
    ]
    if objective == .last {
      values["sample-step"] = String(sampleStep)
      values["examples-per-epoch"] = String(examplesPerEpoch)
    }
    if cooldown > 0 { values["cooldown"] = String(cooldown) }
    if earlySequenceLength != sequenceLength { values["early-sequence-length"] = String(earlySequenceLength) }
    if let budget { values["for"] = "\(budget)s" }
    if budget == nil || epochs < Self.mostEpochs { values["epochs"] = String(epochs) }
    if records {
      values["records"] = "true"
      values["shuffle"] = String(shuffle)
    }
    if weightDecay > 0 { values["weight-decay"] = String(weightDecay) }
    if innerRate != 1 { values["inner-rate"] = String(innerRate) }
    if averaging > 0 { values["averaging"] = String(averaging) }
    if patience > 0 { values["patience"] = String(patience) }
    return values
  }

  /// The options that `described` tells, for going on with a run.
  ///
  /// - Throws: `CheckpointError` where a value is missing or none that a run can have.
  public init(described values: [String: String], seed: UInt64) throws(CheckpointError) {
    let fields = CheckpointFields(values)
    let objective: Objective = try fields.choice("objective")
    let sequenceLength = try fields.integer("sequence-length", in: OptionRange.sequenceLength)
    let budget = try Self.budget(values["for"])
    self.init(
      layerSizes: try Self.layerSizes(fields.text("layers")), objective: objective,
      sequenceLength: sequenceLength,
      earlySequenceLength: try fields.integer(
        "early-sequence-length", in: OptionRange.sequenceLength, default: sequenceLength),
      sampleStep: objective == .last ? try fields.integer("sample-step", in: OptionRange.sampleStep) : 3,
      examplesPerEpoch: objective == .last
        ? try fields.integer("examples-per-epoch", in: OptionRange.examplesPerEpoch) : 10_000,
      epochs: try fields.integer(
        "epochs", in: 0...Self.mostEpochs, default: budget == nil ? nil : Self.mostEpochs),
      batchSize: try fields.integer("batch-size", in: OptionRange.batchSize),
      learningRate: try fields.number("learning-rate", in: 0...1e38),
      schedule: try fields.choice("schedule"),
      cooldown: try fields.number("cooldown", in: OptionRange.cooldown, default: 0),
      optimizer: try fields.choice("optimizer"),
      beta1: try fields.number("beta1", in: OptionRange.beta),
      beta2: try fields.number("beta2", in: OptionRange.beta),
      epsilon: try fields.number("epsilon", in: 0...1), clip: try fields.number("clip", in: 0...1e38),
      dropout: try fields.number("dropout", in: OptionRange.dropout),
      validationSplit: try fields.number("validation-split", in: OptionRange.validationSplit),
      initialization: try fields.choice("initialization"), precision: try fields.choice("precision"),
      seed: seed)
    self.budget = budget
    // Those that do not tell are from before there was a choice.
    if values["cell"] != nil { cell = try fields.choice("cell") }
    records = try fields.flag("records")
    shuffle = try fields.flag("shuffle")
    guard !records || objective == .every else { throw .field("records", "true") }
    weightDecay = try fields.number("weight-decay", in: OptionRange.weightDecay, default: 0)
    averaging = try fields.number("averaging", in: OptionRange.averaging, default: 0)
    innerRate = try fields.number("inner-rate", in: OptionRange.innerRate, default: 1)
    patience = try fields.integer("patience", in: OptionRange.patience, default: 0)
  }

  private static func layerSizes(_ text: String) throws(CheckpointError) -> [Int] {
    let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard sizes.count <= Configuration.mostLayers, !sizes.contains(nil) else {
      throw .field("layers", text)
    }
    return sizes.compactMap(\.self)
  }

  private static func budget(_ text: String?) throws(CheckpointError) -> Double? {
    guard let text else { return nil }
    guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), OptionRange.budget.contains(seconds)
    else { throw .field("for", text) }
    return seconds
  }
}

/// What values options may have, typed or read from a checkpoint.
public enum OptionRange {
  /// Characters a chunk or window.
  public static let sequenceLength = 1...1_048_576
  /// Characters between windows.
  public static let sampleStep = 1...1_048_576
  /// Windows an epoch.
  public static let examplesPerEpoch = 1...1_000_000_000
  /// Rows an update.
  public static let batchSize = 1...65536
  /// A dropped part.
  public static let dropout = 0...0.99
  /// A held-out part.
  public static let validationSplit = 0...0.99
  /// A part of a run.
  public static let cooldown = 0...1.0
  /// Decay of a moment.
  public static let beta = 0...0.999_999
  /// A part of the learning rate.
  public static let innerRate = 0...10.0
  /// Decay of the parameters.
  public static let weightDecay = 0...100.0
  /// Decay of the parameters' average.
  public static let averaging = 0...0.999_999
  /// Checks.
  public static let patience = 0...1_000_000
  /// Seconds.
  public static let budget = 0.1...31_536_000
  /// Seconds between checkpoints.
  public static let checkpointSeconds = 0.1...31_536_000
  /// Updates between checkpoints.
  public static let checkpointUpdates = 1...1_000_000_000_000
}
