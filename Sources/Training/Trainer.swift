// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import ModelFile

/// What a run begins with.
public enum TrainingStart {
  /// New parameters.
  case new
  /// Those of a model of the corpus's charset and the options' layers.
  case model(Model)
  /// All that a run had when it was left.
  case checkpoint(Checkpoint)
}

/// Trains a network on a text.
///
/// Where nothing is wrong a run is a loop over updates: some of them followed by a check of the held-out loss, some by a
/// snapshot, which is what training is set back to when it goes wrong and what a checkpoint is made of. All of it
/// happens at updates that the options decide, so what was interrupted ends as what was not; only a budget of time is
/// held against the clock.
public final class Trainer {
  /// Why a run ended.
  public enum Ending: Equatable, Sendable {
    /// All epochs were done, or the time was up.
    case done
    /// All epochs were done before the time was up.
    case outOfPasses
    /// The held-out loss had not become lower for long enough.
    case outOfPatience
    /// It was asked to stop before.
    case stopped
  }

  /// All that decides the run.
  public let options: TrainingOptions
  /// The network as it is shown and saved, for reading in fp32 whenever a report is given and when the run has ended.
  public let network: Network
  /// The places of the text that are trained on.
  public let trainingRange: Range<Int>
  /// The characters held out; 0 where there are none.
  public var heldOutCount: Int { heldOut?.range.count ?? 0 }
  /// The last report; of a run that has ended, with the loss of the model that is saved.
  public internal(set) var lastReport: EpochReport?
  /// Updates so far.
  public var step: Int { position.step }
  /// The model that is saved, once the run has ended.
  public internal(set) var saved: SavedState?
  /// The text being learned.
  public let corpus: Corpus

  /// How often trouble sets training back before it is given up.
  public static let mostSetbacks = 5

  let heldOut: HeldOut?
  let workers: Workers
  let clock: () -> Double
  let programStart: Double?
  let validationDigest: String?
  let optimizer: Optimizer
  let numbers: [TrainedNumbers: FloatBuffer]
  let gradientStep: GradientStep
  let plan: CheckPlan
  let snapshot: TrainingSnapshot
  /// The parameters of the best check.
  let best: FloatBuffer?
  var source: BatchSource
  var position = TrainingPosition()
  /// When and after how many characters the later half of a budget's time began.
  private var speedMark: (seconds: Double, characters: Int)?
  var checkpointInterval: CheckpointInterval?
  lazy var textDigest = Self.wholeDigest(corpus)
  lazy var corpusDigest = XXH64.notation(corpus.digest)

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - corpus: at least two characters, prepared for the options.
  ///   - validation: held out instead of the corpus's end.
  ///   - start: what to begin with; a model for coupled gates has to have them.
  ///   - kernels: must have the options' precision.
  ///   - memoryLimit: bytes that the run may take; nil for any number.
  ///   - programStart: when a budget of time began, on the clock; nil for when training begins.
  ///   - clock: seconds from any beginning.
  /// - Throws: `TextError` when there is not enough text, `ConfigurationError` for impossible sizes,
  ///   `TrainingError.tooLarge`, or `CheckpointError`.
  public init(
    _ corpus: Corpus, validation: Corpus? = nil, options: TrainingOptions, start: TrainingStart = .new,
    kernels: Kernels, workers: Workers, memoryLimit: Int? = nil, programStart: Double? = nil,
    clock: @escaping () -> Double
  ) throws {
    guard corpus.ids.count >= 2 else {
      throw TextError.tooShort(source: nil, count: corpus.ids.count, needed: 2)
    }
    let configuration = try Configuration(symbolCount: corpus.charset.count, layerSizes: options.layerSizes)
    let held = validation == nil ? Int(Double(corpus.ids.count) * options.validationSplit) : 0
    let split = corpus.trainingCount(holdingOut: held)
    trainingRange = 0..<split
    source = BatchSource(corpus, in: trainingRange, options: options)
    let needed = GradientStep.memorySize(
      configuration, rows: source.rows, steps: source.longest, threads: workers.count)
    if let memoryLimit, needed > memoryLimit {
      throw TrainingError.tooLarge(needed: needed, limit: memoryLimit)
    }

    let parameters = Parameters(configuration)
    switch start {
    case .new:
      var random = PhiloxGenerator(seed: options.seed, stream: RandomStream.initialValues.rawValue)
      parameters.initialize(options.initialization, using: &random)
      if options.cell == .coupled { parameters.couple() }
    case .model(let model):
      precondition(model.parameters.configuration == configuration, "a model of other sizes")
      precondition(options.cell == .lstm || model.parameters.areCoupled, "gates that are not coupled")
      parameters.values.copy(from: model.parameters.values)
    case .checkpoint(let checkpoint):
      // Its numbers come below; with another text even the charset may be another.
      guard checkpoint.model.parameters.configuration == configuration else {
        throw CheckpointError.otherText
      }
    }
    let averages = options.averaging > 0 ? parameters.copy() : nil
    optimizer = Optimizer(options, count: parameters.values.count)
    var numbers = [TrainedNumbers.parameters: parameters.values]
    numbers[.averages] = averages?.values
    numbers[.firstMoment] = optimizer.firstMoment
    numbers[.secondMoment] = optimizer.secondMoment
    self.numbers = numbers
    snapshot = TrainingSnapshot(like: numbers)

    self.corpus = corpus
    self.options = options
    self.workers = workers
    self.clock = clock
    self.programStart = programStart
    if let validation {
      heldOut = HeldOut(validation, in: 0..<validation.ids.count, options: options)
    } else {
      heldOut =
        split < corpus.ids.count ? HeldOut(corpus, in: split..<corpus.ids.count, options: options) : nil
    }
    validationDigest = validation.map(Self.wholeDigest)
    best = heldOut.map { _ in FloatBuffer(count: parameters.values.count) }
    let isCoupled = options.cell == .coupled
    let trained = Network(
      parameters, kernels: kernels, precision: options.precision, forTraining: true, isCoupled: isCoupled,
      workers: workers)
    network = Network(averages ?? parameters, kernels: kernels, isCoupled: isCoupled, workers: workers)
    gradientStep = GradientStep(
      trained, optimizer: optimizer, averages: averages,
      frequencyCosts: Self.frequencyCosts(of: corpus, in: trainingRange), options: options,
      batchRows: source.rows, steps: source.longest,
      decoded: options.objective == .every ? source.longest : 1, workers: workers)
    plan = CheckPlan.epochs(
      options.epochs, heldOut: heldOut?.placeCount ?? 0,
      placeCost: Self.placeCost(heldOut, kernels: kernels, options),
      fewest: heldOut?.fewestPlaces ?? 0, batches: source.batchCount / options.chunksTogether,
      batchSize: source.rows * source.longest)
    if case .checkpoint(let checkpoint) = start { try restore(checkpoint) }
    takeSnapshot()
  }

