// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// What is made of a text's scores: its figure, or which model it fits best.
struct Verdict {
  /// What texts are told apart and sorted by: the figure, or with several models the margin.
  let value: Double
  /// The model that it costs least under; the first of equals.
  let best: Int
  /// Under each model.
  let scores: [Score]

  init(_ scores: [Score], figure: Figure) {
    self.scores = scores
    let order = scores.indices.sorted { (scores[$0].nats, $0) < (scores[$1].nats, $1) }
    best = order[0]
    value =
      scores.count == 1
      ? figure.value(scores[0]) : figure.inUnit(scores[order[1]].nats - scores[order[0]].nats)
  }
}
