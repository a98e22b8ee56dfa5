// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// Which records have been seen, known by their 64-bit hashes.
///
/// Memory is 12 to 24 bytes a record, for a moment half as much again while the set grows. Among n records, one that
/// was never seen is taken for seen with a probability of n / 2⁶⁴.
public struct LineSet: Sendable {
  private var hashes: Set<UInt64> = []

  /// An empty set.
  public init() {}

  /// The lines of a whole input.
  ///
  /// - Throws: `FileError`.
  public init(linesOf input: InputReader) throws(FileError) {
    let lines = RecordReader(input, separator: UInt8(ascii: "\n"))
    while let line = try lines.next() { _ = insert(line) }
  }

  /// The number of different records.
  public var count: Int { hashes.count }

  /// Whether a record is among them.
  public func contains(_ record: [UInt8]) -> Bool { hashes.contains(XXH64.hash(record)) }

  /// Adds a record; tells whether it is new.
  public mutating func insert(_ record: [UInt8]) -> Bool { hashes.insert(XXH64.hash(record)).inserted }
}
