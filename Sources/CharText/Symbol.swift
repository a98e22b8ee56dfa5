// SPDX-License-Identifier: GPL-3.0-or-later

/// One character of a charset: a byte, a Unicode scalar, or the scalars of a grapheme cluster.
///
/// Symbols are equal only when they hold the same code points: U+00E9 differs from U+0065 U+0301, though they
/// look the same. They are ordered by their code points, the first one first.
public struct Symbol: Hashable, Sendable {
  private enum Content: Hashable {
    case byte(UInt8)
    case scalar(UInt32)
    /// Two scalars or more.
    case cluster([UInt32])
  }

  private let content: Content

  /// The symbol that is the Unicode scalar `scalar`.
  ///
  /// - Parameter scalar: a code point up to 0x10FFFF that is no surrogate.
  public init(scalar: UInt32) {
    precondition(Unicode.Scalar(scalar) != nil, "a symbol is made of Unicode scalars")
    content = .scalar(scalar)
  }

  /// The symbol that is the Unicode scalar `scalar`.
  public init(scalar: Unicode.Scalar) {
    content = .scalar(scalar.value)
  }

  /// The symbol that is the byte `byte`.
  public init(byte: UInt8) {
    content = .byte(byte)
  }

  /// The symbol made of `scalars`, at least one; of a single scalar it is the same as `init(scalar:)` gives.
  public init(scalars: [UInt32]) {
    precondition(!scalars.isEmpty, "a symbol has at least one scalar")
    precondition(scalars.allSatisfy { Unicode.Scalar($0) != nil }, "a symbol is made of Unicode scalars")
    content = scalars.count == 1 ? .scalar(scalars[0]) : .cluster(scalars)
  }

  /// The byte this symbol is, or nil if it is made of scalars.
  public var byte: UInt8? {
    if case .byte(let byte) = content { byte } else { nil }
  }

  /// The scalars this symbol is made of; none for a byte.
  public var scalars: [UInt32] {
    switch content {
    case .byte: []
    case .scalar(let scalar): [scalar]
    case .cluster(let scalars): scalars
    }
  }

  /// The bytes this symbol stands for in a text: UTF-8, or the byte itself.
  public var utf8: [UInt8] {
    if case .byte(let byte) = content { return [byte] }
    var bytes: [UInt8] = []
    for scalar in scalars.lazy.compactMap(Unicode.Scalar.init) {
      bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
    }
    return bytes
  }
}

extension Symbol: Comparable {
  /// Whether the left symbol's code points come before the right one's.
  public static func < (left: Symbol, right: Symbol) -> Bool {
    switch (left.content, right.content) {
    case (.byte(let left), .byte(let right)): left < right
    case (.byte, _): true
    case (_, .byte): false
    case (.scalar(let left), .scalar(let right)): left < right
    default: left.scalars.lexicographicallyPrecedes(right.scalars)
    }
  }
}
