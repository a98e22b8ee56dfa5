// SPDX-License-Identifier: GPL-3.0-or-later

/// The records of a zip archive (PKWARE's APPNOTE), as far as files without compression need them.
enum ZipFormat {
  /// What stands before each file.
  static let localSignature: UInt32 = 0x0403_4B50
  static let localSize = 30
  /// What the directory at the end says of each file.
  static let directorySignature: UInt32 = 0x0201_4B50
  static let directorySize = 46
  /// The end of the directory.
  static let endSignature: UInt32 = 0x0605_4B50
  static let endSize = 22
  /// The longest comment behind it.
  static let longestComment = 65_535
  /// Sizes and offsets from here on stand elsewhere, in records of Zip64.
  static let elsewhere: UInt32 = 0xFFFF_FFFF
}

/// What can be wrong with a zip archive, or one of its files.
public enum ZipProblem: Error, Equatable, Sendable {
  /// There is no directory of files at its end.
  case noDirectory
  /// Some record is not where another says, or begins with other bytes.
  case record(offset: Int)
  /// Sizes or offsets of 4 GB or more.
  case tooLarge
  /// A file is compressed, or encrypted.
  case compressed
  /// A file ends after the archive, or files share bytes.
  case extent
  /// The checksum is that of other contents.
  case checksum
  /// Two files have this name.
  case duplicate

  var reason: String {
    switch self {
    case .noDirectory: "not a zip archive, which a .npz file is, or cut short"
    case .record(let offset): "byte \(offset): no record of a zip archive, where one should be"
    case .tooLarge: "zip archives of 4 GB or more are not read or written"
    case .compressed: "it is compressed or encrypted: save with numpy.savez, not savez_compressed"
    case .extent: "it reaches out of the archive, or into another file"
    case .checksum: "its checksum does not match: the archive is damaged"
    case .duplicate: "it is there twice"
    }
  }
}
