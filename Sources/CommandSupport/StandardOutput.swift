// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs `body` with a writer for standard output and sees to it that every byte has arrived.
///
/// - Parameters:
///   - unbuffered: whether every write goes out at once, as `-u` asks.
///   - atTerminal: how to buffer when standard output is a terminal; elsewhere blocks are written.
///   - descriptor: the descriptor to write to.
///   - body: writes to the writer it is given; it need not flush.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws, after what it had written was flushed; or the `FileError` of that flush.
///   When both fail, an error that `body` met comes first, but a mere `ExitStatus` gives way.
public func withStandardOutput<Value>(
  unbuffered: Bool = false, atTerminal: OutputWriter.Buffering = .none, descriptor: Int32 = STDOUT_FILENO,
  _ body: (OutputWriter) throws -> Value
) throws -> Value {
  let isTerminal = Terminal(descriptor: descriptor).isTerminal
  let buffering: OutputWriter.Buffering = unbuffered ? .none : isTerminal ? atTerminal : .blocks
  let writer = OutputWriter(
    descriptor: descriptor, name: "stdout", buffering: buffering, interruptible: !Signals.isInterrupted())
  let value: Value
  do {
    value = try body(writer)
  } catch let status as ExitStatus {
    try writer.flush()
    throw status
  } catch {
    // What came out before a bad record belongs to the people who asked for it.
    try? writer.flush()
    throw error
  }
  try writer.flush()
  return value
}
