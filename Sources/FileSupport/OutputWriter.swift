// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes bytes over `write(2)` and never loses a failure.
///
/// Nothing is flushed when the writer goes away: a program that is done calls `flush()`, which is where a
/// full disk shows. After a failure every further call throws that same error.
public final class OutputWriter {
  /// When bytes leave the writer's memory.
  public enum Buffering: Sendable, Hashable {
    /// When there are many of them, or on `flush()`: best for files and pipes.
    case blocks
    /// Also whenever a write holds a newline, so that records leave whole.
    case lines
    /// With every write.
    case none
  }

  /// The output as people know it: its path, or `stdout`.
  public let name: String
  /// When bytes leave the writer's memory.
  public let buffering: Buffering

  private let descriptor: Int32
  private let interruptible: Bool
  private let capacity: Int
  private var buffer: [UInt8] = []
  private var failure: FileError?

  /// Writes to a descriptor that is open already and stays open afterwards.
  ///
  /// - Parameters:
  ///   - descriptor: a descriptor open for writing.
  ///   - name: what messages call it.
  ///   - buffering: when bytes leave the writer's memory.
  ///   - blockSize: how many bytes are gathered before they are written.
  ///   - interruptible: whether writing ends, with a `FileError` whose `isInterruption` is true, when a signal has
  ///     asked the process to end (`chartools_catch_interrupts`) and the reader takes nothing for half a second.
  public init(
    descriptor: Int32, name: String, buffering: Buffering = .blocks, blockSize: Int = 65_536,
    interruptible: Bool = false
  ) {
    precondition(blockSize > 0, "a block holds at least one byte")
    self.descriptor = descriptor
    self.name = name
    self.buffering = buffering
    self.capacity = blockSize
    self.interruptible = interruptible
    buffer.reserveCapacity(blockSize)
  }

  /// Writes bytes.
  ///
  /// - Throws: `FileError` with the operation `write`, for these bytes or for earlier ones.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if let failure { throw failure }
    if bytes.count > capacity - buffer.count { try flush() }
    if bytes.count >= capacity || buffering == .none {
      try send(bytes)
    } else {
      buffer.append(contentsOf: bytes)
      if buffering == .lines && bytes.contains(0x0A) { try flush() }
    }
  }

  /// Writes bytes.
  ///
  /// - Throws: `FileError` with the operation `write`, for these bytes or for earlier ones.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { (pointer) throws(FileError) in
      try write(UnsafeRawBufferPointer(pointer))
    }
  }

  /// Writes bytes.
  ///
  /// - Throws: `FileError` with the operation `write`, for these bytes or for earlier ones.
  public func write(_ bytes: some Sequence<UInt8>) throws(FileError) {
    try write(Array(bytes))
  }

  /// Writes text as UTF-8.
  ///
  /// - Throws: `FileError` with the operation `write`, for this text or for earlier bytes.
  public func write(_ text: String) throws(FileError) {
    var text = text
    let outcome = text.withUTF8 { pointer in
      Result { () throws(FileError) in try write(UnsafeRawBufferPointer(pointer)) }
    }
    try outcome.get()
  }

  /// Writes what is still in memory.
  ///
  /// - Throws: `FileError` with the operation `write`, for these bytes or for earlier ones.
  public func flush() throws(FileError) {
    if let failure { throw failure }
    if buffer.isEmpty { return }
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBufferPointer { (pointer) throws(FileError) in
      try send(UnsafeRawBufferPointer(pointer))
    }
  }

  private func send(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    do {
      try SystemCall.writeAll(descriptor, bytes, interruptible: interruptible)
    } catch {
      let failure = FileError(name, .write, code: error.code)
      self.failure = failure
      throw failure
    }
  }
}
