// SPDX-License-Identifier: GPL-3.0-or-later

import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The error number of a system call that failed.
struct SystemError: Error {
  let code: Int32
}

/// The few system calls that readers and writers need, with their interruptions smoothed over.
enum SystemCall {
  /// Whether a signal has asked this process to end.
  static var isInterrupted: Bool { chartools_pending_interrupt() != 0 }

  /// Opens a file, beginning again when a signal interrupts (a FIFO waits for its other end).
  ///
  /// Throws `EINTR` when it is the first that asks the process to end, or when that was asked before and nobody has come to
  /// the other end for ten seconds since.
  static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(SystemError) -> Int32 {
    // The system would stop at the NUL and open some other file.
    if path.utf8.contains(0) { throw SystemError(code: EINVAL) }
    let wasInterrupted = isInterrupted
    let begin = milliseconds
    while true {
      #if canImport(Glibc)
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode_t(mode))
      #elseif canImport(Musl)
        let descriptor = Musl.open(path, flags | O_CLOEXEC, mode_t(mode))
      #else
        let descriptor = Darwin.open(path, flags | O_CLOEXEC, mode_t(truncatingIfNeeded: mode))
      #endif
      if descriptor >= 0 { return descriptor }
      let code = errno
      if code != EINTR { throw SystemError(code: code) }
      if isInterrupted && (!wasInterrupted || milliseconds - begin > longPatience) {
        throw SystemError(code: code)
      }
    }
  }

  /// Reads what there is, at least one byte unless the input has ended (0).
  ///
  /// Waits when the descriptor was left non-blocking by someone else. Throws `EINTR` for the caller to judge.
  static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Int {
    while true {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
      if count >= 0 { return count }
      let code = errno
      guard code == EAGAIN || code == EWOULDBLOCK else { throw SystemError(code: code) }
      try wait(descriptor, for: Int16(POLLIN))
    }
  }

  /// Writes all bytes, however many calls that takes.
  ///
  /// Once a signal has asked the process to end, it waits for a reader only as long as that takes something every now and
  /// then, every ten seconds at least or, if it is `interruptible`, every half a second, and throws `EINTR` then.
  static func writeAll(
    _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, interruptible: Bool = false
  ) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      var size = rest.count
      if isInterrupted {
        guard isWritable(descriptor, within: interruptible ? patience : longPatience) else {
          throw SystemError(code: EINTR)
        }
        // A pipe that has room at all takes as much without waiting.
        size = min(size, Int(PIPE_BUF))
      }
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, rest.baseAddress, size)
      #elseif canImport(Musl)
        let count = Musl.write(descriptor, rest.baseAddress, size)
      #else
        let count = Darwin.write(descriptor, rest.baseAddress, size)
      #endif
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        continue
      }
      let code = errno
      if code == EAGAIN || code == EWOULDBLOCK {
        // However the wait ends, the next try tells.
        try? wait(descriptor, for: Int16(POLLOUT))
      } else if code != EINTR {
        throw SystemError(code: code)
      }
    }
  }

  /// Facts about a file: of its target when it is a symlink.
  static func status(of path: String) throws(SystemError) -> stat {
    if path.utf8.contains(0) { throw SystemError(code: EINVAL) }
    var facts = stat()
    if stat(path, &facts) != 0 { throw SystemError(code: errno) }
    return facts
  }

  /// Facts about a file, or nil if there is none.
  static func statusIfPresent(of path: String) throws(SystemError) -> stat? {
    do throws(SystemError) {
      return try status(of: path)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  /// Facts about an open file.
  static func status(of descriptor: Int32) throws(SystemError) -> stat {
    var facts = stat()
    if fstat(descriptor, &facts) != 0 { throw SystemError(code: errno) }
    return facts
  }

  /// Whether a read would not have to wait.
  static func isReadable(_ descriptor: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  /// Whether a write would not have to wait longer than so many milliseconds.
  private static func isWritable(_ descriptor: Int32, within time: Int) -> Bool {
    let end = milliseconds + time
    while true {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let ready = poll(&request, 1, Int32(max(0, end - milliseconds)))
      // Another error will be the write's, too.
      if ready > 0 || ready < 0 && errno != EINTR { return true }
      if ready == 0 { return false }
    }
  }

  /// How many milliseconds a reader may rest once this process shall end.
  private static let patience = 500
  /// The same where something is written that was begun only then, such as what a run has learned so far.
  private static let longPatience = 10_000

  /// A clock that nobody sets.
  private static var milliseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  }

  /// Waits until a descriptor is ready for `events`.
  private static func wait(_ descriptor: Int32, for events: Int16) throws(SystemError) {
    var request = pollfd(fd: descriptor, events: events, revents: 0)
    if poll(&request, 1, -1) < 0 { throw SystemError(code: errno) }
  }
}

extension stat {
  /// The kind of file, one of `S_IFREG`, `S_IFDIR`, `S_IFIFO` and so on.
  var fileType: UInt32 { UInt32(st_mode) & UInt32(S_IFMT) }
  var isRegularFile: Bool { fileType == UInt32(S_IFREG) }
  var isDirectory: Bool { fileType == UInt32(S_IFDIR) }
  func isSameFile(as other: stat) -> Bool { st_dev == other.st_dev && st_ino == other.st_ino }
}
