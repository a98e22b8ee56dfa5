// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import ModelFile

/// Trains a network on a text.
public final class Trainer {
  /// Why a run ended.
  public enum Ending: Equatable, Sendable {
    /// All epochs were done.
    case done
    /// It was asked to stop before.
    case stopped
  }

  /// All that decides the run.
  public let options: TrainingOptions
  /// The network being trained, for reading in fp32 whenever a report is given.
  public let network: Network
  /// The places of the text that are trained on.
  public let trainingRange: Range<Int>
  /// The characters held out; 0 where there are none.
  public var heldOutCount: Int { heldOut?.range.count ?? 0 }
  /// The last report.
  public private(set) var lastReport: EpochReport?
  /// Updates so far.
  public private(set) var step = 0

  /// Windows that are scored with the objective `last`, spread evenly over the held-out part: each costs as much as
  /// its whole length does with the objective `every`.
  public static let mostHeldOutWindows = 8192

  private let corpus: Corpus
  private let heldOut: (corpus: Corpus, range: Range<Int>)?
  private let workers: Workers
  private let clock: () -> Double
  private let trained: Network
  private var source: BatchSource
  private let optimizer: Optimizer
  private var trainingSeconds = 0.0
  private var trainedCharacters = 0

  /// Prepares a run with new parameters.
  ///
  /// - Parameters:
  ///   - corpus: at least two characters, prepared for the options.
  ///   - validation: held out instead of the corpus's end.
  ///   - kernels: must have the options' precision.
  ///   - memoryLimit: bytes that the run may take; nil for any number.
  ///   - clock: seconds from any beginning.
  /// - Throws: `TextError` when there is not enough text, `ConfigurationError` for impossible sizes,
  ///   `TrainingError.tooLarge`.
  public init(
    _ corpus: Corpus, validation: Corpus? = nil, options: TrainingOptions, kernels: Kernels, workers: Workers,
    memoryLimit: Int? = nil, clock: @escaping () -> Double
  ) throws {
    guard corpus.ids.count >= 2 else {
      throw TextError.tooShort(source: nil, count: corpus.ids.count, needed: 2)
    }
    let configuration = try Configuration(symbolCount: corpus.charset.count, layerSizes: options.layerSizes)
    let held = validation == nil ? Int(Double(corpus.ids.count) * options.validationSplit) : 0
    let split = corpus.trainingCount(holdingOut: held)
    trainingRange = 0..<split
    source = BatchSource(corpus, in: trainingRange, options: options)
    let needed = GradientStep.memorySize(configuration, rows: source.rows, steps: source.longest)
    if let memoryLimit, needed > memoryLimit {
      throw TrainingError.tooLarge(needed: needed, limit: memoryLimit)
    }

    let parameters = Parameters(configuration)
    var random = PhiloxGenerator(seed: options.seed, stream: RandomStream.initialValues.rawValue)
    parameters.initialize(options.initialization, using: &random)

    self.corpus = corpus
    self.options = options
    self.workers = workers
    self.clock = clock
    if let validation {
      heldOut = (validation, 0..<validation.ids.count)
    } else {
      heldOut = split < corpus.ids.count ? (corpus, split..<corpus.ids.count) : nil
    }
    trained = Network(
      parameters, kernels: kernels, precision: options.precision, forTraining: true, workers: workers)
    network = Network(parameters, kernels: kernels, workers: workers)
    optimizer = Optimizer(options, count: parameters.values.count)
  }

  /// The id that is read before a text's first character.
  private var beginning: Int? { corpus.charset.newlineID }

  /// Trains to the end, or until `shouldStop` says so.
  ///
  /// - Parameters:
  ///   - onProgress: called after every update.
  ///   - onEpoch: called after every epoch and where the run is stopped, `network` being up to date; the time it takes
  ///     does not count.
  ///   - shouldStop: asked before every update.
  /// - Throws: `TrainingError.diverged` when the loss is no longer a number, and what `onEpoch` throws.
  public func run(
    onProgress: (TrainingProgress) -> Void, onEpoch: (EpochReport) throws -> Void, shouldStop: () -> Bool
  ) throws -> Ending {
    let began = clock()
    let gradientStep = GradientStep(
      trained, optimizer: optimizer, options: options, batchRows: source.rows, steps: source.longest,
      decoded: options.objective == .every ? source.longest : 1, workers: workers)
    let total = options.epochs * source.batchCount
    var recent = RunningMean()
    var rate = 0.0
    var ending = Ending.done
    for epoch in 1...max(options.epochs, 1) where options.epochs > 0 {
      var epochLoss = RunningMean()
      source.beginEpoch()
      gradientStep.resetState()
      for index in 0..<source.batchCount {
        if shouldStop() {
          ending = .stopped
          break
        }
        let start = clock()
        let batch = source.batch(index)
        rate = options.learningRate * options.schedule.factor(step: step, total: total)
        let outcome = gradientStep.run(batch, step: step, rate: rate)
        guard outcome.loss.isFinite && outcome.gradientNorm.isFinite else {
          throw TrainingError.diverged(step: step, learningRate: rate)
        }
        step += 1
        trainedCharacters += batch.steps * source.rows
        trainingSeconds += clock() - start
        let charged = Double(outcome.charged)
        epochLoss.add(outcome.loss, weight: charged)
        recent.decay(0.98)
        recent.add(outcome.loss, weight: charged)
        onProgress(
          TrainingProgress(
            epoch: epoch, epochs: options.epochs, fraction: Double(step) / Double(total), nats: recent.mean,
            charactersPerSecond: charactersPerSecond, trainingSeconds: trainingSeconds,
            secondsLeft: trainingSeconds / Double(step) * Double(total - step)))
      }
      network.pack(workers: workers)
      // Told to stop between two epochs: the last one's report stands.
      if ending == .stopped && epochLoss.isEmpty && lastReport != nil { break }
      let report = report(
        epoch: epoch, seconds: clock() - began, trainNats: epochLoss.mean, rate: rate,
        measures: ending == .done || isQuickToMeasure)
      lastReport = report
      try onEpoch(report)
      if ending == .stopped { break }
    }
    if options.epochs == 0 { lastReport = report(epoch: 0, seconds: 0, trainNats: .nan, rate: 0) }
    return ending
  }

