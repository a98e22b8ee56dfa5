// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import CommandSupport
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the characters of a network come from that another program has made.
struct CharsetSource {
  /// What was typed after `-c`.
  let option: String?
  /// The file of the network.
  let file: String

  /// The charset file that goes along with a file that has no place for characters.
  static func companion(of path: String) -> String {
    // A folder may have been typed with a slash at its end.
    (path.hasSuffix("/") ? String(path.dropLast()) : path) + ".charset"
  }

  /// The characters: those asked for, or those that the file came with, or those in the file beside it.
  ///
  /// - Throws: `CharsetError`, `FileError`, or `CommandFailure` when there are none.
  func read(embedded: Charset?) throws -> Charset {
    if let option { return try read(option) }
    if let embedded { return embedded }
    do {
      if file != "-" { return try read(Self.companion(of: file)) }
    } catch let error as FileError
      where error.operation == .open && [ENOENT, ENAMETOOLONG].contains(error.code)
    {
      // There is none. One that is there and cannot be opened is a fault to tell of.
    }
    throw CommandFailure(
      place: file == "-" ? "stdin" : file,
      "it does not say which characters it is for: name the charset file of its training with -c",
      status: .usage)
  }

  private func read(_ path: String) throws -> Charset {
    try Charset(reading: InputReader(path: path, interrupted: Signals.isInterrupted))
  }
}
