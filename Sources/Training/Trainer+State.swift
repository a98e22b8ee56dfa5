// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import ModelFile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Trainer {
  /// Updates between snapshots: about a hundred thousand characters, so that little is lost and little is copied.
  private var snapshotInterval: Int { min(max(100_000 / max(source.rows * source.longest, 1), 20), 100) }

  /// Whether this is a time, and a state, to come back to.
  ///
  /// One that looks bad for long is taken all the same.
  var isSnapshotDue: Bool {
    let age = position.step - snapshot.position.step
    return age >= snapshotInterval && (position.watch.isCalm || age >= 10 * snapshotInterval)
  }

  /// Keeps the present state.
  func takeSnapshot() {
    position.source = source.position
    // Trouble long past is forgotten, but the lower rate stays.
    if position.step > position.judgedFrom + 2000 { position.setbacks = 0 }
    snapshot.take(
      position, carried: options.objective == .every ? gradientStep.carriedState : [], numbers: numbers)
  }

  /// Goes back to the snapshot, with half the learning rate.
  ///
  /// - Parameters:
  ///   - nats: the loss that was too much.
  ///   - rate: the learning rate it came with.
  /// - Throws: `TrainingError.diverged` when that was done too often; the best network is then in its place.
  func setBack(nats: Double, rate: Double) throws -> Setback {
    let badStep = position.step
    let (trainingSeconds, seconds) = (position.trainingSeconds, position.seconds)
    goOn(from: snapshot)
    if position.setbacks == Self.mostSetbacks {
      lastReport = lastReport?.step == position.step ? lastReport : nil
      chooseBest(prefersLast: false)
      measureSaved(heldOut?.isQuick(heldOut?.placeCount ?? 0, network) == true)
      throw TrainingError.diverged(step: badStep, learningRate: rate)
    }
    position.setbacks += 1
    position.rateFactor /= 2
    position.judgedFrom = position.step + 100
    (position.trainingSeconds, position.seconds) = (trainingSeconds, seconds)
    snapshot.position = position
    return Setback(
      step: badStep, nats: nats, goodStep: position.step, rateFactor: position.rateFactor)
  }

  private func goOn(from snapshot: TrainingSnapshot) {
    snapshot.restore(numbers)
    position = snapshot.position
    // It was this source's own.
    _ = source.goOn(from: position.source)
    if options.objective == .every { gradientStep.carriedState = snapshot.carried }
    gradientStep.pack()
    network.pack(workers: workers)
  }

  /// The last good state as a checkpoint: at most some hundred updates old.
  public func checkpoint(programVersion: String) -> Model {
    let position = snapshot.position
    let state = SavedState(
      step: position.step, passes: position.passes(batches: source.batchCount),
      trainNats: position.watch.recent.mean, heldOutNats: nil)
    return Checkpoint.model(
      snapshot, best: position.best.flatMap { $0.step == position.step ? nil : best },
      of: Model(
        charset: corpus.charset, parameters: network.parameters, isOfRecords: options.records,
        training: record(state, programVersion: programVersion)),
      instructionSet: network.kernels.name, interval: checkpointInterval, textDigest: textDigest,
      validationDigest: validationDigest)
  }

  /// Takes over the state of a run that was left.
  ///
  /// - Throws: `CheckpointError` when it is another text's, or does not fit.
  func restore(_ checkpoint: Checkpoint) throws(CheckpointError) {
    guard checkpoint.textDigest == textDigest, checkpoint.model.charset == corpus.charset else {
      throw .otherText
    }
    guard checkpoint.validationDigest == validationDigest else { throw .otherValidation }
    position = checkpoint.position
    let before = max(position.epoch - 1, 0).multipliedReportingOverflow(by: source.batchCount)
    guard position.epoch <= options.epochs, position.batch <= source.batchCount, !before.overflow,
      position.skipped <= before.partialValue + position.batch,
      position.step <= before.partialValue + position.batch - position.skipped,
      position.best?.step ?? 0 <= position.step,
      position.best == nil || best != nil
    else { throw .field(TrainingPosition.prefix + "step", String(position.step)) }
    guard source.goOn(from: position.source) else {
      throw .field(TrainingPosition.prefix + "random-drawn", String(position.source.drawn))
    }
    var carried = options.objective == .every ? gradientStep.carriedState : []
    try checkpoint.restore(numbers, best: best, carried: &carried)
    guard options.cell == .lstm || isRestoredCoupled else { throw .field("cell", options.cell.rawValue) }
    if options.objective == .every { gradientStep.carriedState = carried }
    gradientStep.pack()
    network.pack(workers: workers)
  }

  /// Whether the gates of everything that came from a checkpoint are coupled, as those of such a run are.
  private var isRestoredCoupled: Bool {
    let kept = position.best.flatMap { $0.step == position.step ? nil : best }
    let copy = Parameters(network.configuration)
    return [numbers[.parameters], numbers[.averages], kept].allSatisfy { values in
      guard let values else { return true }
      copy.values.copy(from: values)
      return copy.areCoupled
    }
  }

  /// A digest of a text and of where in it documents begin.
  static func wholeDigest(_ corpus: Corpus) -> String {
    var hash = XXH64()
    ([Int(truncatingIfNeeded: corpus.digest)] + corpus.beginnings.documents)
      .map(\.littleEndian).withUnsafeBytes { hash.update($0) }
    return XXH64.notation(hash.finalize())
  }

  /// What each symbol costs in nats by its frequency in a text, each counted once more than it occurs.
  ///
  /// Of a long text a million places are looked at, spread evenly.
  static func frequencyCosts(of corpus: Corpus, in range: Range<Int>) -> [Double] {
    var counts = [Int](repeating: 1, count: corpus.charset.count)
    let stride = max(1, range.count >> 20)
    for place in Swift.stride(from: range.lowerBound, to: range.upperBound, by: stride) {
      counts[corpus.ids[place]] += 1
    }
    let all = Double(counts.reduce(0, +))
    return counts.map { log(all / Double($0)) }
  }
}
