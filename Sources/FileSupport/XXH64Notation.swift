// SPDX-License-Identifier: GPL-3.0-or-later

extension XXH64 {
  /// What a hash in a file begins with.
  public static let notationPrefix = "xxh64:"

  /// The 16 hexadecimal digits of a hash.
  public static func digits(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// A hash as files tell it: `xxh64:` and 16 hexadecimal digits.
  public static func notation(_ hash: UInt64) -> String { notationPrefix + digits(hash) }
}
