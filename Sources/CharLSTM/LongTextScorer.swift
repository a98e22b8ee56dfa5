// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// Charges one text that arrives in parts, in memory that does not grow with it.
///
/// The score is that of `LineScorer.scores(of:)`, to the bit.
public struct LongTextScorer {
  private let scorer: LineScorer
  /// What is not charged yet, behind its context.
  private var pending: [UInt16] = []
  private var contextCount = 0
  private var isCut = false
  private var score = Score(nats: 0, count: 0)

  private let block: Int

  /// At the beginning of a text.
  public init(_ scorer: LineScorer) {
    // Enough to fill the products of many cores.
    self.init(scorer, segments: 64)
  }

  /// - Parameter segments: how many are gathered before they are charged: what takes `TextPiece.longest` at least.
  init(_ scorer: LineScorer, segments: Int) {
    precondition(segments * TextPiece.segment >= TextPiece.longest, "a text that is not cut would be")
    self.scorer = scorer
    block = segments * TextPiece.segment
  }

  /// Goes on with these ids; `Charset.noID` is a character that the network does not know.
  public mutating func read(_ ids: [UInt16]) {
    pending += ids
    while pending.count - contextCount > block {
      isCut = true
      chargePending(upTo: contextCount + block)
    }
  }

  /// What all of the text costs.
  public mutating func finish() -> Score {
    if !isCut { return scorer.scores(of: [pending])[0] }
    chargePending(upTo: pending.count)
    return score
  }

  private mutating func chargePending(upTo end: Int) {
    let pieces = TextPiece.segments(Array(pending[..<end]), contextCount: contextCount)
    score = scorer.scores(of: pieces).reduce(score, +)
    let kept = max(0, end - TextPiece.runIn)
    pending.removeFirst(kept)
    contextCount = end - kept
  }
}
