// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

private let abc = try! Charset(unit: .scalar, symbols: ["\n", "a", "b", "é"].map { Symbol(scalar: $0) })
private let abcAndUnknown = try! Charset(unit: .scalar, symbols: abc.symbols, hasUnknown: true)

@Suite struct TextEncoderTests {
  @Test func textBecomesIDsHoweverItIsCut() throws {
    for blocks in cuttings(of: utf8("abé\nba")) {
      var encoder = TextEncoder(charset: abc)
      var ids: [UInt16] = []
      for block in blocks {
        try block.withUnsafeBytes { bytes in try encoder.encode(bytes) { ids.append(contentsOf: $0) } }
      }
      try encoder.finish { ids.append(contentsOf: $0) }
      #expect(ids == [1, 2, 3, 0, 2, 1])
      #expect(encoder.uncoveredCount == 0)
    }
  }

  @Test func uncoveredCharactersBecomeTheUnknownID() throws {
    var encoder = TextEncoder(charset: abcAndUnknown)
    #expect(try encoder.encodeWhole(utf8("axyb")) == [1, 4, 4, 2])
    #expect(encoder.uncoveredCount == 2)
    #expect(encoder.firstUncovered == Symbol(scalar: "x"))
    #expect(try TextEncoder.ids(of: utf8("x"), in: abcAndUnknown, policy: .unknownOrSkip) == [4])
  }

  @Test func uncoveredCharactersKeepTheirPlaceIfWanted() throws {
    var encoder = TextEncoder(charset: abc, policy: .unknownOrNoID)
    #expect(try encoder.encodeWhole(utf8("xa日b")) == [Charset.noID, 1, Charset.noID, 2])
    #expect(encoder.uncoveredCount == 2 && encoder.uncoveredByteCount == 4)
    #expect(try TextEncoder.ids(of: utf8("x"), in: abcAndUnknown, policy: .unknownOrNoID) == [4])
  }

  @Test func anEncoderGoesOnToAnotherTextWhateverBecameOfTheOneBefore() throws {
    for unit in TextUnit.allCases where unit != .byte {
      let charset = try Charset(unit: unit, symbols: abc.symbols)
      var encoder = TextEncoder(charset: charset, policy: .unknownOrNoID)
      // Cut off inside a character, and inside a cluster.
      #expect(throws: TextError.self) { try encoder.encodeWhole([0x61, 0x0A, 0xC3]) }
      encoder.begin(source: "next")
      #expect(try encoder.encodeWhole(utf8("ab")) == [1, 2])
      encoder.begin(source: "last")
      #expect(throws: TextError.invalidUTF8(source: "last", line: 1, byte: 0xFF, offset: 1)) {
        try encoder.encodeWhole([0x61, 0xFF])
      }
    }
  }

  @Test func withoutAnUnknownIDTheyAreSkippedOrAnError() throws {
    var encoder = TextEncoder(charset: abc, policy: .unknownOrSkip)
    #expect(try encoder.encodeWhole(utf8("xaxbx")) == [1, 2])
    #expect(encoder.uncoveredCount == 3)
    #expect(throws: TextError.notInCharset(source: "s", line: 2, column: 3, symbol: Symbol(scalar: "x"))) {
      try TextEncoder.ids(of: utf8("a\néax"), in: abc, source: "s")
    }
  }

  @Test func strictnessOverrulesTheUnknownID() {
    #expect(throws: TextError.notInCharset(source: "text", line: 1, column: 1, symbol: Symbol(scalar: "x"))) {
      try TextEncoder.ids(of: utf8("x"), in: abcAndUnknown, policy: .fail)
    }
  }

  @Test func thePlaceOfAnErrorDoesNotDependOnTheCutting() {
    let text = utf8("aé\nab\naéx\n")
    for blocks in cuttings(of: text) {
      var encoder = TextEncoder(charset: abc, source: "s")
      var ids: [UInt16] = []
      #expect(throws: TextError.notInCharset(source: "s", line: 3, column: 3, symbol: Symbol(scalar: "x"))) {
        for block in blocks {
          try block.withUnsafeBytes { bytes in try encoder.encode(bytes) { ids.append(contentsOf: $0) } }
        }
      }
      #expect(ids == [1, 3, 0, 1, 2, 0, 1, 3])
    }
  }

  @Test func placesStartAnewWithEachInput() throws {
    var encoder = TextEncoder(charset: abc)
    try encoder.encode(input("a\nb\n", name: "one")) { _ in }
    #expect(throws: TextError.notInCharset(source: "two", line: 1, column: 2, symbol: Symbol(scalar: "?"))) {
      try encoder.encode(input("a?", name: "two")) { _ in }
    }
  }

  @Test func unknownGraphemesAreNamedWhole() throws {
    let charset = try Charset(
      unit: .grapheme, symbols: [Symbol(scalar: "e"), Symbol(scalars: [0x65, 0x301])])
    #expect(try TextEncoder.ids(of: utf8("e\u{301}e"), in: charset) == [1, 0])
    var encoder = TextEncoder(charset: charset, policy: .unknownOrSkip)
    #expect(try encoder.encodeWhole(utf8("ee\u{302}\u{E9}")) == [0])
    #expect(encoder.uncoveredCount == 2)
    #expect(encoder.firstUncovered == Symbol(scalars: [0x65, 0x302]))
  }

  @Test func encodedAndDecodedTextIsTheSameForEveryUnit() throws {
    var random = SteadyRandom(5)
    for unit in TextUnit.allCases {
      for _ in 0..<20 {
        let text = utf8(trickyText(200, using: &random))
        let charset = try Corpus.read([source(text)], unit: unit).charset
        let ids = try TextEncoder.ids(of: text, in: charset)
        #expect(ids.flatMap { charset.bytes(of: Int($0)) } == text)
      }
    }
  }
}
