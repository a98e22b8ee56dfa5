// SPDX-License-Identifier: GPL-3.0-or-later
import Synchronization

/// Indices that nobody has taken, which several threads take from both ends.
struct UnclaimedIndices: ~Copyable {
  /// The first index in the upper half, in the lower one how many there are.
  private let line: AtomicLine

  /// What `line` holds when there will be no more indices.
  private static let over = -1

  /// All of `range`, of less than 2^31 indices.
  init(_ range: Range<Int>) {
    line = AtomicLine(Self.packed(range))
  }

  private static func packed(_ range: Range<Int>) -> Int { range.lowerBound << 32 | range.count }

  /// Puts `range` in the place of what is left, with all that the calling thread has written before.
  func refill(_ range: Range<Int>) {
    line.value.store(Self.packed(range), ordering: .releasing)
  }

  /// Leaves no index, now or later.
  func close() {
    line.value.store(Self.over, ordering: .releasing)
  }

  /// Whether there will be no more indices.
  var isClosed: Bool { line.value.load(ordering: .relaxed) == Self.over }

  /// The lowest index, or nil where none is left.
  func takeFirst() -> Int? {
    take { first, count in (first, (first + 1) << 32 | (count - 1)) }
  }

  /// The highest index, or nil where none is left.
  func takeLast() -> Int? {
    take { first, count in (first + count - 1, first << 32 | (count - 1)) }
  }

  private func take(_ choose: (_ first: Int, _ count: Int) -> (index: Int, left: Int)) -> Int? {
    var seen = line.value.load(ordering: .relaxed)
    while seen > 0 {
      let (first, count) = (seen >> 32, seen & 0xFFFF_FFFF)
      if count == 0 { return nil }
      let choice = choose(first, count)
      let (exchanged, now) = line.value.compareExchange(
        expected: seen, desired: choice.left, ordering: .acquiring)
      if exchanged { return choice.index }
      seen = now
    }
    return nil
  }
}

/// A number in a cache line of its own: threads that look at one of them do not wait for those that change another.
struct AtomicLine: ~Copyable {
  let value: Atomic<Int>
  private let rest: InlineLine = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  private typealias InlineLine = (
    Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int
  )

  init(_ initial: Int) {
    value = Atomic(initial)
  }
}
