// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

extension Corpus {
  /// Reads inputs, each a document of its own.
  ///
  /// - Parameters:
  ///   - sources: opened one after the other and read to their ends.
  ///   - unit: what the text is cut into; with a charset that charset's unit counts.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - separator: what stands between documents in an input, in UTF-8; it belongs to none of them. None if empty.
  ///   - charset: gives the ids; nil to make it of all the text's characters, in the same single pass.
  /// - Throws: `TextError`, also when there is no text at all, or `FileError`.
  public static func read(
    _ sources: [InputSource], unit: TextUnit = .scalar, lossy isLossy: Bool = false, separator: [UInt8] = [],
    charset: Charset? = nil
  ) throws -> Corpus {
    try read(
      training: sources, validation: [], unit: unit, lossy: isLossy, separator: separator, charset: charset
    ).0
  }

  /// Reads text to train on and other text to validate with, which share a charset.
  ///
  /// - Parameters:
  ///   - training: inputs, each a document of its own.
  ///   - validation: the same for the other text; empty if there is none.
  ///   - unit: what the texts are cut into; with a charset that charset's unit counts.
  ///   - isLossy: whether ill-formed UTF-8 becomes U+FFFD instead of an error.
  ///   - separator: what stands between documents in an input, in UTF-8; it belongs to none of them. None if empty.
  ///   - charset: gives the ids; nil to make it of all the characters of both texts.
  /// - Returns: the text to train on, and the other one if there are inputs for it.
  /// - Throws: `TextError`, also when a text is empty, or `FileError`.
  public static func read(
    training: [InputSource], validation: [InputSource], unit: TextUnit = .scalar, lossy isLossy: Bool = false,
    separator: [UInt8] = [], charset: Charset? = nil
  ) throws -> (Corpus, Corpus?) {
    guard let charset else {
      var numbering = SymbolNumbering(unit: unit, isLossy: isLossy, separator: separator)
      return try discover(training: training, validation: validation, &numbering)
    }
    func encoded(_ sources: [InputSource]) throws -> Corpus {
      var encoder = TextEncoder(charset: charset, isLossy: isLossy, separator: separator)
      return try encode(sources, &encoder)
    }
    return (try encoded(training), validation.isEmpty ? nil : try encoded(validation))
  }

  private static func encode(_ sources: [InputSource], _ encoder: inout TextEncoder) throws -> Corpus {
    var documents = DocumentBuffer()
    for source in sources {
      try encoder.encode(
        source.open(), separated: { documents.endDocument() }, { try documents.append($0) })
      try encoder.finish(separated: { documents.endDocument() }, { try documents.append($0) })
      documents.endDocument()
    }
    if documents.isEmpty { throw TextError.tooShort(source: soleName(sources), count: 0, needed: 1) }
    return documents.corpus(encoder.charset)
  }

  private static func discover(
    training: [InputSource], validation: [InputSource], _ numbering: inout SymbolNumbering
  ) throws -> (Corpus, Corpus?) {
    var trained = try number(training, &numbering)
    if trained.isEmpty { throw TextError.empty(source: soleName(training)) }
    var validated = try number(validation, &numbering)
    if validated.isEmpty && !validation.isEmpty { throw TextError.empty(source: soleName(validation)) }
    let (charset, newIDs) = numbering.inOrder()
    try trained.renumber(newIDs)
    try validated.renumber(newIDs)
    let corpus = trained.corpus(charset)
    return (corpus, validation.isEmpty ? nil : validated.corpus(charset))
  }

  private static func number(
    _ sources: [InputSource], _ numbering: inout SymbolNumbering
  ) throws -> DocumentBuffer {
    var documents = DocumentBuffer()
    for source in sources {
      try numbering.add(
        source.open(), separated: { documents.endDocument() }, { try documents.append($0) })
      try numbering.finish(separated: { documents.endDocument() }, { try documents.append($0) })
      documents.endDocument()
    }
    return documents
  }

  /// The name to blame for an empty text: that of its only source.
  private static func soleName(_ sources: [InputSource]) -> String? {
    sources.count == 1 ? sources[0].name : nil
  }
}

/// Gathers the ids of documents one behind the other, and where each begins.
private struct DocumentBuffer: ~Copyable {
  private var ids = IDBuffer()
  /// Where documents end, none of which is empty.
  private var ends: [Int] = []

  var isEmpty: Bool { ids.count == 0 }

  mutating func append(_ more: UnsafeBufferPointer<UInt16>) throws(TextError) { try ids.append(more) }

  mutating func endDocument() {
    if ids.count > ends.last ?? 0 { ends.append(ids.count) }
  }

  mutating func renumber(_ newIDs: [UInt16]) throws(TextError) { try ids.renumber(newIDs) }

  consuming func corpus(_ charset: Charset) -> Corpus {
    // What ends a document begins the next, but for the last one.
    var beginnings = ends
    if !beginnings.isEmpty { beginnings.removeLast() }
    return Corpus(
      charset: charset, ids: IDSequence(taking: ids), beginnings: TextBeginnings(documents: beginnings))
  }
}
