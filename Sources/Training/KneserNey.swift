// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What each held-out character's probability is under interpolated modified Kneser-Ney models, one order after the
/// other (Chen and Goodman 1998, sections 2.8 and 3).
///
/// With k characters of context c, and the same context but for its first character c':
///
///     P(x | c) = max(n(c x) - D(n(c x)), 0) / n(c) + (D1 N1(c) + D2 N2(c) + D3 N3(c)) / n(c) * P'(x | c')
///
/// n are counts in the training text, N1, N2 and N3 how many characters follow c once, twice and more often. P' has the
/// same form with, in place of n(c x), the number of different characters that stand before c x somewhere; below the
/// order 0 it is 1/V for each of the V characters. The discounts of each order come from how many n-grams of it have
/// the counts 1 to 4; where too few of them are there for that, they are 0.5, 1 and 1.5.
struct KneserNey {
  /// The characters of context of the model that `next` gives next.
  private(set) var order = 0

  private let contexts: SortedContexts
  private let symbolCount: Int
  /// Of each held-out character under the model that the next order falls back to, P'.
  private var fallback: [Double]

  init(_ contexts: SortedContexts, symbolCount: Int) {
    self.contexts = contexts
    self.symbolCount = symbolCount
    fallback = [Double](repeating: 1 / Double(symbolCount), count: contexts.heldOutCount)
  }

  /// The probabilities of the held-out characters with `order` characters of context, which then is one more.
  mutating func next() -> [Double] {
    precondition(order <= SortedContexts.depth, "not sorted by so many characters")
    let discounts = discounts()
    var fallback = fallback
    var probabilities = fallback
    var tally = Tally(symbolCount: symbolCount)
    forEachContext { group in
      guard group.contains(where: { Int(contexts.places[$0]) >= contexts.heldOutStart }) else { return }
      tally.add(group, of: contexts, order: order)
      if tally.symbols.isEmpty { return }
      let counted = Estimate(tally.symbols.map { tally.counts[$0] }, discounts.counts)
      let varied = Estimate(tally.symbols.map { tally.varieties[$0] }, discounts.varieties)
      for index in group where Int(contexts.places[index]) >= contexts.heldOutStart {
        let place = Int(contexts.places[index])
        let symbol = Int(contexts.text[place])
        let character = place - contexts.heldOutStart
        let lower = fallback[character]
        probabilities[character] = counted.probability(count: tally.counts[symbol], lower: lower)
        fallback[character] = varied.probability(count: tally.varieties[symbol], lower: lower)
      }
      tally.clear()
    }
    self.fallback = fallback
    order += 1
    return probabilities
  }

  /// Calls `body` with the indices of the places behind each context of `order` characters.
  private func forEachContext(_ body: (Range<Int>) -> Void) {
    var start = 0
    for index in 1..<max(contexts.places.count, 1) where Int(contexts.shared[index]) < order {
      body(start..<index)
      start = index
    }
    if start < contexts.places.count { body(start..<contexts.places.count) }
  }

  /// The discounts of this order's counts, and of the numbers of different characters before its n-grams.
  private func discounts() -> (counts: Discounts, varieties: Discounts) {
    var counts = [Int](repeating: 0, count: 5)
    var varieties = counts
    var tally = Tally(symbolCount: symbolCount)
    forEachContext { group in
      tally.add(group, of: contexts, order: order)
      for symbol in tally.symbols {
        counts[min(tally.counts[symbol], 5) - 1] += 1
        varieties[min(tally.varieties[symbol], 5) - 1] += 1
      }
      tally.clear()
    }
    return (Discounts(counts), Discounts(varieties))
  }
}

/// What the training text has behind one context.
private struct Tally {
  /// How often each symbol follows.
  private(set) var counts: [Int]
  /// Behind how many contexts of one character more each symbol follows.
  private(set) var varieties: [Int]
  /// The symbols that follow.
  private(set) var symbols: [Int] = []
  /// The longer context that each symbol was last seen behind.
  private var lastLonger: [Int]
  private var longer = 0

  init(symbolCount: Int) {
    counts = [Int](repeating: 0, count: symbolCount)
    varieties = counts
    lastLonger = counts
  }

  mutating func add(_ group: Range<Int>, of contexts: SortedContexts, order: Int) {
    longer += 1
    for index in group {
      if Int(contexts.shared[index]) <= order { longer += 1 }
      let place = Int(contexts.places[index])
      guard place < contexts.heldOutStart else { continue }
      let symbol = Int(contexts.text[place])
      if counts[symbol] == 0 { symbols.append(symbol) }
      counts[symbol] += 1
      if lastLonger[symbol] != longer {
        lastLonger[symbol] = longer
        varieties[symbol] += 1
      }
    }
  }

  mutating func clear() {
    for symbol in symbols { (counts[symbol], varieties[symbol]) = (0, 0) }
    symbols.removeAll(keepingCapacity: true)
  }
}

/// What is taken from counts of 1, of 2, and of 3 or more, for the symbols that were not seen.
private struct Discounts {
  private let values: [Double]

  /// From how many n-grams have the counts 1, 2, 3 and 4.
  init(_ numbers: [Int]) {
    let numbers = numbers.map(Double.init)
    let share = numbers[0] / (numbers[0] + 2 * numbers[1])
    let most = [1.0, 2, 3]
    let values = most.indices.map { most[$0] - (most[$0] + 1) * share * numbers[$0 + 1] / numbers[$0] }
    // Where there are none of a count the value is no number, and no comparison holds.
    let isUsable = zip(values, most).allSatisfy { $0 > 0 && $0 <= $1 }
    self.values = isUsable ? values : [0.5, 1, 1.5]
  }

  subscript(count: Int) -> Double { count > 0 ? values[min(count, 3) - 1] : 0 }
}

/// The probabilities behind one context.
private struct Estimate {
  private let discounts: Discounts
  private let total: Double
  /// What all symbols together gave up, as a part of the whole.
  private let freed: Double

  init(_ counts: [Int], _ discounts: Discounts) {
    self.discounts = discounts
    total = Double(counts.reduce(0, +))
    var freed = 0.0
    for count in counts { freed += discounts[count] }
    self.freed = freed / total
  }

  func probability(count: Int, lower: Double) -> Double {
    (Double(count) - discounts[count]) / total + freed * lower
  }
}
