// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

private func statistics(_ texts: [[UInt8]], unit: TextUnit = .scalar, limit: Int = 1000) throws
  -> TextStatistics
{
  var counter = StatisticsCounter(unit: unit, sequenceLimit: limit)
  for text in texts { try counter.add(input(text)) }
  return try counter.finish()
}

@Suite struct TextStatisticsTests {
  @Test func sizesAreThoseOfAllInputsTogether() throws {
    let found = try statistics([utf8("é\nb"), utf8("c\r\n")])
    #expect(found.byteCount == 7)
    #expect(found.characterCount == 6)
    #expect(found.lineCount == 2)
    #expect(found.symbolCount == 5)
    #expect(try statistics([utf8("é\r\n")], unit: .grapheme).characterCount == 2)
    #expect(try statistics([utf8("é\r\n")], unit: .grapheme).lineCount == 1)
    #expect(try statistics([utf8("é\r\n")], unit: .byte).symbolCount == 4)
  }

  @Test func rowsListNamesAndValues() throws {
    let rows = try statistics([utf8("abab")]).rows.map { "\($0.name) \($0.value)" }
    #expect(
      rows == [
        "bytes 4", "characters 4", "lines 0", "symbols 2", "entropy_order_0 1.0000", "entropy_order_1 0.0000",
        "entropy_order_2 0.0000", "entropy_order_3 0.0000",
      ])
    #expect(try statistics([utf8("aaab")]).rows[4].value == "0.8113")
  }

  @Test func whatIsNotKnownIsShownAsADash() throws {
    #expect(try statistics([]).rows.map(\.value) == ["0", "0", "0", "0", "-", "-", "-", "-"])
    #expect(try statistics([]).exceededOrder == nil)
    let varied = try statistics([utf8("abcdefghijkl")], limit: 11)
    #expect(varied.exceededOrder == 0)
    #expect(varied.rows[4].value == "-")
  }
}
