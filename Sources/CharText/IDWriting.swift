// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

extension OutputWriter {
  /// Writes ids as 16-bit little-endian numbers, which `IDDecoder` and `Corpus.mapped` read.
  ///
  /// - Throws: `FileError` with the operation `write`.
  public func write(littleEndian ids: UnsafeBufferPointer<UInt16>) throws(FileError) {
    if Int(1).littleEndian == 1 {
      try write(UnsafeRawBufferPointer(ids))
    } else {
      try write(ids.lazy.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
    }
  }
}
