// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CommandSupport
import Training

/// What is measured once a run is over: how good its model is beside others, how fast it was, what would help.
final class ClosingReport {
  private let trainer: Trainer
  private let workers: Workers
  private let baselines: Baselines?
  private var nGrams: [Int: Double] = [:]

  /// Seconds that measuring the machine's limit takes of each processor.
  private static let peakSeconds = 0.12
  /// The mean loss of fewer characters is too uncertain to judge by.
  private static let fewestHeldOut = 2000

  /// - Parameter isWanted: whether baselines were asked for; nil where nobody said.
  init(of trainer: Trainer, baselines isWanted: Bool?, workers: Workers) {
    self.trainer = trainer
    self.workers = workers
    baselines = trainer.textSplit.flatMap { Baselines($0, isWanted: isWanted, workers: workers) }
  }

  /// Whether there will be anything to compare with.
  var hasBaselines: Bool { baselines != nil }

  /// Fits n-gram models; what they cost in nats per character by their names in a model file, to a millionth, which is
  /// the same on every machine.
  func measureNGrams() -> [String: Double] {
    nGrams = baselines?.nGrams() ?? [:]
    let named = nGrams.map { ("order-\($0.key)", ($0.value * 1e6).rounded() / 1e6) }
    return Dictionary(uniqueKeysWithValues: named)
  }

  /// The n-gram models that were measured.
  var nGramRows: [CostTable.Row] { CostTable.rows(nGrams: nGrams) }

  /// The held-out text's cost under all models there are, this one among them; empty where that is the only one.
  var table: [String] {
    guard let baselines, let nats = trainer.lastReport?.heldOutNats else { return [] }
    let others = nGramRows + baselines.compressors()
    return others.isEmpty ? [] : CostTable(others + [.init(name: "this model", nats: nats)]).lines
  }

  /// The speed of training as a part of what the processors can do; nil where that cannot be told.
  var fractionOfPeak: Double? {
    // Processor time, not the clock on the wall: what others do on a busy machine at this moment would lower the limit.
    let processors = Double(min(workers.count, Machine.processorCount))
    guard let report = trainer.lastReport, report.seconds >= 0.2,
      let peak = trainer.network.kernels.measuredPeak(
        trainer.options.precision, workers: workers, seconds: Self.peakSeconds,
        clock: { Machine.processorSeconds() / processors })
    else { return nil }
    return trainer.options.fractionOfPeak(
      report.charactersPerSecond, peak: peak, trainer.network.configuration)
  }

  /// What would likely help; nil where there is too little text to tell.
  func advice(_ history: LossHistory) -> String? {
    guard trainer.step > 0, trainer.heldOutCount >= Self.fewestHeldOut,
      let nats = trainer.lastReport?.heldOutNats, let learned = trainer.learnedScore(),
      let hardness = trainer.textSplit.flatMap(NGramBaselines.hardness)
    else { return nil }
    return TrainingAdvice(
      TrainingAdvice.Evidence(
        checks: history.heldOut.map(\.nats), heldOut: nats, learned: learned.natsPerCharacter,
        hardness: hardness,
        bestNGram: nGrams.values.min(), trainingCharacters: trainer.trainingRange.count,
        parameters: trainer.network.configuration.parameterCount,
        passes: (history.last?.characters ?? 0) / Double(trainer.trainingRange.count),
        dropout: trainer.options.dropout)
    ).sentences
  }

  /// What the plot is headed with.
  var title: String {
    let layers = trainer.options.layerSizes.map(String.init).joined(separator: ",")
    return "Layers \(layers) on \(trainer.trainingRange.count) characters"
  }
}
