// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a text ended.
public enum StopReason: String, Sendable, CaseIterable {
  /// It is as long as was asked for.
  case length
  /// A text came that it was to be written until.
  case until
  /// It has as many whole lines as were asked for.
  case lines
  /// The model ended its record.
  case record
  /// It was cut off before it grew any longer.
  case maxLength = "max-length"
}

/// Where texts end; whichever comes first.
public struct TextEnds: Equatable, Sendable {
  /// How many symbols are asked for; nil for no end of this kind.
  public var length: Int?
  /// How many symbols no text goes beyond; nil for no end of this kind.
  public var maxLength: Int?
  /// What texts are written until, each at least one symbol; it is not part of the text.
  public var until: [[UInt16]] = []
  /// How many whole lines are asked for, and the newline's id; the last newline is part of the text.
  public var lines: (count: Int, newline: UInt16)?
  /// The symbol that ends a record; it is not part of the text, but it is charged.
  public var recordEnd: UInt16?

  /// A length alone.
  public init(length: Int? = nil) {
    self.length = length
  }

  /// The most symbols of a text; nil if there is no such number.
  public var mostSymbols: Int? {
    guard let length else { return maxLength }
    return min(length, maxLength ?? length)
  }

  /// How many symbols at the end of `ids` may turn out to be where the text is written until, and none of it.
  public func undecidedCount(of ids: [UInt16]) -> Int {
    until.map { pattern in
      (1..<max(pattern.count, 1)).last { count in
        count <= ids.count && ids.suffix(count).elementsEqual(pattern.prefix(count))
      } ?? 0
    }.max() ?? 0
  }

  /// Whether the two end texts at the same places.
  public static func == (a: TextEnds, b: TextEnds) -> Bool {
    (a.length, a.maxLength, a.recordEnd) == (b.length, b.maxLength, b.recordEnd) && a.until == b.until
      && a.lines?.count == b.lines?.count && a.lines?.newline == b.lines?.newline
  }
}
