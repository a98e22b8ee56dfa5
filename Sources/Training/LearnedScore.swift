// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

extension Trainer {
  /// The finished model's loss on the end of the text that it was trained on: in fp32, without dropout, by the same
  /// rule as the held-out loss and on no more text than that.
  ///
  /// `network` must be up to date. nil where there is too little text.
  public func learnedScore(_ ids: IDSequence, beginning: Int?, workers: Workers) -> Score? {
    // About a second's work at most: this is for advice, not for the record.
    let affordable = Int(1e11 / Double(network.configuration.forwardOperations))
    let most = max(min(heldOutCount, 1 << 17, affordable), 1000)
    let range = trainingRange.suffix(most)
    let scorer = Scorer(network, beginning: beginning, workers: workers)
    switch options.objective {
    case .every: return range.isEmpty ? nil : scorer.score(ids, in: range)
    case .last:
      let starts = WindowBatches.starts(
        in: range, length: options.sequenceLength, sampleStep: options.sampleStep,
        most: max(affordable / options.sequenceLength, 64))
      guard !starts.isEmpty else { return nil }
      return scorer.scoreWindows(
        ids, starts: starts, length: min(options.sequenceLength, range.count - 1))
    }
  }
}
