// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// Numbers the symbols of a text as they first appear, which takes only one pass, and puts them in order at the end.
struct SymbolNumbering {
  private var reader: CodeReader
  private var table = CodeTable()
  /// The symbols by number.
  private var symbols: [Symbol] = []
  /// How often each number occurred.
  private var counts: [UInt64] = []
  private var ids: [UInt16] = []

  /// A numbering that has read nothing yet.
  ///
  /// - Parameter separator: what stands between documents, in UTF-8, and gets no numbers; nothing if it is empty.
  init(unit: TextUnit, isLossy: Bool, separator: [UInt8] = []) {
    reader = CodeReader(
      unit: unit, isLossy: isLossy, source: "text", clusters: ClusterTable(learns: true), separator: separator
    )
  }

  /// How many symbols there were.
  var symbolCount: Int { symbols.count }

  /// Numbers the symbols of a source; further ones go on with the same text.
  ///
  /// - Parameters:
  ///   - source: read to its end.
  ///   - observe: is shown every block of bytes.
  ///   - separated: is told of each separator, after what stands before it.
  ///   - body: takes the numbers of the text's symbols, in order; they are valid during the call.
  /// - Throws: `TextError`, `FileError`, or what `body` throws.
  mutating func add(
    _ source: InputReader, observe: (UnsafeRawBufferPointer) -> Void = { _ in },
    separated: () -> Void = {}, _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    reader.begin(source: source.name)
    while let block = try source.nextBlock() {
      observe(block)
      for slice in CodeReader.slices(of: block) { try number(reader.read(slice), separated, body) }
    }
    try number(reader.endSource(), separated, body)
  }

  /// Ends the text; another one may follow.
  ///
  /// - Parameters:
  ///   - separated: is told of a separator that was still under way.
  ///   - body: takes the numbers of what was still under way.
  /// - Throws: `TextError`, or what `body` throws.
  mutating func finish(
    separated: () -> Void = {}, _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    try number(reader.endText(), separated, body)
  }

  /// The charset of all symbols, and for each number the symbol's id in it.
  func inOrder() -> (charset: Charset, newIDs: [UInt16]) {
    let order = symbols.indices.sorted { symbols[$0] < symbols[$1] }
    var newIDs = [UInt16](repeating: 0, count: order.count)
    for (id, number) in order.enumerated() { newIDs[number] = UInt16(id) }
    let charset = Charset.trusted(
      unit: reader.unit, symbols: order.map { symbols[$0] }, hasUnknown: false,
      counts: order.map { counts[$0] })
    return (charset, newIDs)
  }

  private mutating func number(
    _ piece: CodeReader.Piece, _ separated: () -> Void,
    _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    try piece.forEachPart { part, isSeparator in
      if isSeparator { separated() } else { try number(part, body) }
    }
    if let failure = piece.failure { throw failure }
  }

  private mutating func number(
    _ codes: UnsafeBufferPointer<UInt32>, _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    if ids.count < codes.count { ids = [UInt16](repeating: 0, count: codes.count) }
    var done = 0
    while true {
      done = numberKnown(codes, from: done)
      if done == codes.count { break }
      try add(codes[done])
    }
    try ids.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[..<codes.count])) }
  }

  /// Numbers codes up to the first that has no number yet, and says where that is.
  private mutating func numberKnown(_ codes: UnsafeBufferPointer<UInt32>, from start: Int) -> Int {
    table.withLookup { table in
      ids.withUnsafeMutableBufferPointer { ids in
        counts.withUnsafeMutableBufferPointer { counts in
          for index in start..<codes.count {
            let number = table.id(of: codes[index])
            if number == CodeTable.none { return index }
            ids[index] = number
            counts[Int(number)] &+= 1
          }
          return codes.count
        }
      }
    }
  }

  private mutating func add(_ code: UInt32) throws(TextError) {
    if symbols.count == Charset.largestCount {
      throw .tooManySymbols(count: symbols.count + 1, limit: Charset.largestCount)
    }
    table[code] = UInt16(symbols.count)
    symbols.append(reader.symbol(of: code))
    counts.append(0)
  }
}
