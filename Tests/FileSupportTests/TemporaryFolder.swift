// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A fresh folder that goes away with its test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "/chartools-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of the file `name` in this folder.
  func file(_ name: String) -> String { path + "/" + name }

  /// Creates the file `name` and gives its path.
  func file(_ name: String, holding text: String) throws -> String {
    try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    return file(name)
  }

  /// The names of all files, hidden ones too, in order.
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// What the file at `path` holds.
func contents(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

/// The two ends of a pipe, closed with the test.
final class Pipe {
  let reading: Int32
  let writing: Int32
  private var isWritingOpen = true

  /// Opens a pipe whose closing by the reader is an error to the writer and not a signal.
  init() {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    closeWriting()
  }

  func closeWriting() {
    if isWritingOpen { close(writing) }
    isWritingOpen = false
  }

  /// Puts a few bytes into the pipe.
  func send(_ text: String) { send(Array(text.utf8)) }

  /// Puts a few bytes into the pipe.
  func send(_ bytes: [UInt8]) {
    precondition(write(writing, bytes, bytes.count) == bytes.count)
  }
}

/// Runs `body` on a thread of its own, so that a test can sit at the other end of a pipe.
final class Companion: @unchecked Sendable {
  // Unchecked: `body` is set before the thread starts and only that thread calls it.
  private let body: () -> Void
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping () -> Void) {
    self.body = body
    Thread.detachNewThread { [self] in
      self.body()
      done.signal()
    }
  }

  func wait() { done.wait() }
}
