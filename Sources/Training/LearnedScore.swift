// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

extension Trainer {
  /// What is learned and what is held out; nil where nothing is.
  public var textSplit: TextSplit? {
    guard let heldOut else { return nil }
    return TextSplit(
      charset: corpus.charset, trainingIDs: corpus.ids, training: trainingRange,
      heldOutIDs: heldOut.corpus.ids,
      heldOut: heldOut.range)
  }

  /// The loss of the model that is saved on the end of the text that it was trained on: in fp32, without dropout, by the
  /// same rule as the held-out loss, and on no more text than that.
  ///
  /// It takes about a second at most. For a run that has ended; nil where there is too little text.
  public func learnedScore() -> Score? {
    let affordable = Int(1e11 / Double(network.forwardOperations))
    let range = trainingRange.suffix(max(heldOutCount, 1000))
    let learned = HeldOut(corpus, in: range, options: options)
    let places = max(min(1 << 17, affordable) / learned.placeLength, 1000)
    return learned.score(network, places: places, workers: workers)
  }
}
