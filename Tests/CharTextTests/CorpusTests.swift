// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Testing

@testable import CharText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The text that a corpus holds.
private func text(_ corpus: Corpus) -> [UInt8] {
  (0..<corpus.ids.count).flatMap { corpus.charset.bytes(of: corpus.ids[$0]) }
}

/// A text of so many different scalars, the highest first, each twice.
private func descending(_ count: Int) -> [UInt8] {
  var view = String.UnicodeScalarView()
  for value in (0..<UInt32(count)).reversed() {
    let scalar = Unicode.Scalar(0x4E00 + value)!
    view.append(scalar)
    view.append(scalar)
  }
  return utf8(String(view))
}

@Suite struct CorpusTests {
  @Test func theCharsetIsThatOfTheTextInCodePointOrder() throws {
    let corpus = try Corpus.read([source("banana"), source("\né")])
    #expect(corpus.charset.symbols.map(\.notation) == ["U+000A", "U+0061", "U+0062", "U+006E", "U+00E9"])
    #expect(corpus.charset.counts == [1, 3, 1, 2, 1])
    #expect(!corpus.charset.hasUnknown)
    #expect(corpus.ids.ids(in: 0..<8) == [2, 1, 3, 1, 3, 1, 0, 4])
  }

  @Test func theCharsetIsTheSameAsTheBuilders() throws {
    var random = SteadyRandom(7)
    for unit in TextUnit.allCases {
      let bytes = utf8(trickyText(500, using: &random))
      var builder = CharsetBuilder(unit: unit)
      try builder.add(input(bytes))
      let corpus = try Corpus.read([source(bytes)], unit: unit)
      #expect(try builder.build().serialized() == corpus.charset.serialized())
      #expect(text(corpus) == bytes)
    }
  }

  @Test func idsAndDigestDoNotDependOnTheBlocks() throws {
    var random = SteadyRandom(8)
    let bytes = utf8(trickyText(2000, using: &random))
    for unit in TextUnit.allCases {
      let digests = try [1, 2, 3, 7, 64, 65_536].map { blockSize in
        try Corpus.read([source(bytes, blockSize: blockSize)], unit: unit).ids.digest
      }
      #expect(Set(digests).count == 1)
    }
  }

  @Test(arguments: [1, 255, 256, 257, 300, 5000])
  func anyNumberOfSymbolsIsKeptInAsFewBytesAsPossible(symbolCount: Int) throws {
    let bytes = descending(symbolCount)
    let corpus = try Corpus.read([source(bytes)])
    #expect(corpus.charset.count == symbolCount)
    #expect(corpus.ids.width == (symbolCount <= 256 ? 1 : 2))
    #expect(text(corpus) == bytes)
    #expect(corpus.ids[0] == symbolCount - 1)
  }