  /// Trains to the end, or until the observer says so.
  ///
  /// - Parameters:
  ///   - observer: told of everything; the time that its calls take does not count as training.
  ///   - checkpoints: how often it is asked to write one; nil for never.
  /// - Throws: `TrainingError.diverged` when the loss does not become sound again, and what `onReport` throws.
  public func run(_ observer: TrainingObserver, checkpoints: CheckpointInterval? = nil) throws -> Ending {
    checkpointInterval = checkpoints
    // Seconds are counted from here, those of the runs before this one among them.
    let origin = (programStart ?? clock()) - position.seconds
    let budget = options.budget.map { TimeBudget(seconds: $0, start: origin, now: clock()) }
    var lastCheckpoint = (time: clock(), step: position.step)
    var updateSeconds = 0.0
    var ending = Ending.done
    while !isComplete(budget, updateSeconds: updateSeconds) {
      if observer.shouldStop() {
        ending = .stopped
        break
      }
      if position.epoch == 0 || position.batch == source.batchCount { beginEpoch() }
      let start = clock()
      let rate = rate(budget, now: start)
      skipToTheEnd(budget, now: start)
      let batches = nextBatches(budget, now: start)
      let outcome = update(batches, rate: rate)
      let now = clock()
      updateSeconds = now - start
      position.trainingSeconds += updateSeconds
      position.seconds = now - origin
      let watch = position.watch
      let isBlownUp = watch.isAbsurd || position.step > position.judgedFrom && watch.isBlownUp
      guard outcome.isFinite && !isBlownUp else {
        observer.onSetback(
          try setBack(nats: outcome.isFinite ? position.watch.latest.mean : outcome.loss, rate: rate))
        continue
      }
      observer.onProgress(progress(budget, now: now))

      let isBetter = try isCheckDue(after: batches, budget, now: now) && check(rate: rate, observer)
      if isBetter || isSnapshotDue { takeSnapshot() }
      if let checkpoints, snapshot.position.step > lastCheckpoint.step,
        checkpoints.isDue(
          step: snapshot.position.step, lastStep: lastCheckpoint.step, now: now, lastTime: lastCheckpoint.time
        )
      {
        observer.onCheckpoint()
        lastCheckpoint = (clock(), snapshot.position.step)
      }
      if options.patience > 0 && position.checksSinceBest >= options.patience {
        ending = .outOfPatience
        break
      }
    }
    // A run that passed over text did so because its time was nearly up.
    if ending == .done && budget != nil && isLastEpochDone && position.skipped == 0 { ending = .outOfPasses }
    if ending == .stopped && checkpoints != nil { observer.onCheckpoint() }
    try settle(ending, rate: rate(budget, now: clock()), observer)
    return ending
  }

