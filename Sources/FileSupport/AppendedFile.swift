// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that only ever grows: a log.
public final class AppendedFile {
  /// Whether the file held nothing when it was opened.
  public let wasEmpty: Bool
  /// Writes behind what the file holds, a line at a time.
  public let writer: OutputWriter
  private let descriptor: Int32

  /// Opens `path` for appending and makes it if there is none.
  ///
  /// - Throws: `FileError` of creating it.
  public init(path: String) throws(FileError) {
    do {
      descriptor = try SystemCall.open(path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o666)
    } catch {
      throw FileError(path, .create, code: error.code)
    }
    wasEmpty = lseek(descriptor, 0, SEEK_END) <= 0
    writer = OutputWriter(descriptor: descriptor, name: path, buffering: .lines)
  }

  deinit { close(descriptor) }
}
