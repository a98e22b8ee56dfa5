// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Symlinks that another user has put in the way, which may lead anywhere.
///
/// In a folder that several users may write to, whoever places a link decides what is read or written through it. Links
/// of this user's and of root's are followed: they could do harm without.
public enum ForeignLink {
  /// The first symlink on the way to `path`, the last component included, that belongs neither to this user nor to
  /// root; nil if there is none.
  ///
  /// Links are taken apart one by one, so that also those are seen to which other links lead. The way ends where
  /// nothing is.
  ///
  /// - Parameters:
  ///   - path: absolute, or relative to the current folder.
  ///   - user: who may place links, beside root.
  public static func first(on path: String, user: uid_t = geteuid()) -> String? {
    var way = path.hasPrefix("/") ? "/" : ""
    var ahead = components(path)
    var links = 0
    while let next = ahead.popLast() {
      let place = way + next
      var facts = stat()
      guard lstat(place, &facts) == 0 else { return nil }
      guard facts.st_mode & S_IFMT == S_IFLNK else {
        way = place + "/"
        continue
      }
      if facts.st_uid != user && facts.st_uid != 0 { return place }
      links += 1
      guard links <= FilePath.mostSymlinks, let target = FilePath.symlinkTarget(of: place) else { return nil }
      if target.hasPrefix("/") { way = "/" }
      ahead += components(target)
    }
    return nil
  }

  /// The components of a path, the first one last.
  private static func components(_ path: String) -> [Substring] {
    path.split(separator: "/").filter { $0 != "." }.reversed()
  }
}
