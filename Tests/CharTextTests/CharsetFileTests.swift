// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

private func parse(_ text: String) throws(CharsetError) -> Charset { try parse(utf8(text)) }

private func parse(_ bytes: [UInt8]) throws(CharsetError) -> Charset {
  let outcome = bytes.withUnsafeBytes { bytes in
    Result { () throws(CharsetError) in try Charset(parsing: bytes, source: "c") }
  }
  return try outcome.get()
}

@Suite struct CharsetFileTests {
  @Test func aCharsetIsAListThatPeopleCanRead() throws {
    let symbols = ["\n", " ", "A", "\\", "é"].map { Symbol(scalar: $0) }
    let charset = try Charset(unit: .scalar, symbols: symbols, hasUnknown: true, counts: [1, 22, 3, 4, 5, 6])
    #expect(
      String(decoding: charset.serialized(), as: UTF8.self) == """
        #charset 1 unit=scalar
        U+000A\t\\n\t1
        U+0020\t\\u{20}\t22
        U+0041\tA\t3
        U+005C\t\\\\\t4
        U+00E9\té\t5
        unknown\t-\t6

        """)
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let bytes = (UInt8.min...UInt8.max).map { Symbol(byte: $0) }
    let clusters: [[UInt32]] = [
      [0x0D, 0x0A], [0x20], [0x20, 0x301], [0x65, 0x301], [0x1F469, 0x200D, 0x1F680],
    ]
    let charsets = try [
      Charset(unit: .scalar, symbols: trickyScalars.sorted().map { Symbol(scalar: $0) }),
      Charset(unit: .byte, symbols: bytes, counts: Array(0...255)),
      Charset(unit: .grapheme, symbols: clusters.map { Symbol(scalars: $0) }, hasUnknown: true),
    ]
    for charset in charsets {
      let file = charset.serialized()
      let again = try parse(file)
      #expect(again == charset)
      #expect(again.counts == charset.counts)
      #expect(again.serialized() == file)
    }
  }

  @Test func onlyTheFirstColumnAndTheCountMatter() throws {
    let expected = try Charset(
      unit: .scalar, symbols: [Symbol(scalar: "A"), Symbol(scalar: "B")], hasUnknown: true, counts: [1, 2, 3])
    let edited = try parse(
      "#charset 1 unit=scalar\n# mine\nU+0041\tnonsense\t1\tmore\n\nU+42\t\t 2 \nunknown\t?\t3")
    #expect(edited == expected)
    #expect(edited.counts == [1, 2, 3])
    // As a Windows editor leaves it, and with tabs made spaces.
    let saved = try parse("\u{FEFF}#charset 1 unit=scalar\r\n \r\nU+0041  A  1\r\nU+0042\r\nunknown")
    #expect(saved == expected)
    #expect(saved.counts == nil)
  }

  @Test func aLatin1SecondColumnDoesNotMatter() throws {
    let charset = try parse(utf8("#charset 1 unit=scalar\nU+00E9\t") + [0xE9] + utf8("\t5\n"))
    #expect(charset.symbols == [Symbol(scalar: "é")])
    #expect(charset.counts == [5])
  }

  @Test(
    arguments: [
      ("", 1, .header), ("hello\nworld\n", 1, .header), ("#charset", 1, .header),
      ("#charset 1\n", 1, .header),
      ("#charset 2 unit=scalar\n", 1, .version("2")), ("#charset 1 unit=word\n", 1, .unit("word")),
      ("#charset 1 unit=scalar\nA\n", 2, .notation("A", .scalar)),
      ("#charset 1 unit=byte\n#\n\nU+0041\n", 4, .notation("U+0041", .byte)),
      ("#charset 1 unit=scalar\nU+0041\nU+DFFF\n", 3, .surrogate(0xDFFF)),
      ("#charset 1 unit=scalar\nU+110000\n", 2, .beyondUnicode(0x11_0000)),
      ("#charset 1 unit=scalar\nU+0041\tA\tmany\n", 2, .count("many")),
      ("#charset 1 unit=scalar\nU+0041\tA\t-1\n", 2, .count("-1")),
      ("#charset 1 unit=scalar\nU+0041\tA\t+1\n", 2, .count("+1")),
      ("#charset 1 unit=scalar\nU+0041\nU+0041\n", 3, .duplicate(Symbol(scalar: "A"))),
      ("#charset 1 unit=scalar\nU+0041\nU+0042\nU+0041\n", 4, .duplicate(Symbol(scalar: "A"))),
      (
        "#charset 1 unit=scalar\nU+0042\n\nU+0041\n", 4,
        .order(Symbol(scalar: "A"), after: Symbol(scalar: "B"))
      ),
      ("#charset 1 unit=scalar\nunknown\nU+0041\n", 3, .unknownNotLast),
      ("#charset 1 unit=scalar\nU+0041\nunknown\nunknown\n", 4, .unknownNotLast),
      ("#charset 1 unit=scalar\n", nil, .empty), ("#charset 1 unit=scalar\nunknown\n", nil, .empty),
    ] as [(String, Int?, CharsetError.Problem)])
  func mistakesAreNamedWithTheirLine(file: String, line: Int?, problem: CharsetError.Problem) {
    #expect(throws: CharsetError(problem, source: "c", line: line)) { try parse(file) }
  }

  @Test func tooManySymbolsAreRefusedAtTheFirstOneTooMany() {
    let lines = (0..<65_536).map { Symbol(scalar: 0x1_0000 + $0).notation }
    let file = "#charset 1 unit=scalar\n" + lines.joined(separator: "\n")
    #expect(throws: CharsetError(.tooManySymbols(limit: 65_535), source: "c", line: 65_537)) {
      try parse(file)
    }
  }

  @Test func endlessFilesAreRefused() {
    let limit = Charset.largestFile
    let error = CharsetError(.tooLarge(limit: limit), source: "c")
    #expect(throws: error) { try parse([UInt8](repeating: 0x0A, count: limit + 1)) }
  }

  @Test func aCharsetIsReadFromAnInput() throws {
    let charset = try Charset(reading: input("#charset 1 unit=byte\n0x41\n", blockSize: 3))
    #expect(charset.symbols == [Symbol(byte: 0x41)])
    #expect(throws: CharsetError(.unit("x"), source: "name", line: 1)) {
      try Charset(reading: input("#charset 1 unit=x", name: "name"))
    }
  }
}
