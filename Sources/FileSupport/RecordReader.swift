// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Cuts an input into records that end in a separator byte: lines, or NUL-terminated names.
///
/// A record is given out as soon as its separator has arrived, so records typed at a terminal or followed
/// with `tail -f` do not wait for more.
public final class RecordReader {
  /// Whether the record given out last ended in a separator and not just in the end of the input.
  ///
  /// True before the first record.
  public private(set) var lastRecordWasTerminated = true

  private let reader: InputReader
  private let separator: UInt8
  private let limit: Int?
  /// What is left of the reader's current block; valid because nothing else reads from it.
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The beginning of a record whose end has not arrived.
  private var begun: [UInt8] = []
  /// Whether more of the record given out last is to come.
  private var endsInsideRecord = false

  /// Takes over `reader`, from which nothing else may read from now on.
  ///
  /// - Parameters:
  ///   - reader: where the bytes come from.
  ///   - separator: the byte that ends a record, such as 0x0A for lines.
  ///   - limit: the longest record to accept in bytes; nil accepts any that fits into memory.
  public init(_ reader: InputReader, separator: UInt8, limit: Int? = nil) {
    self.reader = reader
    self.separator = separator
    self.limit = limit
  }

  /// The next record without its separator, or nil after the last.
  ///
  /// Bytes after the last separator are a record too; nothing after it is none.
  ///
  /// - Throws: `FileError` with the operation `read`, or `limit` for a record longer than allowed.
  public func next() throws(FileError) -> [UInt8]? {
    try next(waits: true)
  }

  /// The next record if all of it has arrived already; nil where `next` might have to wait, or after the last.
  ///
  /// - Throws: `FileError` as `next` does.
  public func nextArrived() throws(FileError) -> [UInt8]? {
    try next(waits: false)
  }

  /// Some bytes of a record.
  public struct Part: Sendable {
    /// The bytes, without the separator.
    public let bytes: [UInt8]
    /// Whether they are the record's last.
    public let endsRecord: Bool
  }

  /// The next record, or the first `limit` bytes of a longer one, of which the next call gives more; nil after the last.
  ///
  /// - Parameters:
  ///   - limit: the most bytes to hold at once, at least one.
  ///   - waits: whether to wait for what has not arrived; otherwise nil is given where that would be necessary.
  /// - Throws: `FileError` with the operation `read`, or `limit` for a record longer than allowed.
  public func nextPart(limit: Int, waits: Bool = true) throws(FileError) -> Part? {
    let bytes = try next(waits: waits, partLimit: limit)
    return bytes.map { Part(bytes: $0, endsRecord: !endsInsideRecord) }
  }

  private func next(waits: Bool, partLimit: Int = .max) throws(FileError) -> [UInt8]? {
    endsInsideRecord = false
    while true {
      if let start = rest.baseAddress, !rest.isEmpty {
        let room = partLimit - begun.count
        if let found = memchr(start, Int32(separator), min(rest.count - 1, room) + 1) {
          try keep(UnsafeRawPointer(found) - start)
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
          lastRecordWasTerminated = true
          return takeBegun()
        }
        try keep(min(rest.count, room))
        if begun.count == partLimit && !rest.isEmpty {
          endsInsideRecord = true
          return takeBegun()
        }
      }
      if !waits && !reader.hasArrived { return nil }
      guard let block = try reader.nextBlock() else { break }
      rest = block
    }
    rest = UnsafeRawBufferPointer(start: nil, count: 0)
    if begun.isEmpty { return nil }
    lastRecordWasTerminated = false
    return takeBegun()
  }

  private func takeBegun() -> [UInt8] {
    defer { begun = [] }
    return begun
  }

  /// Moves the next `count` bytes of the block to the record.
  private func keep(_ count: Int) throws(FileError) {
    if let limit, count > limit - begun.count { throw FileError(reader.name, .limit, code: EFBIG) }
    begun.append(contentsOf: rest.prefix(count))
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
  }
}
