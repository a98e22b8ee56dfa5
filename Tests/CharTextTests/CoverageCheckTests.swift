// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

private func findings(_ text: String, blockSize: Int = 65_536, hasUnknown: Bool = false) throws -> [String] {
  let symbols = ["\n", "a", "b"].map { Symbol(scalar: $0) }
  var check = try CoverageCheck(charset: Charset(unit: .scalar, symbols: symbols, hasUnknown: hasUnknown))
  var lines: [String] = []
  try check.check([input(text, name: "t", blockSize: blockSize)]) { lines.append($0.description) }
  #expect(check.findingCount == lines.count)
  return lines
}

@Suite struct CoverageCheckTests {
  @Test func everyUncoveredCharacterIsReportedWithItsPlace() throws {
    for blockSize in [1, 2, 65_536] {
      #expect(
        try findings("ab—\nx\n\n\t", blockSize: blockSize) == [
          "t:1:3: U+2014 '—' is not in the charset", "t:2:1: U+0078 'x' is not in the charset",
          "t:4:1: U+0009 '\\t' is not in the charset",
        ])
    }
  }

  @Test func aCoveredTextHasNoFindings() throws {
    #expect(try findings("ab\nba").isEmpty)
    #expect(try findings("").isEmpty)
  }

  @Test func theUnknownIDCoversNothing() throws {
    #expect(try findings("x", hasUnknown: true).count == 1)
  }

  @Test func graphemesAreCheckedWhole() throws {
    let symbols = [Symbol(scalar: "e"), Symbol(scalars: [0x65, 0x301])]
    var check = try CoverageCheck(charset: Charset(unit: .grapheme, symbols: symbols))
    var lines: [String] = []
    try check.check([input("ee\u{301}\u{E9}\r\ne\u{302}")]) { lines.append($0.description) }
    #expect(
      lines == [
        "text:1:3: U+00E9 '\u{E9}' is not in the charset",
        "text:1:4: U+000D+000A '\\r\\n' is not in the charset",
        "text:2:1: U+0065+0302 'e\u{302}' is not in the charset",
      ])
  }

  @Test func placesStartAnewWithEachInput() throws {
    var check = try CoverageCheck(charset: Charset(unit: .scalar, symbols: [Symbol(scalar: "\n")]))
    var lines: [String] = []
    try check.check([input("\nx", name: "one"), input("y", name: "two")]) { lines.append($0.description) }
    #expect(
      lines == ["one:2:1: U+0078 'x' is not in the charset", "two:1:1: U+0079 'y' is not in the charset"])
  }

  @Test func whatIsFoundBeforeABadByteIsReported() throws {
    var check = try CoverageCheck(charset: Charset(unit: .scalar, symbols: [Symbol(scalar: "a")]))
    var count = 0
    #expect(throws: TextError.invalidUTF8(source: "text", line: 1, byte: 0xFF, offset: 2)) {
      try check.check([input([0x61, 0x62, 0xFF])]) { _ in count += 1 }
    }
    #expect(count == 1)
  }
}
