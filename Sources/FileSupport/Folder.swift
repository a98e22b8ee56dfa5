// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Folders that output files go into.
public enum Folder {
  /// Makes the folder at `path`, unless there is one.
  ///
  /// - Throws: `FileError` with the operation `create`, also when something else is there.
  public static func create(_ path: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    guard code == EEXIST else { throw FileError(path, .create, code: code) }
    guard isFolder(path) else { throw FileError(path, .create, code: ENOTDIR) }
  }

  /// Whether `path` leads to a folder.
  public static func isFolder(_ path: String) -> Bool {
    do {
      return try SystemCall.status(of: path).isDirectory
    } catch {
      return false
    }
  }
}
