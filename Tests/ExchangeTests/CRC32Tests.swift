// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Exchange

@Suite struct CRC32Tests {
  /// The check value that every description of this checksum gives, and two from Python's zlib.crc32.
  @Test(
    arguments: [
      ("123456789", 0xCBF4_3926), ("", 0), ("chartools", 0xC71A_D030), ("\u{0}", 0xD202_EF8D),
    ] as [(String, UInt32)])
  func checksumIsTheKnownOne(text: String, expected: UInt32) {
    var checksum = CRC32()
    Array(text.utf8).withUnsafeBytes { checksum.update($0) }
    #expect(checksum.value == expected)
  }

  @Test func piecesMakeTheSameChecksum() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var whole = CRC32()
    bytes.withUnsafeBytes { whole.update($0) }
    var pieces = CRC32()
    for part in [0..<3, 3..<3, 3..<700, 700..<1000] {
      Array(bytes[part]).withUnsafeBytes { pieces.update($0) }
    }
    #expect(whole.value == pieces.value)
  }
}
