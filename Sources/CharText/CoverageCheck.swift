// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// Finds the characters of texts that a charset does not have, in constant memory.
public struct CoverageCheck {
  /// A character that the charset does not have.
  public struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// The file it is in.
    public let source: String
    /// Where it stands in that file.
    public let position: TextPosition
    /// The character.
    public let symbol: Symbol

    /// One line for people and programs: `notes.txt:3:14: U+2014 '—' is not in the charset`.
    public var description: String {
      "\(source):\(position.line):\(position.column): "
        + "\(symbol.notation) '\(symbol.display)' is not in the charset"
    }
  }

  /// How many characters were not in the charset so far.
  public private(set) var findingCount = 0

  private let charset: Charset
  private var reader: CodeReader
  private var position = TextPosition()

  /// A check that has read nothing yet.
  ///
  /// - Parameters:
  ///   - charset: says which characters are covered; its unknown id covers none.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  public init(charset: Charset, isLossy: Bool = false) {
    self.charset = charset
    reader = CodeReader(unit: charset.unit, isLossy: isLossy, source: "text", clusters: charset.clusters)
  }

  /// Checks inputs, one after the other, as one text, with positions from the start of each input.
  ///
  /// - Parameters:
  ///   - sources: read to their ends.
  ///   - report: takes each finding as soon as it is made.
  /// - Throws: `TextError`, `FileError`, or what `report` throws.
  public mutating func check(_ sources: [InputReader], report: (Finding) throws -> Void) throws {
    for source in sources { try check(source, report: report) }
    try finish(report: report)
  }

  /// Checks one input; `finish` must follow the last one.
  ///
  /// - Throws: `TextError`, `FileError`, or what `report` throws.
  public mutating func check(_ source: InputReader, report: (Finding) throws -> Void) throws {
    reader.begin(source: source.name)
    position = TextPosition()
    while let block = try source.nextBlock() {
      for slice in CodeReader.slices(of: block) { try check(reader.read(slice), report) }
    }
    try check(reader.endSource(), report)
  }

  /// Checks what was still under way at the end of the last input.
  ///
  /// - Throws: `TextError`, or what `report` throws.
  public mutating func finish(report: (Finding) throws -> Void) throws {
    try check(reader.endText(), report)
  }

  private mutating func check(_ piece: CodeReader.Piece, _ report: (Finding) throws -> Void) throws {
    var rest = piece.codes
    while let index = firstUncovered(rest) {
      position.advance(over: UnsafeBufferPointer(rebasing: rest[..<index]))
      findingCount += 1
      try report(
        Finding(source: reader.source, position: position, symbol: reader.symbol(of: rest[index])))
      position.advance(over: CollectionOfOne(rest[index]))
      rest = UnsafeBufferPointer(rebasing: rest[(index + 1)...])
    }
    position.advance(over: rest)
    if let failure = piece.failure { throw failure }
  }

  private func firstUncovered(_ codes: UnsafeBufferPointer<UInt32>) -> Int? {
    charset.table.withLookup { table in codes.firstIndex { table.id(of: $0) == CodeTable.none } }
  }
}
