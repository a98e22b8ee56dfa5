// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a file, a pipe or a terminal block by block over `read(2)`, in constant memory.
public final class InputReader {
  /// The input as people know it: its path, or `stdin`.
  public let name: String

  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let buffer: UnsafeMutableRawBufferPointer
  private let interrupted: (@Sendable () -> Bool)?
  private var isAtEnd = false

  /// Opens the file at `path`; `-` is standard input.
  ///
  /// - Parameters:
  ///   - path: the file's path, or `-`.
  ///   - blockSize: the largest block in bytes.
  ///   - interrupted: asked before each read and after each signal; when it answers true, reading ends with a
  ///     `FileError` whose `isInterruption` is true. Without it reading goes on after a signal.
  /// - Throws: `FileError` with the operation `open` when there is no such file, it may not be read, or it is
  ///   a directory.
  public convenience init(
    path: String, blockSize: Int = 65_536, interrupted: (@Sendable () -> Bool)? = nil
  ) throws(FileError) {
    let isStandardInput = path == "-"
    let name = isStandardInput ? "stdin" : path
    do throws(SystemError) {
      let descriptor = isStandardInput ? STDIN_FILENO : try SystemCall.open(path, O_RDONLY)
      self.init(
        descriptor: descriptor, name: name, owned: !isStandardInput, blockSize: blockSize,
        interrupted: interrupted)
      // A directory opens without complaint and fails only when read.
      if try SystemCall.status(of: descriptor).isDirectory { throw SystemError(code: EISDIR) }
    } catch {
      throw FileError(name, .open, code: error.code)
    }
  }

  /// Reads from a descriptor that is open already and stays open afterwards.
  ///
  /// - Parameters:
  ///   - descriptor: a descriptor open for reading.
  ///   - name: what messages call it.
  ///   - blockSize: the largest block in bytes.
  ///   - interrupted: as for `init(path:blockSize:interrupted:)`.
  public convenience init(
    descriptor: Int32, name: String, blockSize: Int = 65_536, interrupted: (@Sendable () -> Bool)? = nil
  ) {
    self.init(
      descriptor: descriptor, name: name, owned: false, blockSize: blockSize, interrupted: interrupted)
  }

  private init(
    descriptor: Int32, name: String, owned: Bool, blockSize: Int, interrupted: (@Sendable () -> Bool)?
  ) {
    precondition(blockSize > 0, "a block holds at least one byte")
    self.descriptor = descriptor
    self.name = name
    self.ownsDescriptor = owned
    self.interrupted = interrupted
    buffer = .allocate(byteCount: blockSize, alignment: 64)
  }

  deinit {
    buffer.deallocate()
    if ownsDescriptor { close(descriptor) }
  }

  /// The next bytes, as many as have arrived, or nil at the end of the input.
  ///
  /// The bytes stay valid until the next call or the end of this reader. Once ended, the input stays ended,
  /// even if it is a terminal.
  ///
  /// - Throws: `FileError` with the operation `read`.
  public func nextBlock() throws(FileError) -> UnsafeRawBufferPointer? {
    if isAtEnd { return nil }
    while true {
      if let interrupted, interrupted() { throw .interruption(name) }
      do {
        let count = try SystemCall.read(descriptor, into: buffer)
        if count > 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
        isAtEnd = true
        return nil
      } catch {
        if error.code != EINTR { throw FileError(name, .read, code: error.code) }
      }
    }
  }

  /// Whether `nextBlock` would answer without waiting: bytes have arrived, or the input has ended.
  public var hasArrived: Bool { isAtEnd || SystemCall.isReadable(descriptor) }

  /// All bytes that are left.
  ///
  /// - Parameter limit: the most bytes to accept, so that endless input cannot fill the memory.
  /// - Throws: `FileError` with the operation `read`, or `limit` when there are more bytes than that.
  public func readAll(limit: Int? = nil) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let block = try nextBlock() {
      if let limit, block.count > limit - bytes.count { throw FileError(name, .limit, code: EFBIG) }
      bytes.append(contentsOf: block)
    }
    return bytes
  }
}
