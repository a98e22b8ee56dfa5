// SPDX-License-Identifier: GPL-3.0-or-later

/// Counts sequences of up to four 16-bit numbers in a hash table of bounded size.
final class SequenceTable {
  private typealias Entry = (sequence: UInt64, count: UInt64)

  /// How many numbers a sequence has.
  let length: Int

  /// The most sequences the table takes.
  private let limit: Int
  private var used = 0
  /// A count of 0 marks a free place; how many places there are is a power of two.
  private var entries: UnsafeMutableBufferPointer<Entry>

  /// An empty table.
  ///
  /// - Parameters:
  ///   - length: how many numbers a sequence has, 1 to 4.
  ///   - limit: the most sequences it takes.
  init(length: Int, limit: Int) {
    precondition((1...4).contains(length), "a sequence fits into 64 bits")
    self.length = length
    self.limit = limit
    entries = Self.emptyEntries(1 << 10)
  }

  deinit { entries.deallocate() }

  /// Counts every sequence that ends in one of `numbers`.
  ///
  /// - Parameters:
  ///   - numbers: the next numbers of the text.
  ///   - window: the text's last four numbers before them, sixteen bits each, the last one lowest.
  ///   - available: how many numbers there were before them.
  /// - Returns: false if there are too many different sequences.
  func add(_ numbers: UnsafeBufferPointer<UInt16>, after window: UInt64, available: UInt64) -> Bool {
    var window = window
    // The first numbers of a text end no sequence yet.
    let early = min(numbers.count, max(0, length - 1 - Int(min(available, 4))))
    for index in 0..<early { window = window << 16 | UInt64(numbers[index]) }
    for index in early..<numbers.count {
      window = window << 16 | UInt64(numbers[index])
      let sequence = window & mask
      let place = place(of: sequence)
      if entries[place].count > 0 {
        entries[place].count &+= 1
      } else {
        if used == limit { return false }
        insert(sequence, at: place)
      }
    }
    return true
  }

  /// How often the sequence that ends in `window` was counted.
  func count(of window: UInt64) -> UInt64 { entries[place(of: window & mask)].count }

  /// How often each sequence was counted, in no particular order.
  var counts: some Sequence<UInt64> { entries.lazy.map { $0.count }.filter { $0 > 0 } }

  private var mask: UInt64 { UInt64.max >> UInt64(64 - 16 * length) }

  /// Where a sequence is, or would have to be put.
  @inline(__always)
  private func place(of sequence: UInt64) -> Int {
    let mask = entries.count - 1
    // Multiplicative hashing by the golden ratio; its low bits are poor.
    var place = Int(truncatingIfNeeded: (sequence &* 0x9E37_79B9_7F4A_7C15) >> 24) & mask
    while entries[place].count > 0 && entries[place].sequence != sequence { place = (place + 1) & mask }
    return place
  }

  @inline(never)
  private func insert(_ sequence: UInt64, at place: Int) {
    entries[place] = (sequence, 1)
    used += 1
    // Beyond two thirds the searches get long.
    if 3 * used <= 2 * entries.count { return }
    let old = entries
    entries = Self.emptyEntries(2 * old.count)
    for entry in old where entry.count > 0 { entries[self.place(of: entry.sequence)] = entry }
    old.deallocate()
  }

  private static func emptyEntries(_ count: Int) -> UnsafeMutableBufferPointer<Entry> {
    let entries = UnsafeMutableBufferPointer<Entry>.allocate(capacity: count)
    entries.initialize(repeating: (0, 0))
    return entries
  }
}
