// SPDX-License-Identifier: GPL-3.0-or-later

/// The characters that a model knows, each with its id: the known ones in code point order from 0, then, if there
/// is one, the unknown id, which stands for every other character.
public struct Charset: Sendable {
  /// The most ids a charset has, the unknown one among them.
  public static let largestCount = 65_535
  /// Stands among ids for a character that has none.
  public static let noID = UInt16.max

  /// What texts are cut into.
  public let unit: TextUnit
  /// The known symbols, in the order of their ids.
  public let symbols: [Symbol]
  /// Whether there is an id for all characters that are not in `symbols`.
  public let hasUnknown: Bool
  /// How often each id occurred in the text the charset was made of; nil if that is not known.
  public let counts: [UInt64]?

  /// Ids by code, for readers that know `clusters`.
  let table: CodeTable
  let clusters: ClusterTable

  /// Makes a charset of symbols.
  ///
  /// - Parameters:
  ///   - unit: what texts are cut into; every symbol is of this kind.
  ///   - symbols: at least one, in ascending order, each once.
  ///   - hasUnknown: whether one more id stands for everything else.
  ///   - counts: how often each id occurred, the unknown one last; nil if that is not known.
  /// - Throws: `CharsetError` when a rule is broken.
  public init(
    unit: TextUnit, symbols: [Symbol], hasUnknown: Bool = false, counts: [UInt64]? = nil
  ) throws(CharsetError) {
    if symbols.isEmpty { throw CharsetError(.empty) }
    let count = symbols.count + (hasUnknown ? 1 : 0)
    if count > Self.largestCount { throw CharsetError(.tooManySymbols(limit: Self.largestCount)) }
    if let counts, counts.count != count { throw CharsetError(.countOfCounts(counts.count, expected: count)) }
    for (index, symbol) in symbols.enumerated() {
      if !symbol.isOf(unit) { throw CharsetError(.kind(symbol, unit)) }
      guard index > 0 else { continue }
      if symbols[index - 1] == symbol { throw CharsetError(.duplicate(symbol)) }
      if symbols[index - 1] > symbol { throw CharsetError(.order(symbol, after: symbols[index - 1])) }
    }
    self.unit = unit
    self.symbols = symbols
    self.hasUnknown = hasUnknown
    self.counts = counts
    clusters = ClusterTable(learns: false, clusters: symbols.lazy.map(\.scalars).filter { $0.count > 1 })
    var table = CodeTable()
    for (id, symbol) in symbols.enumerated() {
      table[symbol.code(in: clusters).unsafelyUnwrapped] = UInt16(id)
    }
    self.table = table
  }

  /// A charset of symbols that keep the rules for certain.
  static func trusted(unit: TextUnit, symbols: [Symbol], hasUnknown: Bool, counts: [UInt64]?) -> Charset {
    do {
      return try Charset(unit: unit, symbols: symbols, hasUnknown: hasUnknown, counts: counts)
    } catch {
      preconditionFailure("a charset was put together wrongly: \(error)")
    }
  }

  /// How many ids there are, the unknown one among them.
  public var count: Int { symbols.count + (hasUnknown ? 1 : 0) }

  /// The id that stands for every character not in `symbols`: the last, or nil if there is none.
  public var unknownID: Int? { hasUnknown ? symbols.count : nil }

  /// The id of U+000A, or of the byte 0x0A; nil if the charset does not have it.
  public var newlineID: Int? { unit == .byte ? id(ofByte: 0x0A) : id(ofScalar: 0x0A) }

  /// The id of a known symbol.
  public func id(of symbol: Symbol) -> Int? {
    guard symbol.isOf(unit), let code = symbol.code(in: clusters) else { return nil }
    return id(ofCode: code)
  }

  /// The id of a known symbol that is the single scalar `scalar`; nil when the unit is bytes.
  public func id(ofScalar scalar: UInt32) -> Int? {
    unit == .byte || scalar >= ClusterTable.firstCode ? nil : id(ofCode: scalar)
  }

  /// The id of a known byte; nil when the unit is not bytes.
  public func id(ofByte byte: UInt8) -> Int? { unit == .byte ? id(ofCode: UInt32(byte)) : nil }

  /// The bytes that an id stands for in a text.
  ///
  /// For the unknown id these are U+FFFD's, or a question mark when the unit is bytes.
  public func bytes(of id: Int) -> [UInt8] {
    precondition(0 <= id && id < count, "no such id")
    if id < symbols.count { return symbols[id].utf8 }
    return unit == .byte ? [UInt8(ascii: "?")] : [0xEF, 0xBF, 0xBD]
  }

  private func id(ofCode code: UInt32) -> Int? {
    let id = table[code]
    return id == CodeTable.none ? nil : Int(id)
  }
}

extension Charset: Equatable {
  /// Whether two charsets give the same ids, whatever they were counted from.
  public static func == (left: Charset, right: Charset) -> Bool {
    left.unit == right.unit && left.hasUnknown == right.hasUnknown && left.symbols == right.symbols
  }
}

extension Symbol {
  /// Whether texts cut into `unit` can hold this symbol.
  fileprivate func isOf(_ unit: TextUnit) -> Bool {
    switch unit {
    case .byte: byte != nil
    case .scalar: scalars.count == 1
    case .grapheme: byte == nil
    }
  }

  /// The code of this symbol for readers that know `clusters`; nil for a cluster not among them.
  fileprivate func code(in clusters: ClusterTable) -> UInt32? {
    if let byte { return UInt32(byte) }
    let scalars = scalars
    return scalars.count == 1 ? scalars[0] : clusters.knownCode(of: scalars)
  }
}
