// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

private let charset = try! Charset(
  unit: .scalar, symbols: ["a", "é", "😀"].map { Symbol(scalar: $0) }, hasUnknown: true)

/// Decodes the ids in `blocks`, and gives the text so far beside an error if there was one.
private func decode(_ blocks: [ArraySlice<UInt8>]) -> (text: [UInt8], failure: TextError?) {
  var decoder = IDDecoder(charset: charset, source: "i")
  var text: [UInt8] = []
  do {
    for block in blocks {
      try block.withUnsafeBytes { bytes in try decoder.decode(bytes) { text.append(contentsOf: $0) } }
    }
    try decoder.finish()
    return (text, nil)
  } catch {
    return (text, error as? TextError)
  }
}

@Suite struct IDDecoderTests {
  @Test func idsBecomeTextHoweverTheyAreCut() {
    for blocks in cuttings(of: [0, 0, 2, 0, 1, 0, 3, 0, 0, 0]) {
      let (text, failure) = decode(blocks)
      #expect(text == utf8("a😀é\u{FFFD}a"))
      #expect(failure == nil)
    }
  }

  @Test func halfAnIDIsAnError() {
    for blocks in cuttings(of: [0, 0, 1]) {
      let (text, failure) = decode(blocks)
      #expect(text == utf8("a"))
      #expect(failure == .oddByteCount(source: "i", byteCount: 3))
    }
  }

  @Test func anIDThatTheCharsetDoesNotHaveIsAnError() {
    for blocks in cuttings(of: [0, 0, 1, 0, 4, 0, 0, 0]) {
      let (text, failure) = decode(blocks)
      #expect(text == utf8("aé"))
      #expect(failure == .idOutOfRange(source: "i", offset: 4, id: 4, count: 4))
    }
    #expect(decode([[0, 1]]).failure == .idOutOfRange(source: "i", offset: 0, id: 256, count: 4))
  }

  @Test func offsetsStartAnewWithEachInput() throws {
    var decoder = IDDecoder(charset: charset)
    try decoder.decode(input([0, 0, 0, 0], name: "one")) { _ in }
    #expect(throws: TextError.oddByteCount(source: "two", byteCount: 1)) {
      try decoder.decode(input([0], name: "two")) { _ in }
    }
  }

  @Test func manyIDsAreDecodedAsOne() {
    let ids = [UInt8](repeating: 0, count: 100_001)
    let (text, failure) = decode([ids[...]])
    #expect(text.count == 50_000)
    #expect(failure == .oddByteCount(source: "i", byteCount: 100_001))
  }
}
