// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// A record of the input: a line, say.
struct Record {
  /// The input it is from.
  let source: String
  /// Which one it is there, from 1.
  let number: Int
  /// Without its separator.
  let bytes: [UInt8]
  /// Whether a separator followed.
  let isTerminated: Bool
  /// Whether this is all of the record, or its last piece.
  var endsRecord = true
}

/// Records of files, one after the other, as many at a time as have arrived.
final class InputRecords {
  /// What comes next.
  enum Batch {
    /// Some records, and the error that was met behind them.
    case records([Record], failure: (any Error)?)
    /// The beginning of a record that is too long to be held; `nextPart` gives the rest.
    case longRecord(source: String, number: Int, beginning: [UInt8])
  }

  private let paths: [String]
  private let separator: UInt8
  private var nextPath = 0
  private var reader: RecordReader?
  private var source = ""
  private var number = 0

  /// Bytes of a record that are held at most: a longer one comes in parts.
  static let longest = 1 << 18
  /// Bytes and records that are gathered at most.
  private static let mostBytes = 1 << 20
  private static let mostRecords = 8192

  /// Records of these files; `-` is standard input, read also when there are none.
  init(_ paths: [String], separator: UInt8) {
    self.paths = paths.isEmpty ? ["-"] : paths
    self.separator = separator
  }

  /// The next records; nil after the last.
  func nextBatch() throws -> Batch? {
    var records: [Record] = []
    var byteCount = 0
    var failure: (any Error)?
    do {
      while byteCount < Self.mostBytes && records.count < Self.mostRecords {
        guard let part = try nextPart(waits: records.isEmpty) else { break }
        number += 1
        if !part.endsRecord {
          // The records before it come first; its beginning is given out with the next call.
          if records.isEmpty { return .longRecord(source: source, number: number, beginning: part.bytes) }
          heldBack = part
          number -= 1
          break
        }
        records.append(
          Record(
            source: source, number: number, bytes: part.bytes,
            isTerminated: reader?.lastRecordWasTerminated ?? true))
        byteCount += part.bytes.count + 1
      }
    } catch {
      failure = error
    }
    if records.isEmpty {
      if let failure { throw failure }
      return nil
    }
    return .records(records, failure: failure)
  }

  private var heldBack: RecordReader.Part?

  /// More of a long record; nil after its end.
  func nextPartOfLongRecord() throws -> RecordReader.Part? {
    try reader?.nextPart(limit: Self.longest)
  }

  private func nextPart(waits: Bool) throws -> RecordReader.Part? {
    if let part = heldBack {
      heldBack = nil
      return part
    }
    while true {
      if reader == nil {
        guard nextPath < paths.count else { return nil }
        // Records of one input at a time, so that what is met in the next one comes after them.
        if !waits { return nil }
        let input = try InputReader(path: paths[nextPath], blockSize: Self.mostBytes)
        nextPath += 1
        source = input.name
        number = 0
        reader = RecordReader(input, separator: separator)
      }
      if let part = try reader?.nextPart(limit: Self.longest, waits: waits) { return part }
      if !waits { return nil }
      reader = nil
    }
  }
}
