// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a whole file, read-only.
///
/// A regular file is mapped, which costs nothing until its bytes are looked at; a pipe, a device or standard
/// input is read into memory. Either way the bytes begin at a multiple of 64. A mapped file must not be cut
/// short by others while it is in use: the system answers with a fatal signal.
public final class MappedFile: @unchecked Sendable {
  // Unchecked because of the pointer: it is set once and nothing ever writes through it.

  /// The file as people know it: its path, or `stdin`.
  public let name: String
  /// The file's bytes, valid as long as this object lives.
  public let bytes: UnsafeRawBufferPointer

  private let isMapped: Bool

  /// Maps or reads the file at `path`; `-` is standard input.
  ///
  /// - Parameters:
  ///   - path: the file's path, or `-`.
  ///   - limit: the most bytes to accept.
  /// - Throws: `FileError` with the operation `open`, `map` or `read`, or `limit` when there are more bytes.
  public init(path: String, limit: Int? = nil) throws(FileError) {
    let name = path == "-" ? "stdin" : path
    self.name = name
    if let mapping = try Self.mapRegularFile(path, name: name, limit: limit) {
      bytes = mapping
      isMapped = true
    } else {
      bytes = try Self.readAligned(InputReader(path: path, blockSize: 1 << 20), limit: limit)
      isMapped = false
    }
  }

  deinit {
    guard let start = bytes.baseAddress else { return }
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    } else {
      free(UnsafeMutableRawPointer(mutating: start))
    }
  }

  /// The mapping of a regular file; nil if the file is of another kind and has to be read.
  private static func mapRegularFile(
    _ path: String, name: String, limit: Int?
  ) throws(FileError) -> UnsafeRawBufferPointer? {
    if path == "-" { return nil }
    let descriptor: Int32
    let facts: stat
    do throws(SystemError) {
      // Looked at before it is opened: opening a FIFO and closing it again would end its writer.
      guard try SystemCall.status(of: path).isRegularFile else { return nil }
      descriptor = try SystemCall.open(path, O_RDONLY)
    } catch {
      throw FileError(name, .open, code: error.code)
    }
    defer { close(descriptor) }
    do {
      facts = try SystemCall.status(of: descriptor)
    } catch {
      throw FileError(name, .open, code: error.code)
    }
    let size = Int(facts.st_size)
    if let limit, size > limit { throw FileError(name, .limit, code: EFBIG) }
    // Files under /proc say they are empty and are not; an empty mapping is an error besides.
    if size == 0 || !facts.isRegularFile { return nil }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw FileError(name, .map, code: errno)
    }
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  /// All bytes of an input in memory of their own, aligned to 64 bytes.
  private static func readAligned(
    _ reader: InputReader, limit: Int?
  ) throws(FileError) -> UnsafeRawBufferPointer {
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
