// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import FileSupport

extension CompletionKind {
  /// How a shell completes a model: by the names that can be given, and by files.
  public static var model: CompletionKind {
    .custom { _, _, typed in
      // bash marks folders by itself.
      ModelCompletion.candidates(
        typed, models: ModelPath().list().map(\.name),
        folderMark: CompletionShell.requesting == .bash ? "" : "/")
    }
  }
}

/// What a word that was begun can become where a model is wanted.
enum ModelCompletion {
  /// - Parameters:
  ///   - typed: the beginning of the word.
  ///   - models: the names of the models there are.
  ///   - folderMark: what is put behind folders.
  /// - Returns: models first, then files and folders, each once, those whose names begin with a dot if that was typed.
  static func candidates(_ typed: String, models: [String], folderMark: String) -> [String] {
    let slash = typed.lastIndex(of: "/")
    let folder = slash.map { String(typed[...$0]) } ?? ""
    let begun = slash.map { typed[typed.index(after: $0)...] } ?? typed[...]
    let names = models.filter { slash == nil && $0.hasPrefix(typed) }
    let files = Folder.entries(folder.isEmpty ? "." : folder).filter { entry in
      entry.name.hasPrefix(begun) && (begun.hasPrefix(".") || !entry.name.hasPrefix("."))
        && (entry.isFolder || entry.name.hasSuffix(ModelPath.suffix))
    }
    return names
      + files.map { folder + $0.name + ($0.isFolder ? folderMark : "") }.filter { !names.contains($0) }
  }
}
