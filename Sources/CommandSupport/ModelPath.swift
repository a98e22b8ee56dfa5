// SPDX-License-Identifier: GPL-3.0-or-later

import CSystem
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Finds models that are given by name, in the folders where models are kept.
///
/// These are, in this order: those in `CHARTOOLS_MODELS`, separated by colons; the user's, `chartools/models` in
/// `XDG_DATA_HOME` or else in `~/.local/share`; that of the installation, `../share/chartools/models` from the
/// program; and `Models` in the checkout that the program was built in.
public struct ModelPath: Sendable {
  /// The model that is meant when none is named.
  public static let defaultName = "shakespeare"
  /// What a model's file ends in.
  public static let suffix = ".safetensors"

  /// Where models are looked for, in order.
  public let folders: [String]

  /// The folders of this process.
  ///
  /// - Parameters:
  ///   - environment: looks up an environment variable.
  ///   - executable: the absolute path of the program; nil if that is not known.
  public init(
    environment: (String) -> String? = Terminal.processEnvironment,
    executable: String? = Self.executablePath()
  ) {
    var folders = (environment("CHARTOOLS_MODELS") ?? "").split(separator: ":").map(String.init)
    if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") {
      folders.append(data + "/chartools/models")
    } else if let home = environment("HOME"), home.hasPrefix("/") {
      folders.append(home + "/.local/share/chartools/models")
    }
    if let executable {
      let parts = executable.split(separator: "/").dropLast()
      func folder(_ parts: ArraySlice<Substring>, _ name: String) -> String {
        "/" + (parts.map(String.init) + [name]).joined(separator: "/")
      }
      if parts.last == "bin" { folders.append(folder(parts.dropLast(), "share/chartools/models")) }
      if let build = parts.lastIndex(of: ".build") { folders.append(folder(parts[..<build], "Models")) }
    }
    self.folders = folders
  }

  /// The path of the model that was typed: `-`, a file, or the name of a model that the folders have, with or without
  /// `.safetensors`.
  ///
  /// What has a slash in it, or is a file here, is never looked for elsewhere.
  ///
  /// - Parameter typed: nil for the default model, which is looked for in the folders alone.
  /// - Throws: `ModelPathError`.
  public func resolve(_ typed: String?) throws(ModelPathError) -> String {
    if let typed, typed == "-" || typed.contains("/") || FileFacts(typed) != nil { return typed }
    let name = typed ?? Self.defaultName
    for folder in folders where !name.isEmpty && !name.hasPrefix(".") {
      for file in [name + Self.suffix, name] {
        let path = folder + "/" + file
        guard let facts = FileFacts(path), facts.isRegular else { continue }
        if let link = ForeignLink.first(on: path) { throw .foreignLink(link) }
        return path
      }
    }
    throw .notFound(name, isDefault: typed == nil, folders: folders)
  }

  /// A model that can be given by name.
  public struct Entry: Equatable, Sendable {
    /// The name to give.
    public let name: String
    /// The file's size in bytes.
    public let size: Int
    /// Where it is.
    public let path: String
  }

  /// The models in the folders, each name once, as `resolve` would find it; by name.
  public func list() -> [Entry] {
    var entries: [String: Entry] = [:]
    for folder in folders where ForeignLink.first(on: folder) == nil {
      for file in Folder.entries(folder).map(\.name) where file.hasSuffix(Self.suffix) && !file.hasPrefix(".")
      {
        let path = folder + "/" + file
        let name = Self.name(ofFile: file)
        guard entries[name] == nil, ForeignLink.first(on: path) == nil, let facts = FileFacts(path),
          facts.isRegular
        else { continue }
        entries[name] = Entry(name: name, size: facts.size, path: path)
      }
    }
    return entries.values.sorted { $0.name < $1.name }
  }

  /// The name of a model's file: `hamlet` of `models/hamlet.safetensors`.
  public static func name(ofFile path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(suffix) ? String(file.dropLast(suffix.count)) : file
  }

  /// The path of the program that runs; nil where the system does not tell.
  public static func executablePath() -> String? {
    #if os(Linux)
      return withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
        guard let start = buffer.baseAddress else { return nil }
        let count = readlink("/proc/self/exe", start, buffer.count)
        if count > 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
        // Without /proc there is what the program was started by, links and all.
        guard let started = chartools_started_path(), let path = realpath(started, nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
      }
    #else
      var size = UInt32(PATH_MAX)
      return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
        guard let start = buffer.baseAddress, _NSGetExecutablePath(start, &size) == 0 else { return nil }
        guard let path = realpath(start, nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
      }
    #endif
  }
}

/// A model that was given by name and cannot be had.
public enum ModelPathError: UserFacingError, Equatable {
  /// In none of the folders.
  case notFound(String, isDefault: Bool, folders: [String])
  /// A link that another user has put on the way, which may lead anywhere.
  case foreignLink(String)

  /// The name, or the link.
  public var place: String? {
    switch self {
    case .notFound(let name, _, _): name
    case .foreignLink(let path): path
    }
  }

  /// Where it was looked for.
  public var reason: String {
    switch self {
    case .notFound(_, let isDefault, let folders):
      (isDefault ? "the default model is not there" : "no such file, and no model of that name")
        + "; looked in \(folders.isEmpty ? "no folder" : folders.joined(separator: ", "))"
        + (isDefault ? "; name another one with -m" : "")
    case .foreignLink:
      "a link that belongs to another user is not followed"
    }
  }

  /// An input that is not there.
  public var kind: ErrorKind { .noInput }
}

/// What the system says about a file.
private struct FileFacts {
  let isRegular: Bool
  let size: Int

  /// nil if there is none at `path`; of a link's target.
  init?(_ path: String) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    isRegular = facts.st_mode & S_IFMT == S_IFREG
    size = Int(facts.st_size)
  }
}
