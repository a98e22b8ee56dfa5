// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

/// The fields of a record to score: `3`, `3-`, `-3` or `2-4`, counted from 1.
struct FieldRange: ExpressibleByArgument, Equatable {
  let first: Int
  /// nil for the last there is.
  let last: Int?

  init?(argument: String) {
    let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
    let numbers = parts.map { Int($0) }
    for (part, number) in zip(parts, numbers) where !part.isEmpty && (number ?? 0) < 1 { return nil }
    first = numbers[0] ?? 1
    last = parts.count == 1 ? first : numbers[1]
    if let last, last < first { return nil }
  }
}

/// The byte between fields; `\t` is a TAB.
struct Delimiter: ExpressibleByArgument, Equatable {
  let byte: UInt8

  init?(argument: String) {
    let bytes = Array(argument.utf8)
    if argument == "\\t" {
      byte = 0x09
    } else if bytes.count == 1 {
      byte = bytes[0]
    } else {
      return nil
    }
  }

  init(_ byte: UInt8) { self.byte = byte }

  var defaultValueDescription: String { byte == 0x09 ? "TAB" : String(UnicodeScalar(byte)) }
}

/// Finds some fields of a record that comes in any parts.
struct FieldCutter {
  let fields: FieldRange
  let delimiter: UInt8
  private var passed = 0
  private var isPast = false

  init(_ fields: FieldRange, delimiter: UInt8) {
    self.fields = fields
    self.delimiter = delimiter
  }

  /// What of the next bytes of the record is in the fields, delimiters between them included.
  mutating func cut(_ bytes: [UInt8]) -> Range<Int> {
    if isPast { return 0..<0 }
    var start = passed + 1 >= fields.first ? 0 : bytes.count
    for (index, byte) in bytes.enumerated() where byte == delimiter {
      passed += 1
      if passed + 1 == fields.first { start = index + 1 }
      if passed == fields.last {
        isPast = true
        return min(start, index)..<index
      }
    }
    return min(start, bytes.count)..<bytes.count
  }
}
