// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What can be said about a path from its text and from the symlinks it ends in.
enum FilePath {
  /// As many symlinks in a row as Linux follows itself.
  static let mostSymlinks = 40

  /// The folder that holds the file at `path`.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    let folder = path[..<slash]
    return folder.isEmpty ? "/" : String(folder)
  }

  /// The last component of `path`.
  static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// The descriptor that a path names outright: `-`, `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`.
  static func standardDescriptor(_ path: String) -> Int32? {
    switch path {
    case "-", "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default:
      for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
        let digits = path.dropFirst(folder.count)
        if digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return Int32(digits) }
      }
      return nil
    }
  }

  /// Where `path` leads once the symlinks it ends in are followed, even if nothing is there yet.
  ///
  /// The system follows those in the folders by itself; `realpath` would refuse a link to nothing.
  static func followingSymlinks(_ path: String) throws(SystemError) -> String {
    var current = path
    for _ in 0...mostSymlinks {
      guard let target = symlinkTarget(of: current) else { return current }
      current = target.hasPrefix("/") ? target : folder(of: current) + "/" + target
    }
    throw SystemError(code: ELOOP)
  }

  /// What the symlink at `path` holds; nil if that is no symlink.
  static func symlinkTarget(of path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlink(path, start, buffer.count)
      if count < 0 { return nil }
      return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }
}
