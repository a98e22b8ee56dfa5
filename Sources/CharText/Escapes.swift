// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// Backslash escapes in text: `\n`, `\t`, `\r`, `\\`, and `\u{…}` with the hexadecimal digits of a code point.
public enum Escapes {
  /// The text that is meant, as UTF-8.
  ///
  /// - Parameters:
  ///   - text: bytes; those outside escapes are left as they are.
  ///   - source: what messages call it.
  ///   - line: the line of the source that it is; nil if it is not one of many.
  /// - Throws: `EscapeError` at a backslash that begins no escape.
  public static func decode(
    _ text: [UInt8], source: String, line: Int? = nil
  ) throws(EscapeError) -> [UInt8] {
    guard text.contains(backslash) else { return text }
    var meant: [UInt8] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: backslash) {
      meant += rest[..<start]
      guard let (bytes, end) = escape(rest[(start + 1)...]) else {
        let shown = String(decoding: rest[start...].prefix(12), as: UTF8.self)
        throw EscapeError(source: source, line: line, offset: start, text: shown)
      }
      meant += bytes
      rest = rest[end...]
    }
    return meant + rest
  }

  /// Text in which tabs, newlines, carriage returns and backslashes are escaped, so that it is a field of a line.
  public static func encode(_ text: some Sequence<UInt8>) -> [UInt8] {
    var escaped: [UInt8] = []
    for byte in text {
      switch byte {
      case 0x09: escaped += [backslash, UInt8(ascii: "t")]
      case 0x0A: escaped += [backslash, UInt8(ascii: "n")]
      case 0x0D: escaped += [backslash, UInt8(ascii: "r")]
      case backslash: escaped += [backslash, backslash]
      default: escaped.append(byte)
      }
    }
    return escaped
  }

  private static let backslash = UInt8(ascii: "\\")

  /// What the escape means whose backslash stands before `text`, and where the text goes on.
  private static func escape(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], end: Int)? {
    guard let letter = text.first else { return nil }
    let end = text.startIndex + 1
    switch letter {
    case UInt8(ascii: "n"): return ([0x0A], end)
    case UInt8(ascii: "t"): return ([0x09], end)
    case UInt8(ascii: "r"): return ([0x0D], end)
    case backslash: return ([backslash], end)
    case UInt8(ascii: "u"): return codePoint(text[end...])
    default: return nil
    }
  }

  /// The code point in braces that `text` begins with.
  private static func codePoint(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], end: Int)? {
    guard text.first == UInt8(ascii: "{"), let brace = text.prefix(10).firstIndex(of: UInt8(ascii: "}"))
    else {
      return nil
    }
    let digits = String(decoding: text[(text.startIndex + 1)..<brace], as: UTF8.self)
    // Swift's own initializer would take a sign.
    guard digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16),
      let scalar = Unicode.Scalar(value)
    else { return nil }
    return (Array(String(scalar).utf8), brace + 1)
  }
}

/// A backslash that begins no escape.
public struct EscapeError: UserFacingError, Equatable {
  /// What messages call the text.
  public let source: String
  /// The line of the source.
  public let line: Int?
  /// Where the backslash stands, counted from 0 in the line.
  public let offset: Int
  /// The text from there on, a few characters.
  public let text: String

  /// The source and the line.
  public var place: String? { line.map { "\(source):\($0)" } ?? source }
  /// What stands where, and what could.
  public var reason: String {
    "unknown escape \(text) at offset \(offset); the escapes are \\n, \\t, \\r, \\\\ and \\u{…}"
  }
  /// Bad data.
  public var kind: ErrorKind { .badData }
}
