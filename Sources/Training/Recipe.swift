// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// What was asked for: nil wherever the recipe is to choose.
public struct TrainingRequest: Equatable, Sendable {
  /// H of each layer.
  public var layerSizes: [Int]?
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

  /// All options for a text of `characterCount` characters.
  ///
  /// - Parameter best: the fastest precision this machine has.
  public func options(_ request: TrainingRequest, characterCount: Int, best: Precision) -> TrainingOptions {
    let layerSizes = request.layerSizes ?? [128, 128]
    let validationSplit = request.validationSplit ?? (self == .tfjs ? 0.0625 : 0.1)
    let trained = Double(characterCount) * (1 - validationSplit)
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
    options.weightDecay = request.weightDecay ?? 0
    options.averaging = request.averaging ?? 0
    options.innerRate = request.innerRate ?? options.innerRate
    options.budget = request.budget
    if request.budget != nil {
      let most = self == .standard && objective == .every ? Self.mostPasses(trained: trained) : nil
      options.epochs = request.epochs ?? most ?? TrainingOptions.mostEpochs
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
    if options.optimizer == .adam { (options.beta2, options.epsilon) = (0.99, 1e-8) }
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
      options.epochs = request.epochs ?? Self.passes(trained: trained)
    }
    let passes = min(request.likelyPasses ?? .infinity, Double(options.epochs))
    options.cooldown = passes < 1.5 ? 0.3 : 0.5
    // What is read again and again is learned by heart, by wide layers above all.
    options.dropout = request.dropout ?? Self.dropout(passes: passes, width: width)
  }

  /// The part of the learning rate that the layers get: wider ones want smaller steps, the table that is read and the
  /// decoder do not.
  static func innerRate(width: Double) -> Double { 0.4 * min(1, 128 / width).squareRoot() }

  /// Passes over a text where nobody says how many: 4 over a million characters, 10 over fifty thousand, 1 over what
  /// is longer than a hundred million.
  static func passes(trained: Double) -> Int {
    min(max(Int((4 * powerOfThreeTenths(1e6 / max(trained, 1))).rounded()), 1), 20)
  }

  /// Passes over a text after which a run with time left ends: more of them would be learned by heart.
  static func mostPasses(trained: Double) -> Int { 2 * passes(trained: trained) }

  /// The part to drop: none of a text that is hardly read twice.
  static func dropout(passes: Double, width: Double) -> Double {
    let strength = 0.05 * max(0, passes - 1.5) * (width / 256).squareRoot()
    return (20 * min(strength, 0.5)).rounded() / 20
  }

  /// Layer sizes for a run that ends at a time, by what the time is good for.
  ///
  /// - Parameters:
  ///   - charactersAffordable: characters that a network of layers 128,128 could be trained on in the time.
  ///   - corpusLength: characters to train on; a wide network learns few of them by heart.
  public static func layerSizes(charactersAffordable: Double, corpusLength: Int) -> [Int] {
    let size = sizesByBudget.last { $0.affordable <= charactersAffordable && $0.corpus <= corpusLength }?.size
    return [Int](repeating: size ?? 128, count: 2)
  }

  /// Passes over a text that a network can be trained for in the time in which one of layers 128,128 could be on
  /// `charactersAffordable`.
  ///
  /// - Throws: `ConfigurationError` for impossible sizes.
  public static func passes(
    charactersAffordable: Double, layerSizes: [Int], symbolCount: Int, corpusLength: Int
  ) throws -> Double {
    let small = try Configuration(symbolCount: symbolCount, layerSizes: [128, 128])
    let configuration = try Configuration(symbolCount: symbolCount, layerSizes: layerSizes)
    let cost = Double(configuration.forwardOperations) / Double(small.forwardOperations)
    return charactersAffordable / cost / Double(max(corpusLength, 1))
  }

  /// The sizes that `layerSizes` chooses from, and what each wants: affordable characters, and a corpus.
  private static let sizesByBudget: [(affordable: Double, corpus: Int, size: Int)] = [
    (0, 0, 128), (2.5e6, 50_000, 192), (4.5e6, 50_000, 256), (16e6, 600_000, 384), (40e6, 3_000_000, 512),
    (300e6, 10_000_000, 768),
  ]
}

/// x to the power 0.3 to a few digits, from square roots alone, which are the same on every machine: 0.3 is nearly
/// 1/4 + 1/32 + 1/64 + 1/512.
private func powerOfThreeTenths(_ x: Double) -> Double {
  func root(_ x: Double, _ times: Int) -> Double { (0..<times).reduce(x) { root, _ in root.squareRoot() } }
  return root(x, 2) * root(x, 5) * root(x, 6) * root(x, 9)
}
