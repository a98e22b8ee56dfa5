// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// What a network expected at each character that was charged.
public struct Predictions: Sendable {
  /// What all of them cost together.
  public internal(set) var score = Score(nats: 0, count: 0)
  /// -log p of each character, in nats.
  public internal(set) var nats: [Double]
  /// How many symbols were likelier than it, plus one; 0 for a character that the network does not know.
  public internal(set) var ranks: [Int]
  /// How many alternatives are kept of each character.
  public let alternativeCount: Int

  /// [characters][alternatives], the likeliest first.
  var alternatives: [Alternative]

  /// A symbol that could have stood in a character's place.
  public struct Alternative: Equatable, Sendable {
    /// The symbol.
    public var id: UInt16
    /// -log p of it.
    public var nats: Double
  }

  /// Room for a piece's characters; those that the network does not know have their price already.
  init(_ piece: TextPiece, alternativeCount: Int) {
    let count = piece.chargedCount
    nats = piece.ids.dropFirst(piece.contextCount).map { $0 == Charset.noID ? LineScorer.unknownNats : 0 }
    ranks = [Int](repeating: 0, count: count)
    self.alternativeCount = alternativeCount
    alternatives = [Alternative](
      repeating: Alternative(id: 0, nats: .infinity), count: count * alternativeCount)
  }

  /// The likeliest symbols in the place of character `index`, the likeliest first; of equals the first id.
  public func alternatives(at index: Int) -> ArraySlice<Alternative> {
    alternatives[index * alternativeCount..<(index + 1) * alternativeCount]
  }

  /// Makes a character dearer.
  public mutating func add(nats: Double, at index: Int) {
    self.nats[index] += nats
    score.nats += nats
  }

  /// Goes on with the characters that follow.
  mutating func append(_ other: Predictions) {
    score = score + other.score
    nats += other.nats
    ranks += other.ranks
    alternatives += other.alternatives
  }

  /// Notes what logits [V] say of character `index`, whose id is `target` and which costs `loss` nats.
  mutating func note(
    _ index: Int, target: Int, loss: Double, logits: UnsafePointer<Float>, symbolCount: Int
  ) {
    nats[index] = loss
    let chosen = logits[target]
    var rank = 1
    for id in 0..<symbolCount where logits[id] > chosen { rank += 1 }
    ranks[index] = rank
    keepLikeliest(index, logits: logits, symbolCount: symbolCount) { loss + Double(chosen) - Double($0) }
  }

  /// Notes what logits [V] say in the place of a character that has no id.
  mutating func noteUnknown(
    _ index: Int, logits: UnsafePointer<Float>, symbolCount: Int, logNormalizer: Double
  ) {
    keepLikeliest(index, logits: logits, symbolCount: symbolCount) { logNormalizer - Double($0) }
  }

  private mutating func keepLikeliest(
    _ index: Int, logits: UnsafePointer<Float>, symbolCount: Int, nats: (Float) -> Double
  ) {
    guard alternativeCount > 0 else { return }
    let first = index * alternativeCount
    let last = first + alternativeCount - 1
    var least = -Float.infinity
    var kept: [(id: Int, logit: Float)] = []
    for id in 0..<symbolCount where kept.count < alternativeCount || logits[id] > least {
      let place = kept.firstIndex { $0.logit < logits[id] } ?? kept.count
      kept.insert((id, logits[id]), at: place)
      if kept.count > alternativeCount { kept.removeLast() }
      if kept.count == alternativeCount { least = kept[kept.count - 1].logit }
    }
    for (offset, symbol) in kept.enumerated() where first + offset <= last {
      alternatives[first + offset] = Alternative(id: UInt16(symbol.id), nats: nats(symbol.logit))
    }
  }
}
