// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// What there is to say about a text: its size, and how much one character tells about the next.
public struct TextStatistics: Equatable, Sendable {
  /// The highest order of entropy.
  public static let highestOrder = EntropyCounter.highestOrder

  /// The text's bytes.
  public let byteCount: Int
  /// The text's characters, as its unit cuts them.
  public let characterCount: Int
  /// How many newlines there are.
  public let lineCount: Int
  /// How many different characters there are.
  public let symbolCount: Int
  /// The entropies of order 0 to 3 in bits per character; nil where the text is too short or too varied.
  public let entropies: [Double?]
  /// The lowest order for which there were too many different sequences to count.
  public let exceededOrder: Int?

  /// The numbers by name, as `chartok stats` lists them; `-` stands for what is not known.
  public var rows: [(name: String, value: String)] {
    let sizes = [
      ("bytes", byteCount), ("characters", characterCount), ("lines", lineCount), ("symbols", symbolCount),
    ].map { (name: $0, value: String($1)) }
    return sizes
      + entropies.enumerated().map { order, entropy in
        (name: "entropy_order_\(order)", value: entropy.map(Self.withFourDecimals) ?? "-")
      }
  }

  /// Entropies are at most 16 bits, so this cannot overflow.
  private static func withFourDecimals(_ value: Double) -> String {
    let scaled = Int((value * 10_000).rounded())
    let decimals = String(scaled % 10_000)
    return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - decimals.utf8.count) + decimals
  }
}

/// Gathers the statistics of a text in bounded memory.
public struct StatisticsCounter: ~Copyable {
  private var numbering: SymbolNumbering
  private var entropies: EntropyCounter
  private var byteCount = 0
  private var lineCount = 0

  /// A counter that has read nothing yet.
  ///
  /// - Parameters:
  ///   - unit: what the text is cut into.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - sequenceLimit: how many different sequences of each length are counted before that order of entropy is
  ///     given up: this bounds the memory, at up to 24 bytes a sequence.
  public init(unit: TextUnit, isLossy: Bool = false, sequenceLimit: Int = (2 << 22) / 3) {
    numbering = SymbolNumbering(unit: unit, isLossy: isLossy)
    entropies = EntropyCounter(limit: sequenceLimit)
  }

  /// Counts a whole input; further ones go on with the same text.
  ///
  /// - Throws: `TextError` or `FileError`.
  public mutating func add(_ input: InputReader) throws {
    var (bytes, lines) = (0, 0)
    try numbering.add(
      input,
      observe: { block in
        bytes += block.count
        lines += countNewlines(block)
      },
      { entropies.add($0) })
    byteCount += bytes
    lineCount += lines
  }

  /// Ends the text.
  ///
  /// - Throws: `TextError`.
  public mutating func finish() throws -> TextStatistics {
    try numbering.finish { entropies.add($0) }
    let orders = 0...TextStatistics.highestOrder
    return TextStatistics(
      byteCount: byteCount, characterCount: Int(entropies.count), lineCount: lineCount,
      symbolCount: numbering.symbolCount, entropies: orders.map { entropies.entropy(order: $0) },
      exceededOrder: orders.first { entropies.isExceeded(order: $0) })
  }
}
