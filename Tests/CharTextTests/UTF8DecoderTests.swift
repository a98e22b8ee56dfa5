// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

/// Decodes blocks one after the other.
private func decode(_ blocks: [ArraySlice<UInt8>], isLossy: Bool = false) throws(TextError) -> [UInt32] {
  var decoder = UTF8Decoder(source: "t", isLossy: isLossy)
  var all: [UInt32] = []
  let scalars = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 70_000)
  defer { scalars.deallocate() }
  for block in blocks {
    let outcome = block.withUnsafeBytes { bytes in
      Result { () throws(TextError) in try decoder.decode(bytes, into: scalars) }
    }
    all.append(contentsOf: try scalars[..<outcome.get()])
  }
  all.append(contentsOf: try scalars[..<decoder.finish(into: scalars)])
  return all
}

@Suite struct UTF8DecoderTests {
  @Test func lossyDecodingAgreesWithSwiftsOnAnyBytesHoweverCut() throws {
    var random = SteadyRandom(1)
    // Bytes that begin, continue and break sequences, so that every rule is tried often.
    let bytes: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
      0xEE,
      0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    for round in 0..<400 {
      let text = (0..<40).map { _ in
        round % 2 == 0 ? bytes.randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
      }
      let expected = String(decoding: text, as: UTF8.self).unicodeScalars.map(\.value)
      for blocks in cuttings(of: text) { #expect(try decode(blocks, isLossy: true) == expected) }
    }
  }

  @Test func strictDecodingTakesWhatSwiftTakesAndGivesTheSame() throws {
    var random = SteadyRandom(2)
    for _ in 0..<300 {
      var text = utf8(trickyText(12, using: &random))
      if Bool.random(using: &random) {
        text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let expected = String(validating: text, as: UTF8.self)?.unicodeScalars.map(\.value)
      for blocks in cuttings(of: text) { #expect((try? decode(blocks)) == expected) }
    }
  }

  @Test func everyScalarIsDecoded() throws {
    let edges: [UInt32] = [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x1_0000, 0x10_FFFF]
    let scalars = (edges + stride(from: 0, through: 0x10_FFFF, by: 61)).compactMap(Unicode.Scalar.init)
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    #expect(try UTF8Decoder.decode(utf8(String(text))) == scalars.map(\.value))
  }

  @Test func longRunsOfASCIIAreDecodedAtEveryAlignment() throws {
    for count in 0..<70 {
      let text = String(repeating: "x", count: count) + "é" + String(repeating: "y", count: 40)
      #expect(try UTF8Decoder.decode(utf8(text)) == text.unicodeScalars.map(\.value))
    }
  }

  @Test(
    arguments: [
      ([0x61, 0x0A, 0x62, 0xE9, 0x20], 2, 0xE9, 3),  // Latin-1
      ([0x80], 1, 0x80, 0),  // continuation without a beginning
      ([0x61, 0xC0, 0x80], 1, 0xC0, 1),  // overlong NUL
      ([0xC1, 0xBF], 1, 0xC1, 0),  // overlong ASCII
      ([0x0A, 0x0A, 0xE0, 0x9F, 0xBF], 3, 0xE0, 2),  // overlong in three bytes
      ([0xF0, 0x8F, 0xBF, 0xBF], 1, 0xF0, 0),  // overlong in four bytes
      ([0xED, 0xA0, 0x80], 1, 0xED, 0),  // surrogate
      ([0xF4, 0x90, 0x80, 0x80], 1, 0xF4, 0),  // beyond U+10FFFF
      ([0xF5, 0x80, 0x80, 0x80], 1, 0xF5, 0),
      ([0xFF], 1, 0xFF, 0),
      ([0xE2, 0x82, 0x41], 1, 0xE2, 0),  // broken off
      ([0xE2, 0x82, 0xAC, 0x82], 1, 0x82, 3),  // one byte too many
    ] as [([UInt8], Int, UInt8, Int)])
  func strictDecodingNamesTheFirstBadByte(bytes: [UInt8], line: Int, byte: UInt8, offset: Int) {
    let expected = TextError.invalidUTF8(source: "t", line: line, byte: byte, offset: offset)
    for blocks in cuttings(of: bytes) { #expect(throws: expected) { try decode(blocks) } }
  }

  /// All sequences of one to four bytes from those around UTF-8's borders, between other text, as a whole and byte by
  /// byte; what is expected follows from Swift's own decoder.
  @Test func everySequenceAtABorderIsTakenOrNamed() {
    let borders: [UInt8] = [
      0x00, 0x0A, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF,
      0xF0, 0xF4, 0xF5, 0xF8, 0xFF,
    ]
    var (valid, bad, wrong) = (0, 0, 0)
    let scalars = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 64)
    defer { scalars.deallocate() }
    var sequences: [[UInt8]] = [[]]
    for _ in 1...4 {
      sequences = sequences.flatMap { sequence in borders.map { sequence + [$0] } }
      for sequence in sequences {
        let text = [0xC3, 0xA9, 0x0A] + sequence + [0x74]
        let repaired = String(decoding: text, as: UTF8.self).unicodeScalars
        let good = repaired.prefix { $0.value != 0xFFFD }
        let offset = good.reduce(0) { $0 + UTF8.width($1) }
        var expected: TextError?
        if good.count < repaired.count {
          let line = text[..<offset].count { $0 == 0x0A } + 1
          expected = .invalidUTF8(source: "t", line: line, byte: text[offset], offset: offset)
          bad += 1
        } else {
          valid += 1
        }
        for size in [text.count, 1] {
          var decoder = UTF8Decoder(source: "t")
          let isRight = text.withUnsafeBytes { bytes in
            do throws(TextError) {
              var count = 0
              for start in stride(from: 0, to: text.count, by: size) {
                count += try decoder.decode(
                  UnsafeRawBufferPointer(rebasing: bytes[start..<start + size]),
                  into: UnsafeMutableBufferPointer(rebasing: scalars[count...]))
              }
              count += try decoder.finish(into: UnsafeMutableBufferPointer(rebasing: scalars[count...]))
              return expected == nil && scalars[..<count].elementsEqual(repaired.lazy.map(\.value))
            } catch {
              return error == expected
            }
          }
          if !isRight { wrong += 1 }
        }
      }
    }
    #expect((valid, bad, wrong) == (2032, 243_378, 0))
  }

  @Test(
    arguments: [
      ([0x61, 0xC3], 0xC3, 1), ([0xE2, 0x82], 0xE2, 0), ([0x61, 0x61, 0xF0, 0x9F, 0x98], 0xF0, 2),
    ] as [([UInt8], UInt8, Int)])
  func anUnfinishedCharacterAtTheEndIsAnError(bytes: [UInt8], byte: UInt8, offset: Int) {
    let expected = TextError.truncatedUTF8(source: "t", line: 1, byte: byte, offset: offset)
    for blocks in cuttings(of: bytes) { #expect(throws: expected) { try decode(blocks) } }
  }

  @Test func aByteOrderMarkIsACharacter() throws {
    #expect(try UTF8Decoder.decode([0xEF, 0xBB, 0xBF, 0x61]) == [0xFEFF, 0x61])
  }
}
