// SPDX-License-Identifier: GPL-3.0-or-later

/// Cuts one source, in whatever blocks its bytes come, into symbols, and says where each of them stands.
///
/// This is the convenient way; `TextEncoder` and `Corpus` have a faster one of their own.
public struct SymbolReader {
  private var reader: CodeReader
  private var position = TextPosition()

  /// A reader at the start of a source.
  ///
  /// - Parameters:
  ///   - unit: how the text is cut.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - source: what messages call the source.
  public init(unit: TextUnit, isLossy: Bool = false, source: String = "text") {
    reader = CodeReader(unit: unit, isLossy: isLossy, source: source, clusters: ClusterTable(learns: false))
  }

  /// Cuts a whole text.
  ///
  /// - Throws: `TextError` at ill-formed UTF-8, unless lossy.
  public static func symbols(
    of text: [UInt8], unit: TextUnit, isLossy: Bool = false
  ) throws(TextError) -> [Symbol] {
    var reader = SymbolReader(unit: unit, isLossy: isLossy)
    var symbols: [Symbol] = []
    let outcome = text.withUnsafeBytes { bytes in
      Result { () throws(TextError) in
        try reader.read(bytes) { (symbol, _) throws(TextError) in symbols.append(symbol) }
        try reader.finish { (symbol, _) throws(TextError) in symbols.append(symbol) }
      }
    }
    try outcome.get()
    return symbols
  }

  /// Reads the next bytes and hands over each symbol that they end.
  ///
  /// - Throws: `TextError` at ill-formed UTF-8, unless lossy, after the symbols before it have been handed over.
  public mutating func read(
    _ block: UnsafeRawBufferPointer, _ body: (Symbol, TextPosition) throws(TextError) -> Void
  ) throws(TextError) {
    for slice in CodeReader.slices(of: block) { try hand(reader.read(slice), body) }
  }

  /// Ends the source and hands over the symbol that was still under way.
  ///
  /// - Throws: `TextError.truncatedUTF8` if the source ends inside a character, unless lossy.
  public mutating func finish(_ body: (Symbol, TextPosition) throws(TextError) -> Void) throws(TextError) {
    try hand(reader.endSource(), body)
    try hand(reader.endText(), body)
  }

  private mutating func hand(
    _ piece: CodeReader.Piece, _ body: (Symbol, TextPosition) throws(TextError) -> Void
  ) throws(TextError) {
    for code in piece.codes {
      try body(reader.symbol(of: code), position)
      position.advance(over: CollectionOfOne(code))
    }
    if let failure = piece.failure { throw failure }
  }
}
