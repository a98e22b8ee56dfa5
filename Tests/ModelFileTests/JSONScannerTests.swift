// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import ModelFile

@Suite struct JSONScannerTests {
  typealias Scanner = JSONScanner<Array<UInt8>.Iterator>

  static func scanner(_ text: String) -> Scanner { Scanner(Array(text.utf8).makeIterator()) }

  /// Reads one value and the end behind it.
  static func skip(_ bytes: [UInt8]) -> JSONError? {
    do throws(JSONError) {
      var json = Scanner(bytes.makeIterator())
      try json.skipValue()
      try json.finish()
      return nil
    } catch {
      return error
    }
  }

  static func string(_ text: String, limit: Int = 100) throws -> String {
    var json = scanner(text)
    return try json.readString(limit: limit)
  }

  @Test(arguments: [
    "null", "true", "false", "0", "-0", "10", "-1.5e+10", "0.0E-1", "\"\"", " [ ] ", "{}",
    "[1,[2,{\"a\":null}]]",
    #"{"a" : 1 , "b":[ 1 , 2 ]}"#, #""\"\\\/\b\f\n\r\t\u00e9""#, "\"\u{10FFFF}\u{7F}é€\"",
    "[[[[[[[[]]]]]]]]",
  ])
  func jsonIsAccepted(text: String) {
    #expect(Self.skip(Array(text.utf8)) == nil)
  }

