// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An input that is not opened before it is its turn: any number of them can be given, though few files may be open at
/// once.
public struct InputSource {
  /// The input as people know it: its path, or `stdin`.
  public let name: String

  private let opening: () throws(FileError) -> InputReader

  /// Looks whether the file at `path` can be read, and opens it later; `-` is standard input.
  ///
  /// - Parameters:
  ///   - path: the file's path, or `-`.
  ///   - interrupted: as for `InputReader`.
  /// - Throws: `FileError` with the operation `open` when there is no such file, it may not be read, or it is
  ///   a directory.
  public init(path: String, interrupted: (@Sendable () -> Bool)? = nil) throws(FileError) {
    let name = path == "-" ? "stdin" : path
    self.name = name
    opening = { () throws(FileError) in try InputReader(path: path, interrupted: interrupted) }
    if path == "-" { return }
    do throws(SystemError) {
      let facts = try SystemCall.status(of: path)
      if facts.isDirectory { throw SystemError(code: EISDIR) }
      // A FIFO is only asked: opening it and closing it again would end its writer.
      if access(path, R_OK) != 0 { throw SystemError(code: errno) }
    } catch {
      throw FileError(name, .open, code: error.code)
    }
  }

  /// An input that is open already.
  public init(_ reader: InputReader) {
    name = reader.name
    opening = { () throws(FileError) in reader }
  }

  /// Opens the input, which can be read once.
  ///
  /// - Throws: `FileError` with the operation `open`, when it has gone away meanwhile.
  public func open() throws(FileError) -> InputReader { try opening() }
}
