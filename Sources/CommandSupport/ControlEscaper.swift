// SPDX-License-Identifier: GPL-3.0-or-later

/// The text with control characters other than newline and tab made visible.
///
/// ASCII controls become `\x1B`, those from U+0080 to U+009F become `\u{9B}`.
public func escapingControls(_ text: String) -> String {
  var escaper = ControlEscaper()
  return String(decoding: escaper.escape(text.utf8) + escaper.finish(), as: UTF8.self)
}

/// Makes control characters other than newline and tab visible in UTF-8 that arrives in any pieces.
///
/// ASCII controls become `\x1B`, those from U+0080 to U+009F become `\u{9B}`, and bytes that cannot be part
/// of a character become `\x9B`, because a terminal may take them for controls. All else passes unchanged.
public struct ControlEscaper {
  /// How many bytes of the current character are still to come.
  private var continuations = 0
  /// Whether 0xC2 is held back because a control character may begin with it.
  private var holdsC2 = false

  /// Begins at the beginning of a text.
  public init() {}

  /// What to show for `bytes`; at most one byte is held back until more is known.
  public mutating func escape(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var shown: [UInt8] = []
    for byte in bytes { step(byte, &shown) }
    return shown
  }

  /// What was held back, at the end of the text.
  public mutating func finish() -> [UInt8] {
    defer { self = ControlEscaper() }
    return holdsC2 ? Self.escaped("\\x", 0xC2) : []
  }

  private mutating func step(_ byte: UInt8, _ shown: inout [UInt8]) {
    let isContinuation = byte & 0xC0 == 0x80
    if holdsC2 {
      holdsC2 = false
      switch byte {
      case 0x80...0x9F:
        shown += Self.escaped("\\u{", byte) + [UInt8(ascii: "}")]
        return
      case 0xA0...0xBF:
        shown += [0xC2, byte]
        return
      default:
        shown += Self.escaped("\\x", 0xC2)
      }
    }
    if isContinuation && continuations > 0 {
      continuations -= 1
      shown.append(byte)
      return
    }
    continuations = 0
    switch byte {
    case 0x09, 0x0A, 0x20...0x7E: shown.append(byte)
    case 0xC2: holdsC2 = true
    case 0xC3...0xDF: begin(byte, continuations: 1, &shown)
    case 0xE0...0xEF: begin(byte, continuations: 2, &shown)
    case 0xF0...0xF4: begin(byte, continuations: 3, &shown)
    default: shown += Self.escaped("\\x", byte)
    }
  }

  private mutating func begin(_ byte: UInt8, continuations count: Int, _ shown: inout [UInt8]) {
    continuations = count
    shown.append(byte)
  }

  private static func escaped(_ prefix: String, _ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array(prefix.utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
  }
}
