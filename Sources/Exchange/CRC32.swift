// SPDX-License-Identifier: GPL-3.0-or-later

/// The checksum that zip archives carry: the polynomial 0xEDB88320, reflected (PKWARE's APPNOTE, 4.4.7).
struct CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { bits, _ in bits & 1 == 0 ? bits >> 1 : 0xEDB8_8320 ^ bits >> 1 }
  }

  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of what was added.
  var value: UInt32 { ~state }

  /// Adds bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var state = state
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes { state = table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
    }
    self.state = state
  }
}
