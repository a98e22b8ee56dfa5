// SPDX-License-Identifier: GPL-3.0-or-later

extension XXH64 {
  /// A hash as files tell it: `xxh64:` and 16 hexadecimal digits.
  public static func notation(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return "xxh64:" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
