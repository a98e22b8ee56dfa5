// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

/// The grapheme clusters of a text that comes in blocks.
private func clusters(_ blocks: [ArraySlice<UInt8>]) throws -> [[UInt32]] {
  var reader = SymbolReader(unit: .grapheme)
  var clusters: [[UInt32]] = []
  for block in blocks {
    try block.withUnsafeBytes { bytes in
      try reader.read(bytes) { (symbol, _) throws(TextError) in clusters.append(symbol.scalars) }
    }
  }
  try reader.finish { (symbol, _) throws(TextError) in clusters.append(symbol.scalars) }
  return clusters
}

private func clusters(_ text: String) throws -> [[UInt32]] { try clusters([utf8(text)[...]]) }

@Suite struct GraphemeSplitterTests {
  @Test func clustersAreSwiftsCharactersHoweverTheTextIsCut() throws {
    var random = SteadyRandom(3)
    for _ in 0..<300 {
      let text = trickyText(20, using: &random)
      let expected = text.map { $0.unicodeScalars.map(\.value) }
      for blocks in cuttings(of: utf8(text)) { #expect(try clusters(blocks) == expected) }
    }
  }

  @Test func whatPeopleSeeAsOneCharacterIsOne() throws {
    #expect(try clusters("🇩🇪🇫🇷").count == 2)
    #expect(try clusters("👩🏽‍🚀👩‍👩‍👧").count == 2)
    #expect(try clusters("e\u{301}\u{308}x") == [[0x65, 0x301, 0x308], [0x78]])
    #expect(try clusters("\u{1112}\u{1161}\u{11AB}").count == 1)
  }

  @Test func crLfIsOneClusterAndLfCrAreTwo() throws {
    #expect(try clusters("a\r\nb\n\rc") == [[0x61], [0x0D, 0x0A], [0x62], [0x0A], [0x0D], [0x63]])
  }

  @Test func canonicalEquivalentsStayApart() throws {
    #expect(try clusters("e\u{301}\u{E9}") == [[0x65, 0x301], [0xE9]])
  }

  @Test func endlessAccentsAreCutAfter64Scalars() throws {
    let text = utf8("a" + String(repeating: "\u{301}", count: 199) + "b")
    for blocks in cuttings(of: text) {
      #expect(try clusters(blocks).map(\.count) == [64, 64, 64, 8, 1])
    }
  }

  @Test func aClusterGoesOnFromOneSourceToTheNext() throws {
    var builder = CharsetBuilder(unit: .grapheme)
    try builder.add(input("a\r"))
    try builder.add(input("\nb"))
    #expect(try builder.build().symbols.map(\.notation) == ["U+000D+000A", "U+0061", "U+0062"])
  }
}
