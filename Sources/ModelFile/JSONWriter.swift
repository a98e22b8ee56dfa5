// SPDX-License-Identifier: GPL-3.0-or-later

/// Puts JSON together, without any space, in the order in which it is told the values.
///
/// For a file of JSON Lines, one object is written, then `endLine()`:
///
///     var json = JSONWriter()
///     json.beginObject()
///     json.member("line", 1)
///     json.member("bits", 2.5)
///     json.endObject()
///     json.endLine()
///     try writer.write(json.bytes)
///     json.removeAll()
public struct JSONWriter {
  /// What has been written, in UTF-8.
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// A writer that has written nothing.
  public init() {}

  /// What has been written, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Forgets what has been written and keeps its memory, to begin anew.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// Ends a line after a whole value, so that another one can follow: JSON Lines.
  public mutating func endLine() {
    append("\n")
    needsComma = false
  }

  /// Begins an object, whose members are written next.
  public mutating func beginObject() { begin("{") }
  /// Ends the object that was begun last.
  public mutating func endObject() { end("}") }
  /// Begins an array, whose elements are written next.
  public mutating func beginArray() { begin("[") }
  /// Ends the array that was begun last.
  public mutating func endArray() { end("]") }

  /// Writes the key of the member whose value comes next.
  public mutating func key(_ key: String) {
    string(key)
    append(":")
    needsComma = false
  }

  /// Writes a string.
  public mutating func string(_ value: String) { string(utf8: value.utf8) }

  /// Writes a string given as well-formed UTF-8.
  ///
  /// What JSON does not let stand unescaped is escaped, and so are the control characters that it would, from U+007F to
  /// U+009F, because a terminal may be shown it. All else is left as it is.
  public mutating func string(utf8: some Sequence<UInt8>) {
    separate()
    append("\"")
    var mayBeControl = false
    for byte in utf8 {
      if mayBeControl {
        mayBeControl = false
        if byte < 0xA0 {
          escape(byte)
          continue
        }
        bytes.append(0xC2)
      }
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20, 0x7F: escape(byte)
      case 0xC2: mayBeControl = true
      default: bytes.append(byte)
      }
    }
    append("\"")
    needsComma = true
  }

  private mutating func escape(_ codePoint: UInt8) {
    append(codePoint < 0x10 ? "\\u000" : "\\u00", String(codePoint, radix: 16))
  }

  /// Writes a whole number.
  public mutating func number(_ value: some BinaryInteger) { word(String(value)) }

  /// Writes a number with as many digits as it takes to read the same number back; `null` for an infinite one or
  /// NaN, which JSON does not have.
  public mutating func number(_ value: Double) { word(value.isFinite ? value.description : "null") }

  /// Writes `true` or `false`.
  public mutating func boolean(_ value: Bool) { word(value ? "true" : "false") }

  /// Writes `null`.
  public mutating func null() { word("null") }

  /// Writes an array of whole numbers.
  public mutating func array(_ values: [Int]) {
    beginArray()
    for value in values { number(value) }
    endArray()
  }

  private mutating func word(_ word: String) {
    separate()
    append(word)
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

/// Members of an object with their keys; one whose value is nil is left out.
extension JSONWriter {
  /// Writes a member that is a string.
  public mutating func member(_ name: String, _ value: String?) {
    guard let value else { return }
    key(name)
    string(value)
  }

  /// Writes a member that is a whole number.
  public mutating func member(_ name: String, _ value: (some BinaryInteger)?) {
    guard let value else { return }
    key(name)
    number(value)
  }

  /// Writes a member that is a number; `null` where that is not finite.
  public mutating func member(_ name: String, _ value: Double?) {
    guard let value else { return }
    key(name)
    number(value)
  }

  /// Writes a member that is `true` or `false`.
  public mutating func member(_ name: String, _ value: Bool?) {
    guard let value else { return }
    key(name)
    boolean(value)
  }
}
