// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The lines that were typed in earlier sessions, in a file of the user's own.
///
/// One line each, with newlines inside escaped. The file is only ever appended to, a line
/// in one write, so sessions side by side do not disturb each other; when it has grown to twice its bound it is cut
/// at the next start. Whatever stands in the way of a history, there is just none.
public struct LineHistory: Sendable {
  /// Where the lines are.
  public let path: String

  /// The most lines that are brought back.
  public static let limit = 1000
  /// Longer lines are not kept.
  private static let longestLine = 1 << 16
  /// A larger file is none of ours.
  private static let largestFile = 1 << 26

  /// The history of a program in the user's state folder: `$XDG_STATE_HOME`, else `~/.local/state`.
  ///
  /// - Parameters:
  ///   - folder: the folder in there, which is made if need be, for the user alone.
  ///   - name: the file's name.
  ///   - environment: looks up an environment variable.
  /// - Returns: nil where no place is known, or it is not the user's own.
  public init?(folder: String, name: String, environment: (String) -> String?) {
    let place: String
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
      place = "\(state)/\(folder)"
      Self.makeFolders(place)
    } else if let home = environment("HOME"), home.hasPrefix("/") {
      place = "\(home)/.local/state/\(folder)"
      // Where the home is missing none is wanted.
      if access(home, F_OK) == 0 { Self.makeFolders(place) }
    } else {
      return nil
    }
    guard Self.isPrivate(folder: place) else { return nil }
    path = "\(place)/\(name)"
  }

  /// The latest lines, oldest first.
  public func lines() -> [[UInt8]] {
    guard let descriptor = open(O_RDONLY) else { return [] }
    defer { close(descriptor) }
    let reader = InputReader(descriptor: descriptor, name: path)
    guard let bytes = try? reader.readAll(limit: Self.largestFile) else { return [] }
    let written = bytes.split(separator: UInt8(ascii: "\n"))
    let latest = written.suffix(Self.limit)
    if written.count > 2 * Self.limit {
      try? AtomicFile.write(to: path, overwrite: true) { output in
        for line in latest { try output.write(line + [UInt8(ascii: "\n")]) }
      }
    }
    // What was put there by hand is taken as it stands.
    return latest.map { line in (try? Escapes.decode(Array(line), source: path)) ?? Array(line) }
  }

  /// Keeps a line.
  public func append(_ line: [UInt8]) {
    guard !line.isEmpty, line.count <= Self.longestLine else { return }
    guard let descriptor = open(O_WRONLY | O_APPEND | O_CREAT) else { return }
    defer { close(descriptor) }
    let writer = OutputWriter(descriptor: descriptor, name: path)
    // A history that cannot be kept is no reason to bother anybody.
    try? writer.write(Escapes.encode(line) + [UInt8(ascii: "\n")])
    try? writer.flush()
  }

  /// Opens the file if it is, or becomes, a regular file of this user's.
  private func open(_ flags: Int32) -> Int32? {
    let all = flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    #if canImport(Glibc)
      let descriptor = Glibc.open(path, all, 0o600)
    #elseif canImport(Musl)
      let descriptor = Musl.open(path, all, 0o600)
    #else
      let descriptor = Darwin.open(path, all, 0o600)
    #endif
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid()
    else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  private static func makeFolders(_ path: String) {
    guard ForeignLink.first(on: path) == nil else { return }
    for slash in path.indices.dropFirst() where path[slash] == "/" { mkdir(String(path[..<slash]), 0o700) }
    mkdir(path, 0o700)
  }

  /// Whether a path leads to a folder of this user's into which nobody else can put links, not through a link that
  /// somebody else has put on the way.
  private static func isPrivate(folder path: String) -> Bool {
    guard ForeignLink.first(on: path) == nil else { return false }
    var status = stat()
    guard stat(path, &status) == 0, status.st_uid == geteuid() else { return false }
    return status.st_mode & S_IFMT == S_IFDIR && status.st_mode & (S_IWGRP | S_IWOTH) == 0
  }
}