  private func isComplete(_ budget: TimeBudget?, updateSeconds: Double) -> Bool {
    if let budget, budget.isOver(at: clock(), updateSeconds: updateSeconds) { return true }
    return isLastEpochDone
  }

  private var isLastEpochDone: Bool {
    position.epoch == options.epochs && position.batch == (options.epochs == 0 ? 0 : source.batchCount)
  }

  private func beginEpoch() {
    position.epoch += 1
    position.batch = 0
    position.epochLoss = RunningMean()
    source.beginEpoch()
    gradientStep.resetState()
  }

  /// The learning rate of the next update.
  private func rate(_ budget: TimeBudget?, now: Double) -> Double {
    let factor = options.schedule.factor(
      step: position.step, done: done(budget, now: now), begun: budget?.begun ?? 0, cooldown: options.cooldown
    )
    return options.learningRate * position.rateFactor * factor
  }

  /// The part of the run that is done: of its epochs, or of its time if that is more.
  func done(_ budget: TimeBudget?, now: Double) -> Double {
    max(
      position.passes(batches: source.batchCount) / Double(max(options.epochs, 1)),
      budget?.used(at: now) ?? 0)
  }

  /// What the next update takes of the epoch: one batch early in the run, later as many as it has been given room for.
  private func nextBatches(_ budget: TimeBudget?, now: Double) -> Range<Int> {
    let together = done(budget, now: now) < TrainingOptions.earlyPart ? 1 : options.chunksTogether
    return position.batch..<min(position.batch + together, source.batchCount)
  }

  /// Passes over a part of the text when the time will end within the pass, so that the end of the text is read last:
  /// what follows a text is most like its end.
  private func skipToTheEnd(_ budget: TimeBudget?, now: Double) {
    guard let budget, options.objective == .every, budget.used(at: now) > 0.5 else { return }
    let mark = speedMark ?? (seconds: now, characters: position.trainedCharacters)
    speedMark = mark
    let (seconds, characters) = (now - mark.seconds, position.trainedCharacters - mark.characters)
    guard seconds > 0.05 * budget.seconds, characters > 0 else { return }
    let left = (1 - budget.used(at: now)) * budget.seconds * Double(characters) / seconds
    let passesLeft = left / Double(trainingRange.count)
    // The later, the surer is the guess.
    guard passesLeft < 0.3 else { return }
    let batchesLeft = max(1, Int(passesLeft * Double(source.batchCount)))
    let skipped = source.batchCount - batchesLeft - position.batch
    guard 20 * skipped > source.batchCount else { return }
    position.skipped += skipped
    position.batch += skipped
    gradientStep.resetState()
  }

  private func update(_ batches: Range<Int>, rate: Double) -> GradientStep.Outcome {
    let batch = source.batch(batches)
    let outcome = gradientStep.run(batch, step: position.step, rate: rate)
    position.step += 1
    position.batch = batches.upperBound
    position.trainedCharacters += batch.steps * source.rows
    guard outcome.isFinite else { return outcome }
    let charged = Double(outcome.charged)
    position.epochLoss.add(outcome.loss, weight: charged)
    position.watch.note(loss: outcome.loss, frequencyCost: outcome.frequencyCost, weight: charged)
    return outcome
  }

  private func progress(_ budget: TimeBudget?, now: Double) -> TrainingProgress {
    let fraction = done(budget, now: now)
    let past = budget == nil ? position.trainingSeconds : position.seconds
    let left = past / fraction * max(0, 1 - fraction)
    return TrainingProgress(
      epoch: position.epoch, epochs: options.budget == nil ? options.epochs : 0, fraction: min(fraction, 1),
      nats: position.watch.recent.mean, charactersPerSecond: charactersPerSecond,
      trainingSeconds: position.trainingSeconds, secondsLeft: left)
  }

  var charactersPerSecond: Double {
    position.trainingSeconds > 0 ? Double(position.trainedCharacters) / position.trainingSeconds : 0
  }
}
