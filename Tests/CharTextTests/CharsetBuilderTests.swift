// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

/// The charset of a text as `notation count` of each line.
private func build(
  _ text: String, unit: TextUnit = .scalar, minCount: UInt64 = 1, maxSize: Int? = nil
) throws(TextError) -> [String] {
  var builder = CharsetBuilder(unit: unit)
  let outcome = utf8(text).withUnsafeBytes { bytes in
    Result { () throws(TextError) in try builder.add(bytes) }
  }
  try outcome.get()
  let charset = try builder.build(minCount: minCount, maxSize: maxSize)
  let names = charset.symbols.map(\.notation) + (charset.hasUnknown ? ["unknown"] : [])
  return zip(names, charset.counts ?? []).map { "\($0) \($1)" }
}

@Suite struct CharsetBuilderTests {
  @Test func charactersAreListedInCodePointOrderWithTheirCounts() throws {
    #expect(try build("banana\n") == ["U+000A 1", "U+0061 3", "U+0062 1", "U+006E 2"])
    #expect(try build("é", unit: .byte) == ["0xA9 1", "0xC3 1"])
    #expect(
      try build("e\u{301}e\r\nz\u{E9}", unit: .grapheme) == [
        "U+000D+000A 1", "U+0065 1", "U+0065+0301 1", "U+007A 1", "U+00E9 1",
      ])
  }

  @Test func theSameTextGivesTheSameFileHoweverItIsCut() throws {
    var random = SteadyRandom(4)
    for unit in TextUnit.allCases {
      let text = utf8(trickyText(300, using: &random))
      var files: Set<[UInt8]> = []
      for blocks in cuttings(of: text) {
        var builder = CharsetBuilder(unit: unit)
        for block in blocks { try block.withUnsafeBytes { try builder.add($0) } }
        files.insert(try builder.build().serialized())
      }
      #expect(files.count == 1)
    }
  }

  @Test func severalInputsAreOneText() throws {
    var builder = CharsetBuilder(unit: .scalar)
    try builder.add(input("ab"))
    try builder.add(input(""))
    try builder.add(input("bc", blockSize: 1))
    #expect(try builder.build().counts == [1, 2, 1])
  }

  @Test func rareCharactersAreFoldedIntoTheUnknownOne() throws {
    #expect(try build("aaabbc", minCount: 2) == ["U+0061 3", "U+0062 2", "unknown 1"])
    #expect(try build("aaabbc", minCount: 3) == ["U+0061 3", "unknown 3"])
    #expect(try build("aabb", minCount: 2) == ["U+0061 2", "U+0062 2"])
    #expect(throws: TextError.allTooRare(minCount: 4)) { try build("aaabbc", minCount: 4) }
  }

  @Test func maxSizeCountsTheUnknownOne() throws {
    #expect(try build("aaabbc", maxSize: 3) == ["U+0061 3", "U+0062 2", "U+0063 1"])
    #expect(try build("aaabbcd", maxSize: 3) == ["U+0061 3", "U+0062 2", "unknown 2"])
    #expect(try build("aaabbcd", maxSize: 2) == ["U+0061 3", "unknown 4"])
  }

  @Test func ofEquallyFrequentCharactersTheLowerStays() throws {
    #expect(try build("dcba", maxSize: 3) == ["U+0061 1", "U+0062 1", "unknown 2"])
    #expect(try build("dcbaz z", maxSize: 3) == ["U+0020 1", "U+007A 2", "unknown 4"])
  }

  @Test func bothFoldingsWorkTogether() throws {
    // b and c are left by the count, and there is room for only one of them beside the unknown one.
    #expect(try build("abbcc", minCount: 2, maxSize: 2) == ["U+0062 2", "unknown 3"])
    #expect(try build("abbcc", minCount: 2, maxSize: 3) == ["U+0062 2", "U+0063 2", "unknown 1"])
  }

  @Test func anEmptyTextHasNoCharset() throws {
    #expect(throws: TextError.empty(source: "text")) { try build("") }
    var builder = CharsetBuilder(unit: .scalar)
    try builder.add(input("", name: "one"))
    try builder.add(input("", name: "two"))
    #expect(throws: TextError.empty(source: nil)) { try builder.build() }
  }

  @Test func aTextCutInsideACharacterIsRefused() throws {
    var builder = CharsetBuilder(unit: .scalar, source: "s")
    try [UInt8]([0x61, 0xE2, 0x82]).withUnsafeBytes { try builder.add($0) }
    #expect(throws: TextError.truncatedUTF8(source: "s", line: 1, byte: 0xE2, offset: 1)) {
      try builder.build()
    }
  }

  @Test func moreCharactersThanIDsAreRefusedUnlessFolded() throws {
    var builder = CharsetBuilder(unit: .scalar)
    var text = String.UnicodeScalarView()
    for value in UInt32(0x1_0000)..<0x2_0000 { text.append(Unicode.Scalar(value)!) }
    try utf8(String(text)).withUnsafeBytes { try builder.add($0) }
    #expect(throws: TextError.tooManySymbols(count: 65_536, limit: 65_535)) { try builder.build() }
    #expect(try builder.build(maxSize: 65_535).count == 65_535)
  }

  @Test func lossyBuildingKnowsTheReplacement() throws {
    var builder = CharsetBuilder(unit: .scalar, isLossy: true)
    try [UInt8]([0x61, 0xFF, 0xE2]).withUnsafeBytes { try builder.add($0) }
    let charset = try builder.build()
    #expect(charset.symbols.map(\.notation) == ["U+0061", "U+FFFD"])
    #expect(charset.counts == [1, 2])
  }
}
