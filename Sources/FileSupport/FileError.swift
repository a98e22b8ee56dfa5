// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file operation that failed: on which file, doing what, and the system's `errno`.
public struct FileError: UserFacingError, Equatable, CustomStringConvertible {
  /// What was being done to the file.
  public enum Operation: Sendable, Hashable {
    /// Opening an input.
    case open
    /// Reading an input.
    case read
    /// Reading an input that turned out larger than the caller allows.
    case limit
    /// Mapping an input into memory.
    case map
    /// Using an input that others have cut short meanwhile.
    case cut
    /// Creating an output.
    case create
    /// Creating an output where a file is already and may not be replaced.
    case exists
    /// Writing an output.
    case write
    /// Bringing an output's bytes, or its name, safely to the disk.
    case sync
    /// Giving a finished output its name.
    case rename
  }

  /// The file as people know it: the path as it was given, `stdin` or `stdout`.
  public let path: String
  /// What was being done.
  public let operation: Operation
  /// The system's error number.
  public let code: Int32

  /// Describes the failure of `operation` on `path` with the error number `code`.
  public init(_ path: String, _ operation: Operation, code: Int32) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  /// Whether the reader at the other end of a pipe has gone away, which is no failure of ours.
  public var isClosedPipe: Bool { operation == .write && code == EPIPE }

  /// What is thrown where a signal that the caller wants to act on ends the reading of `path`.
  public static func interruption(_ path: String) -> FileError { FileError(path, .read, code: EINTR) }

  /// Whether a signal that the caller wants to act on ended the wait for the other end of a pipe.
  public var isInterruption: Bool { code == EINTR && [.open, .read, .create, .write].contains(operation) }

  /// The reason alone, in lower case.
  public var description: String {
    switch operation {
    case .exists: "already exists; use --force to replace it"
    case .limit: "too large"
    case .cut: "was cut short while it was in use"
    default: Self.wording(of: code)
    }
  }

  /// The file's name.
  public var place: String? { path }

  /// The reason alone, in lower case.
  public var reason: String { description }

  /// No input for an input that cannot be opened, no output for one that cannot be created, else I/O.
  public var kind: ErrorKind {
    switch operation {
    case .open: .noInput
    // A directory given by redirection opens like a file and refuses only to be read.
    case .read: code == EISDIR ? .noInput : .io
    case .limit: .badData
    case .create, .exists, .rename: .cannotCreate
    case .map, .cut, .write, .sync: .io
    }
  }

  /// The system's words for an error number, beginning in lower case.
  private static func wording(of code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    let words = String(cString: text)
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}
