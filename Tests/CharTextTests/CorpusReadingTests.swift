// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Testing

@testable import CharText

/// The documents that a corpus holds, as text.
private func documents(_ corpus: Corpus) -> [String] {
  let starts = [0] + corpus.beginnings.documents
  let ends = corpus.beginnings.documents + [corpus.ids.count]
  return zip(starts, ends).map { start, end in
    String(
      decoding: corpus.ids.ids(in: start..<end).flatMap { corpus.charset.bytes(of: Int($0)) }, as: UTF8.self)
  }
}

/// Symbols split at a separator in the plainest way; what is empty vanishes.
private func split(_ symbols: [Symbol], at separator: [Symbol]) -> [[Symbol]] {
  var parts: [[Symbol]] = [[]]
  var rest = symbols[...]
  while !rest.isEmpty {
    if rest.starts(with: separator) {
      rest = rest.dropFirst(separator.count)
      parts.append([])
    } else {
      parts[parts.count - 1].append(rest.removeFirst())
    }
  }
  return parts.filter { !$0.isEmpty }
}

@Suite struct CorpusReadingTests {
  @Test func eachSourceIsADocument() throws {
    let corpus = try Corpus.read([source("ab"), source(""), source("c"), source("d\n")])
    #expect(documents(corpus) == ["ab", "c", "d\n"])
    #expect(corpus.beginnings == TextBeginnings(documents: [2, 3]))
    #expect(try Corpus.read([source("ab\ncd\n")]).beginnings.isEmpty)
  }

  @Test func aClusterDoesNotReachFromADocumentIntoTheNext() throws {
    let corpus = try Corpus.read([source("e"), source("\u{301}a")], unit: .grapheme)
    #expect(corpus.charset.symbols.map(\.notation) == ["U+0061", "U+0065", "U+0301"])
    #expect(corpus.beginnings.documents == [1])
  }

  @Test func aSeparatorEndsADocumentAndBelongsToNone() throws {
    let text = "--one--two\n----three-"
    let corpus = try Corpus.read([source(text), source("four--")], separator: utf8("--"))
    #expect(documents(corpus) == ["one", "two\n", "three-", "four"])
    let lines = try Corpus.read([source("GATTACA\nCAT\n\nTAG\n")], separator: utf8("\n"))
    #expect(documents(lines) == ["GATTACA", "CAT", "TAG"])
    #expect(lines.charset.newlineID == nil)
    #expect(lines.charset.counts == [5, 2, 2, 4])
  }

  @Test func aSeparatorThatBreaksOffIsText() throws {
    #expect(try documents(Corpus.read([source("aab"), source("aa")], separator: utf8("aab"))) == ["aa"])
    #expect(try documents(Corpus.read([source("aaab")], separator: utf8("aab"))) == ["a"])
    #expect(try documents(Corpus.read([source("a"), source("ab")], separator: utf8("aa"))) == ["a", "ab"])
    #expect(
      try documents(Corpus.read([source("a\r\nb")], unit: .grapheme, separator: utf8("\n"))) == ["a\r\nb"])
    let clusters = try Corpus.read(
      [source("ae\u{301}\u{301}b")], unit: .grapheme, separator: utf8("e\u{301}"))
    #expect(documents(clusters) == ["ae\u{301}\u{301}b"])
  }

  /// Texts of few characters, so that separators, and parts of them, come often; in blocks of every size.
  @Test(arguments: TextUnit.allCases)
  func documentsAreThoseOfAPlainSplit(unit: TextUnit) throws {
    var random = SteadyRandom(11)
    let pieces = ["a", "b", "é", "e\u{301}", "\r\n", "\n", "👩‍👩‍👧"]
    for _ in 0..<150 {
      func text(_ count: ClosedRange<Int>) -> String {
        (0..<Int.random(in: count, using: &random)).map { _ in pieces.randomElement(using: &random)! }
          .joined()
      }
      let (whole, separator) = (text(0...40), text(1...3))
      func symbols(_ text: String) throws -> [Symbol] { try SymbolReader.symbols(of: utf8(text), unit: unit) }
      let expected = split(try symbols("a" + whole), at: try symbols(separator))
        .map { String(decoding: $0.flatMap(\.utf8), as: UTF8.self) }
      if expected.isEmpty { continue }
      let charset = try Corpus.read([source("a" + whole)], unit: unit).charset
      for blockSize in [1, 2, 5, 65_536] {
        func input() -> [InputSource] { [source("a" + whole, blockSize: blockSize)] }
        let found = try Corpus.read(input(), unit: unit, separator: utf8(separator))
        #expect(documents(found).map(utf8) == expected.map(utf8), "\(whole.debugDescription)")
        // With a charset that has the separator's characters and with one that may not.
        for charset in [charset, found.charset] {
          let encoded = try Corpus.read(input(), separator: utf8(separator), charset: charset)
          #expect(documents(encoded).map(utf8) == expected.map(utf8))
        }
      }
    }
  }

  @Test func linesAndColumnsCountSeparators() throws {
    let charset = try Charset(unit: .scalar, symbols: ["a", "b"].map { Symbol(scalar: $0) })
    #expect(throws: TextError.notInCharset(source: "t", line: 4, column: 4, symbol: Symbol(scalar: "x"))) {
      try Corpus.read([source("a\n\nb\nabax", name: "t")], separator: utf8("\n"), charset: charset)
    }
    #expect(throws: TextError.invalidUTF8(source: "t", line: 3, byte: 0xFF, offset: 4)) {
      try Corpus.read([source([0x61, 0x0A, 0x62, 0x0A, 0xFF], name: "t")], separator: [0x0A])
    }
  }

  @Test func nothingButSeparatorsIsNoText() {
    #expect(throws: TextError.empty(source: "e")) {
      try Corpus.read([source("----", name: "e")], separator: utf8("--"))
    }
  }
}