  @Test(arguments: [
    ("", 0, JSONError.Problem.ended), (" ", 1, .ended), ("[", 1, .ended), ("{\"a\"", 4, .ended),
    ("\"a", 2, .ended), ("\"\\", 2, .ended), ("-", 1, .ended), ("1.", 2, .ended), ("tru", 3, .ended),
    ("nul]", 3, .expected("a value")), ("1 2", 2, .expected("the end")),
    ("01", 1, .expected("the end of a number")),
    ("+1", 0, .expected("a value")), (".5", 0, .expected("a value")), ("1.e5", 2, .expected("a digit")),
    ("1ex", 2, .expected("a digit")), ("NaN", 0, .expected("a value")), ("Infinity", 0, .expected("a value")),
    ("[1,]", 3, .expected("a value")), ("[,1]", 1, .expected("a value")), ("[1 2]", 3, .expected("a comma")),
    ("[1}", 2, .expected("a comma")), ("{\"a\":1,}", 7, .expected("a string")),
    ("{a:1}", 1, .expected("a string")), ("{\"a\" 1}", 5, .expected("a colon")),
    ("{\"a\":1 \"b\":2}", 7, .expected("a comma")), ("{\"a\":1,\"a\":2}", 7, .duplicateKey("a")),
    (#"{"a":1,"\u0061":2}"#, 7, .duplicateKey("a")),
    (#"[{"x":{"a":1,"b":2,"a":3}}]"#, 19, .duplicateKey("a")),
    ("'a'", 0, .expected("a value")), (#""\x""#, 1, .invalidEscape), (#""\u12g4""#, 1, .invalidEscape),
    (#""a\ud800""#, 2, .loneSurrogate),
    (#""\udc00""#, 1, .loneSurrogate), (#""\ud800\u0041""#, 1, .loneSurrogate),
    (#""\ud800\ud800""#, 1, .loneSurrogate), (#""\ud800\n""#, 1, .loneSurrogate),
    ("[[[[[[[[[]]]]]]]]]", 8, .tooDeep(limit: 8)),
    (#"{"a":{"a":{"a":[[[[{"a":[1]}]]]]}}}"#, 24, .tooDeep(limit: 8)),
  ])
  func brokenJSONIsRefusedAtItsByte(text: String, offset: Int, problem: JSONError.Problem) {
    #expect(Self.skip(Array(text.utf8)) == JSONError(problem: problem, offset: offset))
  }

  @Test func controlCharactersAreSpaceOrRefused() {
    #expect(Self.skip(Array("\t\r\n1 ".utf8)) == nil)
    #expect(Self.skip(Array("\u{B}1".utf8)) == JSONError(problem: .expected("a value"), offset: 0))
    for byte in UInt8(0)..<0x20 {
      #expect(Self.skip([0x22, byte, 0x22]) == JSONError(problem: .controlCharacter, offset: 1))
    }
  }

  @Test func everyIllFormedSequenceIsRefused() {
    // Beginnings of ill-formed UTF-8, by table 3-7 of the Unicode standard.
    let sequences: [[UInt8]] = [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2, 0x22], [0xC2, 0xC2], [0xE0, 0x9F, 0xBF],
      [0xE0, 0xA0, 0x22],
      [0xED, 0xA0, 0x80], [0xEF, 0xBF, 0xC0], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xF1, 0x80, 0x80, 0x7F], [0xFE], [0xFF],
    ]
    for sequence in sequences {
      let problem = Self.skip([0x22, 0x61] + sequence + [0x22])
      #expect(problem == JSONError(problem: .invalidUTF8, offset: 2), "\(sequence)")
    }
  }

  @Test func stringsAreWhatTheirEscapesSay() throws {
    #expect(
      try Self.string(#""a\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\ude00é€😀""#)
        == "a\"\\/\u{8}\u{C}\n\r\t\0é€😀é€😀")
  }

  @Test func limitOfAStringCountsItsBytes() throws {
    #expect(try Self.string("\"éa\"", limit: 3) == "éa")
    #expect(throws: JSONError(problem: .tooLong(limit: 3), offset: 0)) {
      try Self.string("\"éaa\"", limit: 3)
    }
    #expect(throws: JSONError(problem: .tooLong(limit: 1), offset: 0)) { try Self.string("\"é\"", limit: 1) }
  }

  @Test(arguments: ["-1", "-0", "1.0", "1e3", "0.5"])
  func countsAreWhole(text: String) {
    var json = Self.scanner(" " + text)
    #expect(throws: JSONError(problem: .notWhole, offset: 1)) { try json.readCount() }
  }

  @Test func numbersReachToTheirLimits() throws {
    var json = Self.scanner("[18446744073709551615,9223372036854775807,0,-2.5e-3,1e309,9223372036854775808]")
    try json.enterArray()
    _ = try json.hasNextElement()
    #expect(try json.readUInt64() == .max)
    _ = try json.hasNextElement()
    #expect(try json.readCount() == .max)
    _ = try json.hasNextElement()
    #expect(try json.readCount() == 0)
    _ = try json.hasNextElement()
    #expect(try json.readDouble() == -0.0025)
    _ = try json.hasNextElement()
    #expect(throws: JSONError(problem: .numberTooLarge, offset: 52)) { try json.readDouble() }
    _ = try json.hasNextElement()
    #expect(throws: JSONError(problem: .numberTooLarge, offset: 58)) { try json.readCount() }
    json = Self.scanner("18446744073709551616")
    #expect(throws: JSONError(problem: .numberTooLarge, offset: 0)) { try json.readUInt64() }
    json = Self.scanner(String(repeating: "1", count: 65))
    #expect(throws: JSONError(problem: .numberTooLarge, offset: 0)) { try json.readDouble() }
  }

  @Test func membersAreCounted() {
    let object = { (count: Int) in "{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}" }
    #expect(Self.skip(Array(object(2048).utf8)) == nil)
    #expect(Self.skip(Array(object(2049).utf8))?.problem == .tooManyMembers(limit: 2048))
    let key = String(repeating: "k", count: 129)
    #expect(Self.skip(Array("{\"\(key)\":0}".utf8))?.problem == .tooLong(limit: 128))
  }

  @Test func jsonInsideAStringIsReadInPlace() throws {
    let text = Array(#""[\"\\n\\u00e9\\\"\",1]" x"#.utf8)
    try text.withUnsafeBytes { bytes in
      var outer = JSONScanner(bytes.makeIterator())
      let place = try outer.skipString()
      let contents = UnsafeRawBufferPointer(rebasing: bytes[place.lowerBound...place.upperBound])
      var json = JSONScanner(JSONStringBytes(contents))
      try json.enterArray()
      #expect(try json.hasNextElement())
      #expect(try json.readString(limit: 10) == "\né\"")
      #expect(try json.hasNextElement())
      #expect(try json.readCount() == 1)
      #expect(try !json.hasNextElement())
      try json.finish()
    }
  }

  @Test func truthValuesAreRead() throws {
    var json = Self.scanner("[true, false]")
    try json.enterArray()
    #expect(try json.hasNextElement() && json.readBoolean())
    #expect(try json.hasNextElement() && !json.readBoolean())
    #expect(try !json.hasNextElement())
    for text in ["null", "1", "tru", "falsy"] {
      #expect(throws: JSONError.self) {
        var json = Self.scanner(text)
        _ = try json.readBoolean()
      }
    }
  }

  @Test func depthIsTheCallersToChoose() throws {
    var json = Scanner(Array("[[[]]]".utf8).makeIterator(), depth: 3)
    try json.skipValue()
    #expect(throws: JSONError(problem: .tooDeep(limit: 3), offset: 3)) {
      var json = Scanner(Array("[[[[]]]]".utf8).makeIterator(), depth: 3)
      try json.skipValue()
    }
  }
}
