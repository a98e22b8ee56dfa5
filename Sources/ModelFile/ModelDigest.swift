// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// The checksum that a model file carries of itself: `xxh64:` and the XXH64 of all its bytes, as 16 hexadecimal
/// digits that count as sixteen times the character `0`.
enum ModelDigest {
  static let key = "digest"
  /// What stands in the file while the checksum is made.
  static let blank = prefix + Array(repeating: UInt8(ascii: "0"), count: digitCount)

  private static let prefix = Array(XXH64.notationPrefix.utf8)
  private static let digitCount = 16

  /// The digits for a checksum.
  static func digits(_ hash: UInt64) -> [UInt8] { Array(XXH64.digits(hash).utf8) }

  /// Where the digits stand in a file.
  ///
  /// - Throws: `ModelFileError.Problem` when there is no digest or it has another form.
  static func place(
    in header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(ModelFileError.Problem) -> Range<Int> {
    guard let entry = header.metadata.first(where: { $0.key == key }) else { throw .missingMetadata(key) }
    // The bytes as they stand: no digest needs an escape.
    let contents = bytes[entry.contents]
    guard contents.count == prefix.count + digitCount, contents.starts(with: prefix) else {
      throw .malformedDigest
    }
    return contents.startIndex + prefix.count..<contents.endIndex
  }

  /// The digest as it stands in a file that has been checked.
  static func text(in header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer) throws(ModelFileError
    .Problem)
    -> String
  {
    String(decoding: prefix + bytes[try place(in: header, bytes)], as: UTF8.self)
  }

  /// Makes sure that a file, its header in `bytes` and what stands behind that in `data`, has not changed since it was
  /// written.
  ///
  /// - Throws: `ModelFileError.Problem`.
  static func check(
    _ bytes: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer, _ header: SafetensorsHeader
  ) throws(ModelFileError.Problem) {
    let place = try place(in: header, bytes)
    var hash = XXH64()
    hash.update(UnsafeRawBufferPointer(rebasing: bytes[..<place.lowerBound]))
    hash.update(blank.suffix(digitCount))
    hash.update(UnsafeRawBufferPointer(rebasing: bytes[place.upperBound..<header.dataOffset]))
    hash.update(data)
    guard bytes[place].elementsEqual(digits(hash.finalize())) else { throw .digest }
  }
}
