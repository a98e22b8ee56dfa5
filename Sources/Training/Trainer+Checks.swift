// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import ModelFile

/// The model that a run ended with.
public struct SavedState: Equatable, Sendable {
  /// Updates that made it.
  public var step: Int
  /// Passes over the text until then.
  public var passes: Double
  /// The training loss then, in nats a character; NaN if nothing was trained.
  public var trainNats: Double
  /// Its loss on all that is held out, in fp32; nil where nothing is, or there was no time to measure it.
  public var heldOutNats: Double?
}

extension Trainer {
  /// What scoring one held-out place costs, in trained characters.
  static func placeCost(_ heldOut: HeldOut?, kernels: Kernels, _ options: TrainingOptions) -> Double {
    Double(heldOut?.placeLength ?? 1) * CheckPlan.cost(speed: kernels.speed(of: options.precision))
  }

  /// Whether the held-out loss is to be looked at after this update.
  func isCheckDue(after batches: Range<Int>, _ budget: TimeBudget?, now: Double) -> Bool {
    guard let budget else { return plan.isDue(after: batches, of: source.batchCount) }
    if position.checksPlanned == 0 {
      // The first updates tell how fast this machine is.
      guard position.step >= 20 else { return false }
      // What the run will take: the budget, or less where it ends after its last pass.
      let seconds = position.seconds / done(budget, now: now)
      (position.checksPlanned, position.checkSample) = CheckPlan.budget(
        seconds: seconds, speed: charactersPerSecond, heldOut: heldOut?.placeCount ?? 0,
        placeCost: Self.placeCost(heldOut, kernels: network.kernels, options),
        fewest: heldOut?.fewestPlaces ?? 0)
    }
    // Of those that would be due by now only one is made; the last comes when the time is up.
    let due = Int(done(budget, now: now) * Double(position.checksPlanned))
    guard due > position.checks && due < position.checksPlanned else { return false }
    position.checks = due - 1
    return true
  }

  /// Held-out places that a check is made on.
  private var checkSample: Int {
    if options.budget == nil { return plan.sample }
    return position.checkSample > 0 ? position.checkSample : min(CheckPlan.fewest, heldOut?.placeCount ?? 0)
  }

  /// Measures the network as it stands, keeps it if it is the best so far, and reports.
  ///
  /// - Returns: whether it is the best.
  func check(rate: Double, _ observer: TrainingObserver, measures: Bool = true) throws -> Bool {
    network.pack(workers: workers)
    let places = checkSample
    let score = measures ? heldOut?.score(network, places: places, workers: workers) : nil
    let isWhole = places >= heldOut?.placeCount ?? 0
    let report = report(nats: score?.natsPerCharacter, isSampled: !isWhole, rate: rate)
    var isBetter = false
    if measures && heldOut != nil {
      position.checks += 1
      isBetter = keepIfBest(report)
      position.checksSinceBest = isBetter ? 0 : position.checksSinceBest + 1
    } else if options.budget != nil {
      position.checks += 1
    }
    lastReport = report
    try observer.onReport(report)
    return isBetter
  }

  private func keepIfBest(_ report: EpochReport) -> Bool {
    // What is kept is a state to come back to as well, so it has to be sound.
    guard let best, let nats = report.heldOutNats, nats.isFinite, position.watch.isCalm,
      nats < position.best?.heldOutNats ?? .infinity
    else { return false }
    position.best = TrainingPosition.Best(
      step: report.step, passes: passes, trainNats: report.trainNats, heldOutNats: nats)
    best.copy(from: network.parameters.values)
    return true
  }

  private var passes: Double { position.passes(batches: source.batchCount) }

  private func report(nats: Double?, isSampled: Bool, rate: Double) -> EpochReport {
    // Of an epoch that has just begun, or is one of very many, the loss of late tells more.
    let epochNats = position.epochLoss.isEmpty ? position.watch.recent.mean : position.epochLoss.mean
    return EpochReport(
      step: position.step, epoch: position.epoch, epochs: options.budget == nil ? options.epochs : 0,
      seconds: position.seconds, trainNats: options.budget == nil ? epochNats : position.watch.recent.mean,
      heldOutNats: nats, charactersPerSecond: charactersPerSecond, learningRate: rate, passes: passes,
      isSampled: isSampled)
  }

  /// Ends a run: the best network takes its place and is measured.
  func settle(_ ending: Ending, rate: Double, _ observer: TrainingObserver) throws {
    // Who has told a run to stop does not wait for long measures.
    let isQuick = heldOut?.isQuick(checkSample, network) ?? true
    if options.epochs == 0 {
      network.pack(workers: workers)
      lastReport = report(nats: nil, isSampled: false, rate: 0)
    } else if lastReport?.step != position.step {
      _ = try check(rate: rate, observer, measures: ending != .stopped || isQuick)
    }
    let isUnknown = lastReport?.heldOutNats == nil
    chooseBest(prefersLast: isUnknown && position.checksSinceBest == 0)
    let measuresAll =
      ending != .stopped || heldOut?.isQuick(heldOut?.placeCount ?? 0, network) == true
    measureSaved(measuresAll)
  }

  /// Puts the parameters of the best check into the network.
  ///
  /// - Parameter prefersLast: whether to leave those of the last update: not measured, but better as far as one can tell.
  func chooseBest(prefersLast: Bool) {
    if let mark = position.best, let best, mark.step != position.step, !prefersLast {
      network.parameters.values.copy(from: best)
      network.pack(workers: workers)
      saved = SavedState(
        step: mark.step, passes: mark.passes, trainNats: mark.trainNats,
        heldOutNats: isWholeChecked ? mark.heldOutNats : nil)
    } else {
      saved = SavedState(
        step: position.step, passes: passes, trainNats: lastReport?.trainNats ?? .nan,
        heldOutNats: isWholeChecked ? lastReport?.heldOutNats : nil)
    }
  }

  private var isWholeChecked: Bool { checkSample >= heldOut?.placeCount ?? 0 }

  /// Measures the network on all that is held out, unless a check has done so.
  func measureSaved(_ measuresAll: Bool) {
    if saved?.heldOutNats == nil && measuresAll { saved?.heldOutNats = heldOutScore()?.natsPerCharacter }
    lastReport?.heldOutNats = saved?.heldOutNats
    lastReport?.isSampled = false
  }

  /// The loss on all of the held-out part under the present parameters, in fp32.
  public func heldOutScore() -> Score? { heldOut?.score(network, workers: workers) }

  /// The model as it stands, with its story.
  public func model(programVersion: String) -> Model {
    let state =
      saved
      ?? SavedState(
        step: position.step, passes: passes, trainNats: lastReport?.trainNats ?? .nan,
        heldOutNats: lastReport?.isSampled == true ? nil : lastReport?.heldOutNats)
    return Model(
      charset: corpus.charset, parameters: network.parameters, isOfRecords: options.records,
      training: record(state, programVersion: programVersion))
  }

  /// What a model file tells of a state.
  func record(_ state: SavedState, programVersion: String) -> TrainingRecord {
    TrainingRecord(
      options: options.described, corpusDigest: corpusDigest, corpusLength: corpus.ids.count,
      heldOutLength: heldOutCount, steps: state.step, epochs: state.passes,
      trainNats: state.trainNats.isNaN ? nil : state.trainNats, heldOutNats: state.heldOutNats,
      heldOutBits: state.heldOutNats.map { $0 * Score.bitsPerNat }, seed: options.seed,
      programVersion: programVersion)
  }
}
