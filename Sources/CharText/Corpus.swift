// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// A text as ids, with the charset that gives them.
public struct Corpus: Sendable {
  /// What the ids mean.
  public let charset: Charset
  /// The text.
  public let ids: IDSequence

  /// Puts a corpus together.
  ///
  /// - Parameters:
  ///   - charset: what the ids mean.
  ///   - ids: all below `charset.count`.
  public init(charset: Charset, ids: IDSequence) {
    self.charset = charset
    self.ids = ids
  }

  /// Reads inputs, one after the other, as one text.
  ///
  /// - Parameters:
  ///   - sources: read to their ends.
  ///   - unit: what the text is cut into; with a charset that charset's unit counts.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - charset: gives the ids; nil to make it of all the text's characters, in the same single pass.
  /// - Throws: `TextError`, also when there is no text at all, or `FileError`.
  public static func read(
    _ sources: [InputReader], unit: TextUnit = .scalar, lossy isLossy: Bool = false, charset: Charset? = nil
  ) throws -> Corpus {
    try read(training: sources, validation: [], unit: unit, lossy: isLossy, charset: charset).0
  }

  /// Reads a text to train on and another one to validate with, which share a charset.
  ///
  /// - Parameters:
  ///   - training: inputs that follow each other as one text.
  ///   - validation: the same for the other text; empty if there is none.
  ///   - unit: what the texts are cut into; with a charset that charset's unit counts.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - charset: gives the ids; nil to make it of all the characters of both texts.
  /// - Returns: the text to train on, and the other one if there are inputs for it.
  /// - Throws: `TextError`, also when a text is empty, or `FileError`.
  public static func read(
    training: [InputReader], validation: [InputReader], unit: TextUnit = .scalar, lossy isLossy: Bool = false,
    charset: Charset? = nil
  ) throws -> (Corpus, Corpus?) {
    guard let charset else {
      return try discover(training: training, validation: validation, unit: unit, isLossy: isLossy)
    }
    let corpus = try encode(training, isLossy: isLossy, charset: charset)
    return (corpus, validation.isEmpty ? nil : try encode(validation, isLossy: isLossy, charset: charset))
  }

  /// Takes the ids that `chartok encode` has written, without reading them into memory.
  ///
  /// - Parameters:
  ///   - idsFile: 16-bit little-endian ids.
  ///   - charset: what the ids mean.
  /// - Throws: `TextError` when the file has an odd size, is empty, or holds an id that the charset does not have.
  public static func mapped(idsFile: MappedFile, charset: Charset) throws(TextError) -> Corpus {
    let bytes = idsFile.bytes
    if bytes.isEmpty { throw .tooShort(source: idsFile.name, count: 0, needed: 1) }
    if bytes.count % 2 != 0 { throw .oddByteCount(source: idsFile.name, byteCount: bytes.count) }
    let limit = charset.count
    for offset in stride(from: 0, to: bytes.count, by: 2) {
      let id = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
      if id >= limit { throw .idOutOfRange(source: idsFile.name, offset: offset, id: id, count: limit) }
    }
    return Corpus(charset: charset, ids: IDSequence(idsFile))
  }

  private static func encode(_ sources: [InputReader], isLossy: Bool, charset: Charset) throws -> Corpus {
    var encoder = TextEncoder(charset: charset, isLossy: isLossy)
    var buffer = IDBuffer()
    for source in sources { try encoder.encode(source) { try buffer.append($0) } }
    try encoder.finish { try buffer.append($0) }
    if buffer.count == 0 { throw TextError.tooShort(source: soleName(sources), count: 0, needed: 1) }
    return Corpus(charset: charset, ids: IDSequence(taking: buffer))
  }

  private static func discover(
    training: [InputReader], validation: [InputReader], unit: TextUnit, isLossy: Bool
  ) throws -> (Corpus, Corpus?) {
    var numbering = SymbolNumbering(unit: unit, isLossy: isLossy)
    var trainingIDs = IDBuffer()
    for source in training { try numbering.add(source) { try trainingIDs.append($0) } }
    try numbering.finish { try trainingIDs.append($0) }
    if trainingIDs.count == 0 { throw TextError.empty(source: soleName(training)) }
    var validationIDs = IDBuffer()
    for source in validation { try numbering.add(source) { try validationIDs.append($0) } }
    try numbering.finish { try validationIDs.append($0) }
    if validationIDs.count == 0 && !validation.isEmpty { throw TextError.empty(source: soleName(validation)) }
    let (charset, newIDs) = numbering.inOrder()
    try trainingIDs.renumber(newIDs)
    try validationIDs.renumber(newIDs)
    let corpus = Corpus(charset: charset, ids: IDSequence(taking: trainingIDs))
    if validation.isEmpty { return (corpus, nil) }
    return (corpus, Corpus(charset: charset, ids: IDSequence(taking: validationIDs)))
  }

  /// The name to blame for an empty text: that of its only source.
  private static func soleName(_ sources: [InputReader]) -> String? {
    sources.count == 1 ? sources[0].name : nil
  }
}
