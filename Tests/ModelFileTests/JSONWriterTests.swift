// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import ModelFile

@Suite struct JSONWriterTests {
  @Test func valuesAreSeparatedByCommas() {
    var json = JSONWriter()
    json.beginObject()
    json.key("a")
    json.beginArray()
    json.null()
    json.number(-1)
    json.string("x")
    json.beginObject()
    json.endObject()
    json.array([])
    json.array([1, 2])
    json.endArray()
    json.key("b")
    json.number(0.1)
    json.endObject()
    #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":[null,-1,"x",{},[],[1,2]],"b":0.1}"#)
  }

  @Test func everyScalarComesBack() throws {
    for value in Array(0...0x2FFF) + [0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x1_0000, 0x10_FFFF] {
      let scalar = try #require(Unicode.Scalar(UInt32(value)))
      var json = JSONWriter()
      json.string(String(scalar))
      var scanner = JSONScanner(json.bytes.makeIterator())
      #expect(try scanner.readString(limit: 4).unicodeScalars.elementsEqual([scalar]))
    }
  }

  @Test(arguments: [
    0, -0.0, 1, 0.1, 1e16, 1e-7, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.0 / 3,
  ])
  func everyNumberComesBack(value: Double) throws {
    var json = JSONWriter()
    json.number(value)
    var scanner = JSONScanner(json.bytes.makeIterator())
    #expect(try scanner.readDouble().bitPattern == value.bitPattern)
  }

  @Test func noControlCharacterStandsInAString() {
    for value in 0..<0x100 {
      guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
      var json = JSONWriter()
      json.string(String(scalar) + "\u{A0}\u{C2}\u{80}a")
      #expect(json.text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
      #expect(json.text.hasSuffix("\u{A0}\u{C2}\\u0080a\""))
    }
  }

  @Test func linesFollowEachOtherAndWhatIsNilIsLeftOut() {
    var json = JSONWriter()
    for number in 1...2 {
      json.beginObject()
      json.member("n", number)
      json.member("name", number == 1 ? "a\u{1B}\u{85}" : nil)
      json.member("nats", number == 1 ? Double.nan : 0.5)
      json.member("is", true)
      json.endObject()
      json.endLine()
    }
    #expect(
      json.text == #"{"n":1,"name":"a\u001b\u0085","nats":null,"is":true}"# + "\n"
        + #"{"n":2,"nats":0.5,"is":true}"# + "\n")
    json.removeAll()
    json.number(Double.infinity)
    #expect(json.text == "null")
  }
}
