// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is in a folder, and folders that output files go into.
public enum Folder {
  /// A file or folder in it.
  public struct Entry: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Whether it is, or leads to, a folder.
    public let isFolder: Bool
  }

  /// What the folder at `path` holds, by name, without itself and the one above; nothing if it cannot be read.
  public static func entries(_ path: String) -> [Entry] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var entries: [Entry] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { name in
        String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != ".." else { continue }
      var facts = stat()
      let isFolder = stat("\(path)/\(name)", &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
      entries.append(Entry(name: name, isFolder: isFolder))
    }
    return entries.sorted { $0.name < $1.name }
  }

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
