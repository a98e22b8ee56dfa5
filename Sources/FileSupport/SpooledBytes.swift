// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Bytes that are kept until it is known what to do with them: a few in memory, many in a file without a name.
public final class SpooledBytes {
  /// How many there are.
  public private(set) var count = 0

  private let folder: String
  private let memoryLimit: Int
  private var head: [UInt8] = []
  private var descriptor: Int32 = -1

  /// Keeps nothing yet.
  ///
  /// - Parameters:
  ///   - folder: where a file is made if there is need of one; it has no name there and goes away by itself.
  ///   - memoryLimit: the most bytes that are kept in memory.
  public init(folder: String, memoryLimit: Int = 16 << 20) {
    self.folder = folder
    self.memoryLimit = memoryLimit
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Keeps more bytes, after those before.
  ///
  /// - Throws: `FileError` with the operation `create` or `write`.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    count += bytes.count
    if descriptor < 0 && head.count + bytes.count <= memoryLimit {
      head += bytes
      return
    }
    if descriptor < 0 { try makeFile() }
    let outcome = bytes.withUnsafeBytes { bytes in
      Result { () throws(SystemError) in try SystemCall.writeAll(descriptor, bytes) }
    }
    do {
      try outcome.get()
    } catch {
      throw FileError(folder, .write, code: error.code)
    }
  }

  /// Hands over all bytes, in blocks, as often as wanted.
  ///
  /// - Throws: `FileError` with the operation `read`, or what `body` throws.
  public func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try head.withUnsafeBytes { try body($0) }
    guard descriptor >= 0 else { return }
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw FileError(folder, .read, code: errno) }
    let reader = InputReader(descriptor: descriptor, name: folder)
    while let block = try reader.nextBlock() { try body(block) }
  }

  private func makeFile() throws(FileError) {
    var template = Array((folder + "/chartools-XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw FileError(folder, .create, code: errno) }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }
}
