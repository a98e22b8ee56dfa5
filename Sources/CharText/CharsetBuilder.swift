// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// Counts the characters of a text and makes a charset of them, in memory bounded by how many differ.
public struct CharsetBuilder {
  private var reader: CodeReader
  private var isFinished = false
  private var inputCount = 0
  /// How often each scalar or byte occurred; as long as the greatest one so far needs.
  private var counts = [UInt64](repeating: 0, count: 256)
  /// How often each cluster occurred.
  private var clusterCounts: [UInt64] = []

  /// A builder that has read nothing yet.
  ///
  /// - Parameters:
  ///   - unit: what the text is cut into.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - source: what messages call a text that is given as blocks.
  public init(unit: TextUnit, isLossy: Bool = false, source: String = "text") {
    reader = CodeReader(unit: unit, isLossy: isLossy, source: source, clusters: ClusterTable(learns: true))
  }

  /// Counts a whole input; further ones go on with the same text.
  ///
  /// - Throws: `TextError` or `FileError`.
  public mutating func add(_ input: InputReader) throws {
    reader.begin(source: input.name)
    inputCount += 1
    while let block = try input.nextBlock() { try add(block) }
    try count(reader.endSource())
  }

  /// Counts the next bytes of the text.
  ///
  /// - Throws: `TextError` at ill-formed UTF-8, unless lossy.
  public mutating func add(_ block: UnsafeRawBufferPointer) throws(TextError) {
    precondition(!isFinished, "the text has been ended")
    for slice in CodeReader.slices(of: block) { try count(reader.read(slice)) }
  }

  /// Ends the text and makes its charset.
  ///
  /// Known characters are those that occur `minCount` times or more, and of them, if `maxSize` ids would not do,
  /// the most frequent ones; of two that are equally frequent the lower code point stays. What is left out makes
  /// one unknown id necessary, for which there is room in `maxSize`.
  ///
  /// - Parameters:
  ///   - minCount: how often a character must occur to be known.
  ///   - maxSize: how many ids there may be, the unknown one among them; at least 2.
  /// - Throws: `TextError` when the text ends inside a character, is empty, or leaves nothing to be known or too
  ///   much.
  public mutating func build(minCount: UInt64 = 1, maxSize: Int? = nil) throws(TextError) -> Charset {
    precondition(maxSize ?? 2 >= 2, "one known character and the unknown one are the least")
    if !isFinished {
      try count(reader.endSource())
      try count(reader.endText())
      isFinished = true
    }
    let all = occurring()
    if all.isEmpty { throw .empty(source: inputCount > 1 ? nil : reader.source) }
    let kept = try Self.fold(all, minCount: minCount, maxSize: maxSize)
    let hasUnknown = kept.count < all.count
    let idCount = kept.count + (hasUnknown ? 1 : 0)
    if idCount > Charset.largestCount { throw .tooManySymbols(count: idCount, limit: Charset.largestCount) }
    var keptCounts = kept.map(\.count)
    if hasUnknown {
      keptCounts.append(all.reduce(0) { $0 + $1.count } - keptCounts.reduce(0, +))
    }
    return Charset.trusted(
      unit: reader.unit, symbols: kept.map(\.symbol), hasUnknown: hasUnknown, counts: keptCounts)
  }

  /// Every symbol that occurs, in order, with its count.
  private func occurring() -> [(symbol: Symbol, count: UInt64)] {
    var all: [(symbol: Symbol, count: UInt64)] = []
    for (code, count) in counts.enumerated() where count > 0 {
      all.append((reader.symbol(of: UInt32(code)), count))
    }
    for (index, count) in clusterCounts.enumerated() where count > 0 {
      all.append((reader.symbol(of: ClusterTable.firstCode + UInt32(index)), count))
    }
    return clusterCounts.isEmpty ? all : all.sorted { $0.symbol < $1.symbol }
  }

  private static func fold(
    _ all: [(symbol: Symbol, count: UInt64)], minCount: UInt64, maxSize: Int?
  ) throws(TextError) -> [(symbol: Symbol, count: UInt64)] {
    let kept = all.filter { $0.count >= minCount }
    if kept.isEmpty { throw .allTooRare(minCount: minCount) }
    guard let maxSize, kept.count + (kept.count < all.count ? 1 : 0) > maxSize else { return kept }
    // Sorting is stable in effect: the symbol decides between equal counts.
    return kept.sorted { ($1.count, $0.symbol) < ($0.count, $1.symbol) }
      .prefix(maxSize - 1).sorted { $0.symbol < $1.symbol }
  }

  private mutating func count(_ piece: CodeReader.Piece) throws(TextError) {
    makeRoom(for: piece.codes.reduce(0) { max($0, $1) })
    let singleCount = ClusterTable.firstCode
    counts.withUnsafeMutableBufferPointer { counts in
      clusterCounts.withUnsafeMutableBufferPointer { clusterCounts in
        for code in piece.codes {
          if code < singleCount {
            counts[Int(code)] &+= 1
          } else {
            clusterCounts[Int(code - singleCount)] &+= 1
          }
        }
      }
    }
    if let failure = piece.failure { throw failure }
  }

  /// Lengthens the tables of counts so that they have a place for every code up to `code`.
  private mutating func makeRoom(for code: UInt32) {
    if code >= ClusterTable.firstCode {
      counts.grow(toHold: Int(ClusterTable.firstCode) - 1)
      clusterCounts.grow(toHold: Int(code - ClusterTable.firstCode))
    } else {
      counts.grow(toHold: Int(code))
    }
  }
}

extension [UInt64] {
  /// Makes `index` valid, and some more, adding zeros.
  fileprivate mutating func grow(toHold index: Int) {
    guard index >= count else { return }
    let newCount = Swift.max(2 * count, (index + 256) / 256 * 256)
    append(contentsOf: repeatElement(0, count: newCount - count))
  }
}
