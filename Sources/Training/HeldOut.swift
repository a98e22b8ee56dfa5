// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// The part of a text that is never trained on, and how it is measured with either objective.
struct HeldOut {
  let corpus: Corpus
  let range: Range<Int>
  let objective: Objective
  let sequenceLength: Int
  let sampleStep: Int

  /// Windows that are scored with the objective `last`, spread evenly: each costs as much as its whole length does with
  /// the objective `every`.
  static let mostWindows = 8192

  init(_ corpus: Corpus, in range: Range<Int>, options: TrainingOptions) {
    self.corpus = corpus
    self.range = range
    objective = options.objective
    sequenceLength = options.sequenceLength
    sampleStep = options.sampleStep
  }

  /// Characters, or with the objective `last` windows, that a measure of all is made on.
  var placeCount: Int {
    switch objective {
    case .every: range.count
    case .last:
      min(
        WindowBatches.count(in: range, length: sequenceLength, sampleStep: sampleStep), Self.mostWindows)
    }
  }

  /// Characters read for each of them.
  var placeLength: Int { objective == .every ? 1 : sequenceLength }

  /// The fewest of them that a check is made on.
  var fewestPlaces: Int { objective == .every ? CheckPlan.fewest : 2048 }

  /// Whether measuring `places` of them takes no more than about a second: who has told a run to stop will not wait
  /// for longer.
  func isQuick(_ places: Int, _ network: Network) -> Bool {
    Double(places) * Double(placeLength) * Double(network.forwardOperations) < 1e11
  }

  /// The loss under an fp32 network.
  ///
  /// - Parameter places: measures about so many of `placeCount`, spread evenly; nil for all.
  /// - Returns: nil where there is nothing to measure.
  func score(_ network: Network, places: Int? = nil, workers: Workers) -> Score? {
    let scorer = Scorer(network, beginning: corpus.charset.newlineID, workers: workers)
    let (ids, beginnings) = (corpus.ids, corpus.beginnings)
    switch objective {
    case .every:
      if let places, places < range.count {
        return scorer.scoreSample(ids, in: range, beginnings: beginnings, count: places)
      }
      return scorer.score(ids, in: range, beginnings: beginnings)
    case .last:
      let starts = WindowBatches.starts(
        in: range, length: sequenceLength, sampleStep: sampleStep, most: min(places ?? .max, Self.mostWindows)
      )
      guard !starts.isEmpty else { return nil }
      return scorer.scoreWindows(
        ids, starts: starts, length: min(sequenceLength, range.count - 1), beginnings: beginnings)
    }
  }
}
