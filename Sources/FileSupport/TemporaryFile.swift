// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A hidden file that either takes its target's place or disappears.
final class TemporaryFile {
  /// Open for writing until the file is published or discarded.
  let descriptor: Int32

  private var isOpen = true
  private let path: String
  private let target: String
  /// The target as it was given, for messages.
  private let shownPath: String
  /// How often another name is tried when a file of that name is there already.
  private static let attempts = 100

  /// Creates a hidden, empty file beside `target`.
  ///
  /// - Parameters:
  ///   - target: where the file shall be in the end, not a symlink.
  ///   - shownPath: what messages call it.
  ///   - replaced: facts about the file that it replaces, whose mode bits and, as far as the system lets us,
  ///     owner it takes over.
  /// - Throws: `FileError` with the operation `create`.
  init(for target: String, shownAs shownPath: String, replacing replaced: stat?) throws(FileError) {
    let mode = replaced.map { UInt32($0.st_mode) & 0o777 } ?? 0o666
    // A name may be 255 bytes long; what is added takes 28, a scalar at most 4.
    let stem = String(String.UnicodeScalarView(FilePath.name(of: target).unicodeScalars.prefix(50)))
    let folder = FilePath.folder(of: target)
    var remaining = Self.attempts
    while true {
      let number = String(UInt64.random(in: .min ... .max), radix: 36)
      let path = "\(folder)/.\(stem).\(number).part"
      do {
        descriptor = try SystemCall.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        self.path = path
        break
      } catch {
        remaining -= 1
        if error.code != EEXIST || remaining == 0 {
          throw FileError(shownPath, .create, code: error.code)
        }
      }
    }
    self.target = target
    self.shownPath = shownPath
    if let replaced {
      // Only root may give files away; for others the new owner is whoever replaces the file. The owner comes
      // first because changing it clears some mode bits.
      _ = fchown(descriptor, replaced.st_uid, replaced.st_gid)
      if fchmod(descriptor, replaced.st_mode & 0o7777) != 0 {
        let code = errno
        discard()
        throw FileError(shownPath, .create, code: code)
      }
    }
  }

  /// Closes and removes the file.
  func discard() {
    if isOpen { close(descriptor) }
    isOpen = false
    unlink(path)
  }

  /// Brings the file to the disk and gives it its name; the caller discards it if that fails.
  ///
  /// Without `overwrite` a file that has appeared at the target meanwhile stays, and `exists` is thrown.
  ///
  /// - Throws: `FileError` with the operation `sync`, `rename` or `exists`.
  func publish(overwrite: Bool) throws(FileError) {
    try synchronize(descriptor)
    isOpen = false
    // Only here a network file system may tell that it had no room.
    if close(descriptor) != 0 && errno != EINTR { throw FileError(shownPath, .write, code: errno) }
    if overwrite {
      try rename()
    } else {
      try link()
    }
    try synchronizeFolder()
  }

  private func rename() throws(FileError) {
    #if canImport(Glibc)
      let result = Glibc.rename(path, target)
    #elseif canImport(Musl)
      let result = Musl.rename(path, target)
    #else
      let result = Darwin.rename(path, target)
    #endif
    if result != 0 { throw FileError(shownPath, .rename, code: errno) }
  }

  /// Gives the file its name unless that is taken: `link` refuses where `rename` would replace.
  private func link() throws(FileError) {
    #if canImport(Glibc)
      let result = Glibc.link(path, target)
    #elseif canImport(Musl)
      let result = Musl.link(path, target)
    #else
      let result = Darwin.link(path, target)
    #endif
    if result == 0 {
      unlink(path)
      return
    }
    switch errno {
    case EEXIST: throw FileError(shownPath, .exists, code: EEXIST)
    case EPERM, ENOTSUP, ENOSYS, EMLINK: try renameOverPlaceholder()
    default: throw FileError(shownPath, .rename, code: errno)
    }
  }

  /// Takes the name with an empty file first, for file systems that have no hard links.
  private func renameOverPlaceholder() throws(FileError) {
    do {
      close(try SystemCall.open(target, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600))
    } catch {
      throw FileError(shownPath, error.code == EEXIST ? .exists : .rename, code: error.code)
    }
    do {
      try rename()
    } catch {
      unlink(target)
      throw error
    }
  }

  private func synchronizeFolder() throws(FileError) {
    // A folder that may be written to but not read cannot be opened; the file itself is safe by then.
    guard let folder = try? SystemCall.open(FilePath.folder(of: target), O_RDONLY | O_DIRECTORY) else {
      return
    }
    defer { close(folder) }
    try synchronize(folder)
  }

  private func synchronize(_ descriptor: Int32) throws(FileError) {
    #if canImport(Darwin)
      // There fsync leaves the bytes in the drive's own memory.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
    #endif
    while fsync(descriptor) != 0 {
      let code = errno
      // Some file systems have nothing to synchronise and say so.
      if code == EINVAL || code == ENOTSUP || code == EROFS { return }
      if code != EINTR { throw FileError(shownPath, .sync, code: code) }
    }
  }
}
