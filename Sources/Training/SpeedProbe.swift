// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// How fast this machine trains, found by training a little.
public enum SpeedProbe {
  /// Characters a second that a network is trained on over its whole run; nothing of what it learns is kept.
  ///
  /// Early in a run chunks are shorter than later, and shorter ones cost more a character: each length is tried, and
  /// counts for its part of the run's time.
  ///
  /// - Parameters:
  ///   - corpus: some text to read.
  ///   - layerSizes: the network's.
  ///   - request: as the run's, but for its layers and its length.
  ///   - seconds: about how long to try.
  ///   - clock: seconds from any beginning.
  /// - Throws: as `Trainer` does.
  public static func charactersPerSecond(
    _ corpus: Corpus, layerSizes: [Int], recipe: Recipe, request: TrainingRequest, best: Precision,
    kernels: Kernels,
    workers: Workers, seconds: Double, clock: @escaping () -> Double
  ) throws -> Double {
    var request = request
    request.layerSizes = layerSizes
    request.epochs = TrainingOptions.mostEpochs
    request.budget = nil
    request.validationSplit = 0
    let early = recipe.options(request, characterCount: corpus.ids.count, best: best)
    var late = early
    late.earlySequenceLength = late.sequenceLength
    func speed(_ options: TrainingOptions) throws -> Double {
      let trainer = try Trainer(corpus, options: options, kernels: kernels, workers: workers, clock: clock)
      return try earlySpeed(trainer, seconds: seconds / 2, clock: clock)
    }
    let part = TrainingOptions.earlyPart
    return try part * speed(early) + (1 - part) * speed(late)
  }

  /// Characters a second at the beginning of a run.
  private static func earlySpeed(
    _ trainer: Trainer, seconds: Double, clock: @escaping () -> Double
  ) throws -> Double {
    let end = clock() + seconds
    // The first updates touch memory for the first time.
    var warm: TrainingProgress?
    var last: TrainingProgress?
    var observer = TrainingObserver()
    observer.onProgress = { progress in
      if trainer.step == 2 { warm = progress }
      last = progress
    }
    observer.shouldStop = { clock() > end && trainer.step > 4 }
    _ = try trainer.run(observer)
    guard let warm, let last else { return 0 }
    func characters(_ progress: TrainingProgress) -> Double {
      progress.charactersPerSecond * progress.trainingSeconds
    }
    return (characters(last) - characters(warm)) / max(last.trainingSeconds - warm.trainingSeconds, 1e-9)
  }
}
