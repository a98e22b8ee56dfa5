// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// Turns text, in whatever blocks it comes, into the ids of a charset.
public struct TextEncoder {
  /// What becomes of a character that the charset does not have.
  public enum UncoveredPolicy: Sendable, Hashable, CaseIterable {
    /// It becomes the unknown id; without one it is skipped and counted.
    case unknownOrSkip
    /// It becomes the unknown id; without one it is an error.
    case unknownOrFail
    /// It is an error.
    case fail
    /// It becomes the unknown id; without one `Charset.noID`, so that every character keeps its place.
    case unknownOrNoID
  }

  /// The charset that gives the ids.
  public let charset: Charset
  /// What becomes of a character that the charset does not have.
  public let policy: UncoveredPolicy
  /// How many characters the charset does not have, whatever became of them.
  public private(set) var uncoveredCount = 0
  /// How many bytes they take in UTF-8, or as bytes.
  public private(set) var uncoveredByteCount = 0
  /// The first of them.
  public private(set) var firstUncovered: Symbol?

  private var reader: CodeReader
  private var position = TextPosition()
  private var ids: [UInt16] = []

  /// An encoder at the start of a text.
  ///
  /// - Parameters:
  ///   - charset: gives the ids and says what the text is cut into.
  ///   - policy: what becomes of a character that the charset does not have.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - separator: what stands between documents, in UTF-8, and gets no ids; nothing if it is empty.
  ///   - source: what messages call a text that is given as blocks.
  public init(
    charset: Charset, policy: UncoveredPolicy = .unknownOrFail, isLossy: Bool = false,
    separator: [UInt8] = [], source: String = "text"
  ) {
    self.charset = charset
    self.policy = policy
    reader = CodeReader(
      unit: charset.unit, isLossy: isLossy, source: source, clusters: charset.clusters, separator: separator)
  }

  /// Encodes a whole text.
  ///
  /// - Throws: `TextError` at ill-formed UTF-8, unless lossy, and at uncovered characters where they are errors.
  public static func ids(
    of text: [UInt8], in charset: Charset, policy: UncoveredPolicy = .unknownOrFail, isLossy: Bool = false,
    source: String = "text"
  ) throws(TextError) -> [UInt16] {
    var encoder = TextEncoder(charset: charset, policy: policy, isLossy: isLossy, source: source)
    return try encoder.encodeWhole(text)
  }

  /// Encodes a text that is all there and ends it, so that the encoder can be asked what it met.
  ///
  /// - Throws: `TextError` at ill-formed UTF-8, unless lossy, and at uncovered characters where they are errors.
  public mutating func encodeWhole(_ text: [UInt8]) throws(TextError) -> [UInt16] {
    var all: [UInt16] = []
    do {
      try text.withUnsafeBytes { try encode($0) { all.append(contentsOf: $0) } }
      try finish { all.append(contentsOf: $0) }
      return all
    } catch let error as TextError {
      throw error
    } catch {
      preconditionFailure("appending to an array does not throw: \(error)")
    }
  }

  /// Goes to the beginning of another text, after one that has been ended or has failed.
  ///
  /// What was counted goes on being counted, over all texts.
  public mutating func begin(source: String) {
    reader.begin(text: source)
    position = TextPosition()
  }

  /// Encodes a whole input; further ones go on with the same text.
  ///
  /// - Parameters:
  ///   - input: read to its end.
  ///   - separated: is told of each separator, after what stands before it.
  ///   - body: takes ids as they come; they are valid during the call.
  /// - Throws: `TextError`, `FileError`, or what `body` throws.
  public mutating func encode(
    _ input: InputReader, separated: () -> Void = {},
    _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    reader.begin(source: input.name)
    position = TextPosition()
    while let block = try input.nextBlock() { try encode(block, separated: separated, body) }
    try take(reader.endSource(), separated, body)
  }

  /// Encodes the next bytes of the text.
  ///
  /// - Parameters:
  ///   - block: the next bytes.
  ///   - separated: is told of each separator, after what stands before it.
  ///   - body: takes ids as they come; they are valid during the call.
  /// - Throws: `TextError` at ill-formed UTF-8, unless lossy, and at uncovered characters where they are errors,
  ///   after the ids before them have been handed over; or what `body` throws.
  public mutating func encode(
    _ block: UnsafeRawBufferPointer, separated: () -> Void = {},
    _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    for slice in CodeReader.slices(of: block) { try take(reader.read(slice), separated, body) }
  }

  /// Ends the text.
  ///
  /// - Parameters:
  ///   - separated: is told of a separator that was still under way.
  ///   - body: takes the ids of what was still under way.
  /// - Throws: `TextError` as `encode`, also when the text ends inside a character; or what `body` throws.
  public mutating func finish(
    separated: () -> Void = {}, _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    try take(reader.endSource(), separated, body)
    try take(reader.endText(), separated, body)
  }

  private mutating func take(
    _ piece: CodeReader.Piece, _ separated: () -> Void,
    _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    try piece.forEachPart { part, isSeparator in
      if isSeparator { separated() } else { try take(part, body) }
      position.advance(over: part)
    }
    if let failure = piece.failure { throw failure }
  }

  /// Encodes codes; in a message about one of them `position` is that of the first.
  private mutating func take(
    _ codes: UnsafeBufferPointer<UInt32>, _ body: (UnsafeBufferPointer<UInt16>) throws -> Void
  ) throws {
    if ids.count < codes.count { ids = [UInt16](repeating: 0, count: codes.count) }
    let isCovered = charset.table.withLookup { table in
      ids.withUnsafeMutableBufferPointer { ids in
        var isCovered = true
        for index in codes.indices {
          let id = table.id(of: codes[index])
          ids[index] = id
          isCovered = isCovered && id != CodeTable.none
        }
        return isCovered
      }
    }
    let (count, failure) = isCovered ? (codes.count, nil) : settleUncovered(codes)
    try ids.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[..<count])) }
    if let failure { throw failure }
  }

  /// Puts the unknown id in the place of uncovered characters, or closes the gaps.
  ///
  /// - Returns: how many ids are left, up to the first uncovered character if that is an error.
  private mutating func settleUncovered(
    _ codes: UnsafeBufferPointer<UInt32>
  ) -> (count: Int, failure: TextError?) {
    var kept = 0
    for index in codes.indices {
      if ids[index] != CodeTable.none {
        ids[kept] = ids[index]
        kept += 1
        continue
      }
      uncoveredCount += 1
      uncoveredByteCount += reader.symbol(of: codes[index]).utf8.count
      if firstUncovered == nil { firstUncovered = reader.symbol(of: codes[index]) }
      if policy == .fail || (policy == .unknownOrFail && !charset.hasUnknown) {
        position.advance(over: UnsafeBufferPointer(rebasing: codes[..<index]))
        return (
          kept,
          .notInCharset(
            source: reader.source, line: position.line, column: position.column,
            symbol: reader.symbol(of: codes[index]))
        )
      }
      if let unknownID = charset.unknownID {
        ids[kept] = UInt16(unknownID)
        kept += 1
      } else if policy == .unknownOrNoID {
        ids[kept] = Charset.noID
        kept += 1
      }
    }
    return (kept, nil)
  }
}
