// SPDX-License-Identifier: GPL-3.0-or-later

extension Symbol {
  /// The symbol's code points as a charset file writes them: `U+0041`, `U+0065+0301`, or `0x41` for a byte.
  public var notation: String {
    if let byte { return "0x" + hexadecimal(UInt32(byte), digits: 2) }
    return "U+" + scalars.map { hexadecimal($0, digits: 4) }.joined(separator: "+")
  }

  /// The symbol as people can read it on one line.
  ///
  /// It shows itself where that is clear, and otherwise an escape, which begins with a backslash: `\n`, `\t`,
  /// `\r`, `\\` for the backslash, `\u{20}` for other scalars, `\xE9` for bytes that are not ASCII.
  public var display: String {
    if let byte {
      let value = UInt32(byte)
      return byte < 0x80 ? Self.display(of: value, joined: false) : "\\x" + hexadecimal(value, digits: 2)
    }
    var text = ""
    var followsBase = false
    for scalar in scalars {
      let shown = Self.display(of: scalar, joined: followsBase)
      followsBase = followsBase || !shown.hasPrefix("\\")
      text += shown
    }
    return text
  }

  /// Shows one scalar.
  ///
  /// `joined` says that another one, shown as itself, stands before it in the same cluster, so that what only makes
  /// sense after another character can be shown as itself too.
  private static func display(of value: UInt32, joined: Bool) -> String {
    switch value {
    case 0x09: return "\\t"
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    case 0x5C: return "\\\\"
    default: break
    }
    guard let scalar = Unicode.Scalar(value), isClear(scalar, joined: joined) else {
      return "\\u{" + hexadecimal(value, digits: 1) + "}"
    }
    return String(Character(scalar))
  }

  /// Whether a scalar leaves the line it stands on in order.
  private static func isClear(_ scalar: Unicode.Scalar, joined: Bool) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .surrogate, .privateUse, .unassigned: false
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: false
    case .nonspacingMark, .spacingMark, .enclosingMark: joined
    // The joiner and the tags inside an emoji; other format characters can turn a line's direction.
    case .format: joined && (scalar.value == 0x200D || (0xE_0020...0xE_007F).contains(scalar.value))
    default: true
    }
  }

  /// Reads a symbol in the notation that `unit` uses.
  ///
  /// - Throws: `CharsetError.Problem`, which says what is wrong with it.
  init(notation: String, unit: TextUnit) throws(CharsetError.Problem) {
    if unit == .byte {
      guard notation.hasPrefix("0x"), let byte = Self.number(notation.dropFirst(2), digits: 1...2) else {
        throw .notation(notation, unit)
      }
      self.init(byte: UInt8(byte))
      return
    }
    guard notation.hasPrefix("U+") else { throw .notation(notation, unit) }
    var scalars: [UInt32] = []
    for part in notation.dropFirst(2).split(separator: "+", omittingEmptySubsequences: false) {
      guard let value = Self.number(part, digits: 1...8) else { throw .notation(notation, unit) }
      if (0xD800...0xDFFF).contains(value) { throw .surrogate(value) }
      if value > 0x10_FFFF { throw .beyondUnicode(value) }
      scalars.append(value)
    }
    if unit == .scalar && scalars.count > 1 { throw .notation(notation, unit) }
    if scalars.count > GraphemeSplitter.longestCluster { throw .clusterTooLong(scalars.count) }
    self.init(scalars: scalars)
  }

  /// A number in hexadecimal digits alone; Swift's own initializer would take a sign.
  private static func number(_ text: Substring, digits: ClosedRange<Int>) -> UInt32? {
    guard digits.contains(text.utf8.count), text.allSatisfy(\.isHexDigit) else { return nil }
    return UInt32(text, radix: 16)
  }
}

/// A number in upper-case hexadecimal with at least so many digits.
func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
