// SPDX-License-Identifier: GPL-3.0-or-later
import Sampling

/// A text at the prompt: a seed and the pieces that were written after it.
struct Passage {
  /// The whole text.
  var ids: [UInt16]
  /// How much of it is the seed.
  let seedCount: Int
  /// Where the generator stands behind the text.
  var state: TextGenerator.State
  /// Where the last piece begins.
  private(set) var pieceStart: Int
  /// Where the generator stood there.
  private(set) var pieceState: TextGenerator.State
  /// How long the last piece was meant to be; nil for without end.
  var lengthAsked: Int?
  /// Whether it came to an end of its own.
  var hasEnded = false

  /// A seed, after which the generator stands at `state`.
  init(seed: [UInt16], state: TextGenerator.State) {
    ids = seed
    seedCount = seed.count
    self.state = state
    pieceStart = seed.count
    pieceState = state
  }

  /// No text yet, where a text begins.
  init(beginning state: TextGenerator.State) {
    self.init(seed: [], state: state)
  }

  /// Begins another piece.
  mutating func beginPiece(at state: TextGenerator.State) {
    pieceStart = ids.count
    pieceState = state
  }

  /// The text before its last piece; nil where nothing was written.
  var withoutLastPiece: Passage? {
    guard ids.count > pieceStart else { return nil }
    var earlier = self
    earlier.ids.removeLast(ids.count - pieceStart)
    earlier.state = pieceState
    earlier.hasEnded = false
    return earlier
  }
}
