// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// What was asked for: nil wherever the recipe is to choose.
public struct TrainingRequest: Equatable, Sendable {
  /// H of each layer.
  public var layerSizes: [Int]?
  /// See `CellKind`.
  public var cell: CellKind?
  /// Where the loss is taken.
  public var objective: Objective?
  /// Characters a chunk or window.
  public var sequenceLength: Int?
  /// Characters a chunk early in the run.
  public var earlySequenceLength: Int?
  /// Characters between the beginnings of windows.
  public var sampleStep: Int?
  /// Windows an epoch.
  public var examplesPerEpoch: Int?
  /// Passes over the text.
  public var epochs: Int?
  /// Rows an update.
  public var batchSize: Int?
  /// The full learning rate.
  public var learningRate: Double?
  /// The part of the learning rate that the layers get, but for the input table.
  public var innerRate: Double?
  /// How updates are made.
  public var optimizer: OptimizerKind?
  /// The norm gradients are scaled down to.
  public var clip: Double?
  /// Dropout between layers.
  public var dropout: Double?
  /// The part of the text that is held out.
  public var validationSplit: Double?
  /// How operands of products are kept.
  public var precision: Precision?
  /// See `Schedule`.
  public var schedule: Schedule?
  /// The part of the run in which a trapezoid falls.
  public var cooldown: Double?
  /// Decay of the first moment.
  public var beta1: Double?
  /// Decay of the second moment.
  public var beta2: Double?
  /// The part of the learning rate that an update takes off every parameter.
  public var weightDecay: Double?
  /// The decay of the parameters' moving average.
  public var averaging: Double?
  /// Checks without a lower held-out loss that are waited for.
  public var patience: Int?
  /// Seconds from the start of the program to the last update.
  public var budget: Double?
  /// Passes over the text that the budget is likely to be good for.
  public var likelyPasses: Double?
  /// Whether the run begins with a trained model, whose knowledge large steps would destroy.
  public var continuesModel = false
  /// Whether each line is a text of its own.
  public var records = false
  /// Whether records come in random order.
  public var shuffle = false
  /// Of all random numbers.
  public var seed: UInt64 = 0

  /// Nothing asked for.
  public init() {}
}

/// A way to fill in what was not asked for.
public enum Recipe: String, CaseIterable, Sendable {
  /// What reaches the lowest held-out loss in the time (see CONTRIBUTING for where the values come from).
  case standard
  /// The values of TensorFlow.js's lstm-text-generation example.
  case tfjs

  /// Where the loss is taken.
  public func objective(_ request: TrainingRequest) -> Objective {
    request.objective ?? (self == .tfjs ? .last : .every)
  }

  /// The part of a text of `characterCount` characters that is held out.
  public func validationSplit(_ request: TrainingRequest, characterCount: Int) -> Double {
    request.validationSplit ?? (self == .tfjs ? 0.0625 : Self.validationSplit(characterCount: characterCount))
  }

  /// All options for a text of `characterCount` characters.
  ///
  /// - Parameter best: the fastest precision this machine has.
  public func options(_ request: TrainingRequest, characterCount: Int, best: Precision) -> TrainingOptions {
    let validationSplit = validationSplit(request, characterCount: characterCount)
    let trained = Double(characterCount) * (1 - validationSplit)
    let layerSizes = request.layerSizes ?? (self == .tfjs ? [128, 128] : Self.layerSizes(trained: trained))
    let objective = objective(request)
    let sequenceLength = request.sequenceLength ?? (objective == .last ? 60 : 64)
    var options = TrainingOptions(
      layerSizes: layerSizes, objective: objective, sequenceLength: sequenceLength,
      earlySequenceLength: sequenceLength,
      sampleStep: request.sampleStep ?? 3, examplesPerEpoch: request.examplesPerEpoch ?? 10_000,
      epochs: request.epochs ?? 20, batchSize: request.batchSize ?? 128,
      learningRate: request.learningRate ?? 0.01, schedule: .constant, cooldown: 0,
      optimizer: request.optimizer ?? .rmsprop,
      beta1: 0, beta2: 0.9, epsilon: 1e-7, clip: request.clip ?? 0, dropout: request.dropout ?? 0,
      validationSplit: validationSplit, initialization: .keras, precision: request.precision ?? best,
      records: request.records, shuffle: request.records && request.shuffle, seed: request.seed)
    if options.optimizer == .adam { (options.beta2, options.epsilon) = (0.999, 1e-8) }
    if self == .standard { fillStandard(&options, request, trained: trained) }

    if request.continuesModel && request.learningRate == nil { options.learningRate *= 0.3 }
    options.schedule = request.schedule ?? options.schedule
    options.cooldown = request.cooldown ?? options.cooldown
    options.beta1 = request.beta1 ?? options.beta1
    options.beta2 = request.beta2 ?? options.beta2
    options.weightDecay = request.weightDecay ?? options.weightDecay
    options.averaging = request.averaging ?? 0
    options.innerRate = request.innerRate ?? options.innerRate
    options.cell = request.cell ?? (self == .standard ? .coupled : .lstm)
    options.budget = request.budget
    if request.budget != nil && (self == .tfjs || objective == .last) {
      options.epochs = request.epochs ?? TrainingOptions.mostEpochs
    }
    // Who asks for thousands of epochs means: until it learns no more.
    options.patience = request.patience ?? (request.budget == nil && options.epochs > 1000 ? 100 : 0)
    return options
  }

  /// The values for the lowest loss in the time.
  private func fillStandard(_ options: inout TrainingOptions, _ request: TrainingRequest, trained: Double) {
    options.initialization = .scaled
    options.schedule = .trapezoid
    options.clip = request.clip ?? 1
    options.optimizer = request.optimizer ?? .adam
    let width = Double(options.layerSizes.max() ?? 128)
    let inner = Self.innerRate(width: width)
    // Two rates were tried with adam alone.
    if options.optimizer == .adam { options.innerRate = inner }
    options.learningRate = request.learningRate ?? (options.optimizer == .adam ? 0.018 : 0.018 * inner)
    if options.objective == .every {
      // Many small updates teach most, above all early; a short text gets at least sixteen a pass.
      options.earlySequenceLength = min(
        request.earlySequenceLength ?? (width > 200 ? 32 : 16), options.sequenceLength)
      let fitting = Int(trained) / (16 * options.earlySequenceLength)
      options.batchSize = request.batchSize ?? min(max(fitting, 4), width > 200 ? 32 : 16)
      options.epochs =
        request.epochs
        ?? (request.budget == nil
          ? Self.passes(trained: trained, width: width) : Self.mostPasses(trained: trained, width: width))
    }
    let passes = passes(options, request, trained: trained)
    options.cooldown = passes < 1.5 ? 0.3 : 0.5
    // What is read again and again is learned by heart, by wide layers above all.
    options.dropout = request.dropout ?? Self.dropout(passes: passes, width: width)
    if options.optimizer == .adam {
      (options.beta2, options.epsilon) = (Self.beta2(trained: trained), 1e-8)
      options.weightDecay = Self.weightDecay(passes: passes, ofRecords: request.records)
    }
  }

  /// How often each character will be a target: as often as the options say, or the time is likely good for.
  private func passes(_ options: TrainingOptions, _ request: TrainingRequest, trained: Double) -> Double {
    let characters = request.likelyPasses ?? .infinity
    guard options.objective == .last else { return min(characters, Double(options.epochs)) }
    // A window has one target.
    let windows = Double(options.epochs) * Double(options.examplesPerEpoch)
    return min(characters / Double(options.sequenceLength), windows / max(trained, 1))
  }
}
