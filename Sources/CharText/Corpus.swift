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
  /// This is the one time that all of the file is looked at, from its beginning to its end: it may be larger than
  /// memory. Its digest is taken on the way.
  /// - Parameters:
  ///   - idsFile: 16-bit little-endian ids.
  ///   - charset: what the ids mean.
  ///   - interrupted: asked now and then; when it answers true, a `FileError` whose `isInterruption` is true is thrown.
  /// - Throws: `TextError` when the file has an odd size, is empty, or holds an id that the charset does not have, or
  ///   `FileError`.
  public static func mapped(
    idsFile: MappedFile, charset: Charset, interrupted: () -> Bool = { false }
  ) throws -> Corpus {
    let bytes = idsFile.bytes
    if bytes.isEmpty { throw TextError.tooShort(source: idsFile.name, count: 0, needed: 1) }
    if bytes.count % 2 != 0 {
      throw TextError.oddByteCount(source: idsFile.name, byteCount: bytes.count)
    }
    var hash = XXH64()
    for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
      if interrupted() { throw FileError.interruption(idsFile.name) }
      let block = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + (1 << 20), bytes.count)])
      hash.update(block)
      let ids = block.assumingMemoryBound(to: UInt16.self)
      // The largest of all is quick to find; where it is matters only if it is too large.
      var largest: UInt16 = 0
      for id in ids { largest = max(largest, UInt16(littleEndian: id)) }
      guard Int(largest) >= charset.count,
        let index = ids.firstIndex(where: { UInt16(littleEndian: $0) >= charset.count })
      else { continue }
      throw TextError.idOutOfRange(
        source: idsFile.name, offset: start + 2 * index, id: Int(UInt16(littleEndian: ids[index])),
        count: charset.count)
    }
    if let failure = idsFile.failure { throw failure }
    return Corpus(charset: charset, ids: IDSequence(idsFile, below: charset.count), digest: hash.finalize())
  }
}
