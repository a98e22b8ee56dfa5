// SPDX-License-Identifier: GPL-3.0-or-later

/// The last symbols of a text, for the repetition penalty.
public struct RecentSymbols: Sendable {
  private var ring: [UInt16]
  /// How many symbols there have been.
  private var count = 0
  /// Where each symbol stood last, counted from 1; 0 where it has not come.
  private var lastPlace: [Int]

  /// The last `window` symbols, of `symbolCount` different ones.
  public init(window: Int, symbolCount: Int) {
    precondition(window > 0, "a window of \(window) symbols")
    ring = [UInt16](repeating: 0, count: window)
    lastPlace = [Int](repeating: 0, count: symbolCount)
  }

  /// Takes the next symbol of the text.
  public mutating func append(_ id: Int) {
    ring[count % ring.count] = UInt16(id)
    count += 1
    lastPlace[id] = count
  }

  /// Takes the next symbols of the text.
  public mutating func append(_ ids: some BidirectionalCollection<UInt16>) {
    for id in ids.suffix(ring.count) { append(Int(id)) }
  }

  /// Begins a new text.
  public mutating func removeAll() {
    // The places of symbols that the new text does not have are never asked for.
    count = 0
  }

  /// Divides each logit of a recent symbol by `penalty`, or multiplies it where it is below 0; once a symbol.
  public func penalize(_ logits: UnsafeMutableBufferPointer<Float>, by penalty: Float) {
    for place in max(0, count - ring.count)..<count {
      let id = Int(ring[place % ring.count])
      guard lastPlace[id] == place + 1 else { continue }
      logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty
    }
  }
}