  private func report(
    epoch: Int, seconds: Double, trainNats: Double, rate: Double, measures: Bool = true
  ) -> EpochReport {
    EpochReport(
      step: step, epoch: epoch, epochs: options.epochs, seconds: seconds, trainNats: trainNats,
      heldOutNats: measures ? heldOutScore()?.natsPerCharacter : nil,
      charactersPerSecond: charactersPerSecond,
      learningRate: rate)
  }

  /// Whether measuring takes no more than about a second: who has told a run to stop will not wait for longer.
  private var isQuickToMeasure: Bool {
    let places = options.objective == .every ? heldOutCount : Self.mostHeldOutWindows * options.sequenceLength
    return Double(places) * Double(network.configuration.forwardOperations) < 1e11
  }

  /// The loss on all of the held-out part under the present parameters, in fp32.
  public func heldOutScore() -> Score? {
    guard let heldOut else { return nil }
    let scorer = Scorer(network, beginning: beginning, workers: workers)
    switch options.objective {
    case .every:
      return scorer.score(heldOut.corpus.ids, in: heldOut.range, beginnings: heldOut.corpus.beginnings)
    case .last:
      let starts = WindowBatches.starts(
        in: heldOut.range, length: options.sequenceLength, sampleStep: options.sampleStep,
        most: Self.mostHeldOutWindows)
      guard !starts.isEmpty else { return nil }
      return scorer.scoreWindows(
        heldOut.corpus.ids, starts: starts, length: min(options.sequenceLength, heldOut.range.count - 1),
        beginnings: heldOut.corpus.beginnings)
    }
  }

  /// The model as it stands, with its story.
  public func model(programVersion: String) -> Model {
    Model(
      charset: corpus.charset, parameters: network.parameters, isOfRecords: options.records,
      training: TrainingRecord(
        options: options.described, corpusDigest: XXH64.notation(corpus.digest),
        corpusLength: corpus.ids.count,
        heldOutLength: heldOutCount, steps: step, epochs: Double(step) / Double(source.batchCount),
        trainNats: lastReport.flatMap { $0.trainNats.isNaN ? nil : $0.trainNats },
        heldOutNats: lastReport?.heldOutNats,
        heldOutBits: lastReport?.heldOutBits,
        seed: options.seed, programVersion: programVersion))
  }

  private var charactersPerSecond: Double {
    trainingSeconds > 0 ? Double(trainedCharacters) / trainingSeconds : 0
  }
}

/// Why a run cannot go on.
public enum TrainingError: UserFacingError, Equatable {
  /// The loss or its gradient is no longer a number.
  case diverged(step: Int, learningRate: Double)
  /// Rows, steps and layers that take more bytes than there are.
  case tooLarge(needed: Int, limit: Int)

  /// Of the run as a whole.
  public var place: String? { nil }
  /// Divergence has a status of its own; too large a run was asked for.
  public var kind: ErrorKind {
    switch self {
    case .diverged: .diverged
    case .tooLarge: .usage
    }
  }
  /// What happened, and what to do.
  public var reason: String {
    switch self {
    case .diverged(let step, let rate):
      "the loss is no longer a number after \(step) updates at learning rate \(rate): try a lower --learning-rate"
    case .tooLarge(let needed, let limit):
      "this run needs about \(needed >> 20) MB of memory, and there are \(limit >> 20): "
        + "try fewer --layers, a smaller --batch-size or --sequence-length"
    }
  }
}

/// A weighted mean that can forget.
private struct RunningMean {
  private var sum = 0.0
  private var weight = 0.0

  var isEmpty: Bool { weight == 0 }
  var mean: Double { weight > 0 ? sum / weight : .nan }

  mutating func add(_ value: Double, weight: Double) {
    sum += value * weight
    self.weight += weight
  }

  mutating func decay(_ factor: Double) {
    sum *= factor
    weight *= factor
  }
}
