// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Output files that appear whole or not at all.
///
/// A regular file is written under a hidden name beside its place, brought to the disk and only then given
/// its name; whatever goes wrong, the hidden file is removed and a file that was there before is untouched.
/// A symlink stays and the file it points to is replaced. A FIFO or a device, and standard output (`-`,
/// `/dev/stdout`, `/dev/fd/N`), cannot be replaced and are written directly.
public enum AtomicFile {
  /// Writes what `body` writes to the file at `path`.
  ///
  /// - Parameters:
  ///   - path: where the file shall be; `-` is standard output.
  ///   - overwrite: whether an existing regular file may be replaced; its mode bits are kept.
  ///   - body: writes the contents; it need not flush. When it throws, nothing is left behind.
  /// - Throws: what `body` throws, or `FileError`: `create` or `exists` when the file cannot be made, `write`
  ///   or `sync` when its bytes cannot be kept, `rename` when it cannot be given its name.
  public static func write(
    to path: String, overwrite: Bool, _ body: (OutputWriter) throws -> Void
  ) throws {
    switch try Destination(path, overwrite: overwrite) {
    case .descriptor(let descriptor, let name):
      let writer = OutputWriter(
        descriptor: descriptor, name: name, interruptible: !SystemCall.isInterrupted)
      try body(writer)
      try writer.flush()
    case .special:
      try writeDirectly(path, body)
    case .regular(let target, let replacing):
      let temporary = try TemporaryFile(for: target, shownAs: path, replacing: replacing)
      let writer = OutputWriter(descriptor: temporary.descriptor, name: path)
      do {
        try body(writer)
        try writer.flush()
        try temporary.publish(overwrite: overwrite)
      } catch {
        temporary.discard()
        throw error
      }
    }
  }

  /// Checks that `write(to:overwrite:_:)` may be expected to work, before hours are spent on the contents.
  ///
  /// - Throws: `FileError` with the operation `exists` for an existing regular file that may not be replaced,
  ///   or `create` for a directory, or a folder that is missing or cannot be written to.
  public static func checkWritable(_ path: String, overwrite: Bool) throws(FileError) {
    let place: String
    let permissions: Int32
    switch try Destination(path, overwrite: overwrite) {
    case .descriptor: return
    case .special: (place, permissions) = (path, W_OK)
    case .regular(let target, _): (place, permissions) = (FilePath.folder(of: target), W_OK | X_OK)
    }
    if access(place, permissions) != 0 { throw FileError(path, .create, code: errno) }
  }

  /// Whether `write(to:overwrite:_:)` would make a regular file at `path`, beside which others can stand, rather than
  /// write into a pipe or a device.
  public static func makesRegularFile(_ path: String) -> Bool {
    guard case .regular? = try? Destination(path, overwrite: true) else { return false }
    return true
  }

  /// Whether two paths lead to one regular file, or would if there were one: what is written to the one takes the place
  /// of what is read from, or written to, the other.
  public static func isSameFile(_ one: String, _ other: String) -> Bool {
    guard case .regular(let one, let first)? = try? Destination(one, overwrite: true),
      case .regular(let other, let second)? = try? Destination(other, overwrite: true)
    else { return false }
    if let first, let second { return first.isSameFile(as: second) }
    guard first == nil, second == nil, FilePath.name(of: one) == FilePath.name(of: other),
      let folder = try? SystemCall.status(of: FilePath.folder(of: one)),
      let otherFolder = try? SystemCall.status(of: FilePath.folder(of: other))
    else { return false }
    return folder.isSameFile(as: otherFolder)
  }

  /// Removes a file that was written here, if it is still there.
  public static func remove(_ path: String) { unlink(path) }

  private static func writeDirectly(_ path: String, _ body: (OutputWriter) throws -> Void) throws {
    let descriptor: Int32
    do {
      descriptor = try SystemCall.open(path, O_WRONLY | O_NOCTTY)
    } catch {
      throw FileError(path, .create, code: error.code)
    }
    defer { close(descriptor) }
    // What is written because a signal has come, as what was learned until then, waits for its reader.
    let writer = OutputWriter(descriptor: descriptor, name: path, interruptible: !SystemCall.isInterrupted)
    try body(writer)
    try writer.flush()
  }
}

/// What an output path stands for.
private enum Destination {
  /// A descriptor that this process was given, which opening anew would cut short or not reach.
  case descriptor(Int32, name: String)
  /// A FIFO or a device, which takes bytes but cannot be replaced.
  case special
  /// A regular file at `path`, all symlinks followed; `replacing` has the facts about the one there is.
  case regular(path: String, replacing: stat?)

  init(_ path: String, overwrite: Bool) throws(FileError) {
    if let descriptor = FilePath.standardDescriptor(path) {
      self = .descriptor(descriptor, name: path == "-" ? "stdout" : path)
      return
    }
    let target: String
    let facts: stat?
    do throws(SystemError) {
      // A path that ends in a slash names a directory, there or not.
      if path.hasSuffix("/") { throw SystemError(code: EISDIR) }
      target = try FilePath.followingSymlinks(path)
      if path.isEmpty { throw SystemError(code: ENOENT) }
      facts = try SystemCall.statusIfPresent(of: target)
      if facts?.isDirectory == true { throw SystemError(code: EISDIR) }
    } catch {
      throw FileError(path, .create, code: error.code)
    }
    if let facts, !facts.isRegularFile {
      self = .special
    } else if facts != nil && !overwrite {
      throw FileError(path, .exists, code: EEXIST)
    } else {
      self = .regular(path: target, replacing: facts)
    }
  }
}
