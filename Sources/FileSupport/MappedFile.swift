// SPDX-License-Identifier: GPL-3.0-or-later

import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a whole file that may be larger than memory, read-only.
///
/// A regular file is mapped, which costs nothing until its bytes are looked at; a pipe, a device or standard
/// input is read into memory. Either way the bytes begin at a multiple of 64.
///
/// Others may change a mapped file while it is in use, so what was checked once can be different the next time. What
/// they cut off reads as zeros, and `failure` tells of it. Whoever can bear neither reads `FileContents`.
public final class MappedFile: @unchecked Sendable {
  // Unchecked because of the pointers: they are set once and nothing ever writes through them.

  /// The file as people know it: its path, or `stdin`.
  public let name: String
  /// The file's bytes, valid as long as this object lives.
  public let bytes: UnsafeRawBufferPointer

  private let mapping: Mapping?
  private let contents: FileContents?

  private struct Mapping {
    let handle: OpaquePointer
    let descriptor: Int32
    let bytes: UnsafeRawBufferPointer
  }

  /// Maps or reads the file at `path`; `-` is standard input.
  ///
  /// - Throws: `FileError` with the operation `open`, `map` or `read`.
  public init(path: String) throws(FileError) {
    name = path == "-" ? "stdin" : path
    mapping = try Self.mapRegularFile(path, name: name)
    contents = mapping == nil ? try FileContents(path: path) : nil
    bytes = mapping?.bytes ?? contents?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  deinit {
    guard let mapping else { return }
    chartools_unmap(mapping.handle)
    close(mapping.descriptor)
  }

  /// What was wrong with bytes that have been looked at since the file was opened: that others have cut it short, or
  /// that the disk did not give them; nil if nothing was.
  ///
  /// Asking costs a system call.
  public var failure: FileError? {
    guard let mapping else { return nil }
    // Within a page there is no other sign of it.
    if let facts = try? SystemCall.status(of: mapping.descriptor), facts.st_size < bytes.count {
      return FileError(name, .cut, code: ESTALE)
    }
    return chartools_mapping_is_broken(mapping.handle) != 0 ? FileError(name, .read, code: EIO) : nil
  }

  /// The mapping of a regular file; nil if the file is of another kind and has to be read.
  private static func mapRegularFile(_ path: String, name: String) throws(FileError) -> Mapping? {
    if path == "-" { return nil }
    let descriptor: Int32
    do throws(SystemError) {
      // Looked at before it is opened: opening a FIFO and closing it again would end its writer.
      guard try SystemCall.status(of: path).isRegularFile else { return nil }
      descriptor = try SystemCall.open(path, O_RDONLY)
    } catch {
      throw FileError(name, .open, code: error.code)
    }
    var isKept = false
    defer { if !isKept { close(descriptor) } }
    let facts: stat
    do {
      facts = try SystemCall.status(of: descriptor)
    } catch {
      throw FileError(name, .open, code: error.code)
    }
    let size = Int(facts.st_size)
    // Files under /proc say they are empty and are not; an empty mapping is an error besides.
    if size == 0 || !facts.isRegularFile { return nil }
    var start: UnsafeRawPointer?
    guard let handle = chartools_map(descriptor, size, &start) else {
      throw FileError(name, .map, code: errno)
    }
    isKept = true
    return Mapping(
      handle: handle, descriptor: descriptor, bytes: UnsafeRawBufferPointer(start: start, count: size))
  }
}
