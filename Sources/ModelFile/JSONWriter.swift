// SPDX-License-Identifier: GPL-3.0-or-later

/// Puts JSON together, without any space, in the order in which it is told the values.
struct JSONWriter {
  /// What has been written.
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  mutating func beginObject() { begin("{") }
  mutating func endObject() { end("}") }
  mutating func beginArray() { begin("[") }
  mutating func endArray() { end("]") }

  /// Writes the key of the member whose value comes next.
  mutating func key(_ key: String) {
    string(key)
    append(":")
    needsComma = false
  }

  mutating func string(_ value: String) { string(utf8: value.utf8) }

  /// Writes a string given as UTF-8; what JSON does not let stand unescaped is escaped, all else is left as it is.
  mutating func string(utf8: some Sequence<UInt8>) {
    separate()
    append("\"")
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20: append(byte < 0x10 ? "\\u000" : "\\u00", String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    append("\"")
    needsComma = true
  }

  mutating func number(_ value: some BinaryInteger) {
    separate()
    append(String(value))
    needsComma = true
  }

  /// Writes a finite number with as many digits as it takes to read the same number back.
  mutating func number(_ value: Double) {
    precondition(value.isFinite, "JSON has no \(value)")
    separate()
    append(value.description)
    needsComma = true
  }

  /// Writes an array of whole numbers.
  mutating func array(_ values: [Int]) {
    beginArray()
    for value in values { number(value) }
    endArray()
  }

  mutating func null() {
    separate()
    append("null")
    needsComma = true
  }

  private mutating func begin(_ bracket: String) {
    separate()
    append(bracket)
    needsComma = false
  }

  private mutating func end(_ bracket: String) {
    append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { append(",") }
  }

  private mutating func append(_ texts: String...) {
    for text in texts { bytes.append(contentsOf: text.utf8) }
  }
}