  @Test func aGivenCharsetGivesTheIDs() throws {
    let charset = try Charset(
      unit: .scalar, symbols: ["a", "b"].map { Symbol(scalar: $0) }, hasUnknown: true)
    let corpus = try Corpus.read([source("abx")], unit: .byte, charset: charset)
    #expect(corpus.charset == charset)
    #expect(corpus.ids.ids(in: 0..<3) == [0, 1, 2])
    let strict = try Charset(unit: .scalar, symbols: charset.symbols)
    #expect(throws: TextError.notInCharset(source: "t", line: 1, column: 3, symbol: Symbol(scalar: "x"))) {
      try Corpus.read([source("abx", name: "t")], charset: strict)
    }
  }

  @Test func aValidationTextSharesTheCharset() throws {
    let (training, validation) = try Corpus.read(training: [source("bcb")], validation: [source("ab")])
    #expect(training.charset.symbols.map(\.notation) == ["U+0061", "U+0062", "U+0063"])
    #expect(training.charset == validation?.charset)
    #expect(training.ids.ids(in: 0..<3) == [1, 2, 1])
    #expect(validation?.ids.ids(in: 0..<2) == [0, 1])
    #expect(training.charset.counts == [1, 3, 1])
    #expect(try Corpus.read(training: [source("a")], validation: []).1 == nil)
  }

  @Test func aValidationTextMayNeedTwoBytesForATextThatHadOne() throws {
    let (training, validation) = try Corpus.read(
      training: [source("\u{10FFFF}")], validation: [source(descending(300))])
    #expect(training.ids[0] == 300)
    #expect(validation?.ids.count == 600)
  }

  @Test func emptyTextsAreRefused() throws {
    #expect(throws: TextError.empty(source: "e")) { try Corpus.read([source("", name: "e")]) }
    #expect(throws: TextError.empty(source: nil)) { try Corpus.read([source("", name: "e"), source("")]) }
    #expect(throws: TextError.empty(source: "v")) {
      try Corpus.read(training: [source("a")], validation: [source("", name: "v")])
    }
    let charset = try Charset(unit: .scalar, symbols: [Symbol(scalar: "a")])
    #expect(throws: TextError.tooShort(source: "e", count: 0, needed: 1)) {
      try Corpus.read([source("", name: "e")], charset: charset)
    }
  }

  @Test func badUTF8IsRefusedWithItsSource() {
    #expect(throws: TextError.invalidUTF8(source: "two", line: 2, byte: 0xFF, offset: 2)) {
      try Corpus.read([source("a", name: "one"), source([0x61, 0x0A, 0xFF], name: "two")])
    }
    #expect(throws: TextError.truncatedUTF8(source: "one", line: 1, byte: 0xC3, offset: 0)) {
      try Corpus.read([source([0xC3], name: "one"), source([0xA9], name: "two")])
    }
  }

  @Test func idsThatChangeAfterTheyWereCheckedStayInTheCharset() throws {
    let charset = try Charset(unit: .scalar, symbols: ["a", "b"].map { Symbol(scalar: $0) })
    var path = Array("/tmp/chartext.XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    defer { close(descriptor) }
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(name) }
    #expect(write(descriptor, [0, 0, 1, 0, 0, 0] as [UInt8], 6) == 6)
    let corpus = try Corpus.mapped(idsFile: MappedFile(path: name), charset: charset)
    #expect(pwrite(descriptor, [2, 0, 255, 255] as [UInt8], 4, 0) == 4)
    #expect(corpus.ids.ids(in: 0..<3) == [1, 1, 0])
    #expect(corpus.ids[1] == 1)
  }

  @Test func encodedIDsAreMapped() throws {
    let charset = try Charset(unit: .scalar, symbols: ["a", "b"].map { Symbol(scalar: $0) })
    func mapped(_ bytes: [UInt8], interrupted: () -> Bool = { false }) throws -> Corpus {
      var path = Array("/tmp/chartext.XXXXXX".utf8CString)
      let descriptor = mkstemp(&path)
      defer { close(descriptor) }
      let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      defer { unlink(name) }
      #expect(write(descriptor, bytes, bytes.count) == bytes.count)
      return try Corpus.mapped(idsFile: MappedFile(path: name), charset: charset, interrupted: interrupted)
    }
    let corpus = try mapped([1, 0, 0, 0, 1, 0])
    #expect(corpus.ids.ids(in: 0..<3) == [1, 0, 1])
    #expect(try corpus.ids.digest == Corpus.read([source("bab")]).ids.digest)
    #expect(corpus.digest == corpus.ids.digest)
    #expect(throws: TextError.self) { try mapped([]) }
    #expect { try mapped([1, 0], interrupted: { true }) } throws: {
      ($0 as? FileError)?.isInterruption == true
    }
    #expect { try mapped([1, 0, 2]) } throws: { error in
      if case .oddByteCount(_, byteCount: 3)? = error as? TextError { true } else { false }
    }
    #expect { try mapped([1, 0, 2, 0]) } throws: { error in
      if case .idOutOfRange(_, offset: 2, id: 2, count: 2)? = error as? TextError { true } else { false }
    }
  }
}
