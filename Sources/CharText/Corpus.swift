// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// A text, or many, as ids, with the charset that gives them.
public struct Corpus: Sendable {
  /// What the ids mean.
  public let charset: Charset
  /// The texts, one behind the other.
  public let ids: IDSequence
  /// Where they begin.
  public let beginnings: TextBeginnings

  let givenDigest: UInt64?

  /// Puts a corpus together.
  ///
  /// - Parameters:
  ///   - charset: what the ids mean.
  ///   - ids: all below `charset.count`.
  ///   - beginnings: where texts begin among them.
  ///   - digest: what `digest` is to be, where that is known or was of another order of the same texts.
  public init(
    charset: Charset, ids: IDSequence, beginnings: TextBeginnings = .none, digest: UInt64? = nil
  ) {
    self.charset = charset
    self.ids = ids
    self.beginnings = beginnings
    givenDigest = digest
  }

  /// The digest of the ids in the order in which they were given (see `IDSequence.digest`), whatever order they have
  /// now.
  ///
  /// Asking may read all of them.
  public var digest: UInt64 { givenDigest ?? ids.digest }

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
    // The one time that all of a file is read which may be larger than memory: its digest is taken on the way.
    var hash = XXH64()
    for start in stride(from: 0, to: bytes.count, by: 1 << 16) {
      let end = min(start + (1 << 16), bytes.count)
      for offset in stride(from: start, to: end, by: 2) {
        let id = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        if id >= limit { throw .idOutOfRange(source: idsFile.name, offset: offset, id: id, count: limit) }
      }
      hash.update(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
    return Corpus(charset: charset, ids: IDSequence(idsFile), digest: hash.finalize())
  }
}
