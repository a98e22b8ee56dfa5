// SPDX-License-Identifier: GPL-3.0-or-later

/// A place in a text: its line and its column, both from 1.
///
/// A column is one character of the text's unit.
public struct TextPosition: Hashable, Sendable {
  /// The line, from 1; every U+000A ends one.
  public private(set) var line = 1
  /// The character in the line, from 1.
  public private(set) var column = 1

  /// The first character of a text.
  public init() {}

  /// Moves on over characters.
  mutating func advance(over codes: some Sequence<UInt32>) {
    for code in codes {
      if code == 0x0A || code == ClusterTable.lineEnd {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
  }

  /// Moves on over many characters, faster.
  mutating func advance(over codes: UnsafeBufferPointer<UInt32>) {
    var newlines = 0
    for code in codes { newlines &+= code == 0x0A || code == ClusterTable.lineEnd ? 1 : 0 }
    guard newlines > 0, let last = codes.lastIndex(where: { $0 == 0x0A || $0 == ClusterTable.lineEnd }) else {
      column += codes.count
      return
    }
    line += newlines
    column = codes.count - last
  }
}
