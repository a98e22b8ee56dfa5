// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a whole file, read into memory, where nobody can change them any more.
///
/// They begin at a multiple of 64.
public final class FileContents: @unchecked Sendable {
  // Unchecked because of the pointer: it is set once and nothing ever writes through it.

  /// The file as people know it: its path, or `stdin`.
  public let name: String
  /// The file's bytes, valid as long as this object lives.
  public let bytes: UnsafeRawBufferPointer

  /// Reads the file at `path`; `-` is standard input.
  ///
  /// - Parameters:
  ///   - path: the file's path, or `-`.
  ///   - limit: the most bytes to accept.
  /// - Throws: `FileError` with the operation `open` or `read`, or `limit` when there are more bytes.
  public init(path: String, limit: Int? = nil) throws(FileError) {
    let reader = try InputReader(
      path: path, blockSize: 1 << 20, interrupted: { SystemCall.isInterrupted })
    name = reader.name
    bytes = try Self.read(reader, limit: limit)
  }

  deinit {
    free(UnsafeMutableRawPointer(mutating: bytes.baseAddress))
  }

  private static func read(_ reader: InputReader, limit: Int?) throws(FileError) -> UnsafeRawBufferPointer {
    var start: UnsafeMutableRawPointer?
    var count = 0
    var capacity = 0
    do throws(FileError) {
      while let block = try reader.nextBlock() {
        if let limit, block.count > limit - count { throw FileError(reader.name, .limit, code: EFBIG) }
        if block.count > capacity - count {
          capacity = max(2 * capacity, count + block.count, 65_536)
          var larger: UnsafeMutableRawPointer?
          let code = posix_memalign(&larger, 64, capacity)
          guard code == 0, let larger else { throw FileError(reader.name, .read, code: code) }
          if let start { larger.copyMemory(from: start, byteCount: count) }
          free(start)
          start = larger
        }
        if let start, let source = block.baseAddress {
          (start + count).copyMemory(from: source, byteCount: block.count)
        }
        count += block.count
      }
    } catch {
      free(start)
      throw error
    }
    return UnsafeRawBufferPointer(start: start, count: count)
  }
}
