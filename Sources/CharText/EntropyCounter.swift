// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Measures how well each symbol of a text is foretold by the 0 to 3 symbols before it.
///
/// The entropy of order k, in bits per symbol, is that of a symbol given the k before it, with frequencies taken
/// from the text itself:
///
///     H(k) = - sum over c, x of  n(c x) / N(k) * log2( n(c x) / n(c) )
///
/// where c runs over the sequences of k symbols, x over the symbols, n(c x) is how often x follows c, n(c) how often
/// anything does, and N(k) is the length of the text less k. (Shannon 1951, with counts for probabilities.)
struct EntropyCounter: ~Copyable {
  /// The highest order.
  static let highestOrder = 3

  /// Counts of the sequences of 1, 2, 3 and 4 symbols; nil once there are too many different ones.
  private var tables: [SequenceTable?]
  /// The last four symbols, sixteen bits each, the last one lowest.
  private var window: UInt64 = 0
  /// How many symbols there were.
  private(set) var count: UInt64 = 0

  /// A counter that tells apart at most `limit` sequences of each length.
  init(limit: Int) {
    tables = (1...Self.highestOrder + 1).map { SequenceTable(length: $0, limit: limit) }
  }

  /// Counts the next symbols, given as numbers that stand for them.
  mutating func add(_ numbers: UnsafeBufferPointer<UInt16>) {
    for order in tables.indices {
      guard let table = tables[order] else { continue }
      if !table.add(numbers, after: window, available: count) { tables[order] = nil }
    }
    for number in numbers { window = window << 16 | UInt64(number) }
    count += UInt64(numbers.count)
  }

  /// Whether there were too many different sequences for this order.
  func isExceeded(order: Int) -> Bool { tables[order] == nil }

  /// The entropy of an order in bits per symbol; nil if the text is not longer than the order, or too varied.
  func entropy(order: Int) -> Double? {
    guard count > UInt64(order), let sequences = tables[order] else { return nil }
    let total = Double(count - UInt64(order))
    var sum = -Self.sumOfLogarithms(sequences)
    if order == 0 {
      sum += total * log2(total)
    } else {
      // Every sequence of k symbols is followed by one, except the text's last.
      guard let contexts = tables[order - 1] else { return nil }
      sum += Self.sumOfLogarithms(contexts)
      let last = Double(contexts.count(of: window))
      sum += Self.timesLogarithm(last - 1) - Self.timesLogarithm(last)
    }
    return max(0, sum / total)
  }

  private static func sumOfLogarithms(_ table: SequenceTable) -> Double {
    // Equal counts are gathered first, so that the sum does not depend on the order of the table.
    table.counts.reduce(into: [:]) { $0[$1, default: 0] += 1 }.sorted { $0.key < $1.key }
      .reduce(0) { $0 + $1.value * timesLogarithm(Double($1.key)) }
  }

  private static func timesLogarithm(_ value: Double) -> Double { value > 0 ? value * log2(value) : 0 }
}
