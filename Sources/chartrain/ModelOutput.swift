// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport
import FileSupport
import ModelFile

/// Where a run's files go: its model, and while it lasts its checkpoint.
struct ModelOutput {
  /// The model's path; nil for standard output.
  let path: String?
  /// Whether files that are there may be replaced.
  let overwrite: Bool

  private static let checkpointEnding = ".checkpoint"

  /// Where the model goes must be clear before hours are spent on it.
  ///
  /// - Parameters:
  ///   - typed: the path that was typed.
  ///   - resumed: the checkpoint of a run that is resumed, which may replace its own files.
  ///   - keepsCheckpoints: whether a checkpoint is going to be written.
  init(_ typed: String?, force: Bool, resumed: String?, keepsCheckpoints: Bool) throws {
    if let resumed, typed == nil {
      guard resumed.hasSuffix(Self.checkpointEnding), resumed.utf8.count > Self.checkpointEnding.utf8.count
      else {
        throw CommandFailure(
          place: resumed,
          "its name does not tell the model's, MODEL\(Self.checkpointEnding): name one with -o",
          status: .usage)
      }
      path = String(resumed.dropLast(Self.checkpointEnding.count))
    } else {
      path = typed == "-" ? nil : typed
    }
    overwrite = force || resumed != nil
    guard let path else {
      if Terminal(descriptor: 1).isTerminal {
        throw CommandFailure(
          "standard output is a terminal: name a file for the model with -o", status: .usage)
      }
      return
    }
    if keepsCheckpoints { try Self.checkCheckpoint(path + Self.checkpointEnding, overwrite: overwrite) }
    try AtomicFile.checkWritable(path, overwrite: overwrite)
  }

  private static func checkCheckpoint(_ path: String, overwrite: Bool) throws {
    do {
      try AtomicFile.checkWritable(path, overwrite: overwrite)
    } catch {
      guard error.operation == .exists else { throw error }
      throw CommandFailure(
        place: path, "already exists: go on from it with --resume, or use --force to replace it",
        status: .cannotCreate)
    }
  }

  /// The checkpoint's path; nil where the model is not a file.
  var checkpointPath: String? { path.map { $0 + Self.checkpointEnding } }

  /// Writes a checkpoint in place of the one before.
  func writeCheckpoint(_ checkpoint: Model) throws {
    guard let checkpointPath else { return }
    try AtomicFile.write(to: checkpointPath, overwrite: true) { try ModelWriter.write(checkpoint, to: $0) }
  }

  /// Removes the checkpoint of a run that has come to its good end.
  func removeCheckpoint() {
    if let checkpointPath { AtomicFile.remove(checkpointPath) }
  }

  /// Writes the model; returns where to, in words.
  func write(_ model: Model) throws -> String {
    do {
      guard let path else {
        try withStandardOutput { try ModelWriter.write(model, to: $0) }
        return "standard output"
      }
      try AtomicFile.write(to: path, overwrite: overwrite) { try ModelWriter.write(model, to: $0) }
      return path
    } catch let failure as FileError {
      throw rescued(model, from: failure) ?? failure
    }
  }

  /// Saves a model that cannot go where it should: it may be hours of work.
  ///
  /// It goes beside a file that has appeared there meanwhile, or else among temporary files. From a reader that has
  /// gone away nothing is saved: it had its chance.
  private func rescued(_ model: Model, from failure: FileError) -> CommandFailure? {
    guard !failure.isClosedPipe else { return nil }
    let temporary = Terminal.processEnvironment("TMPDIR") ?? "/tmp"
    let places = failure.operation == .exists ? [failure.path + ".rescued", temporary] : [temporary]
    for place in places {
      let path = place == temporary ? "\(temporary)/chartrain-\(Machine.randomSeed()).safetensors" : place
      guard
        (try? AtomicFile.write(to: path, overwrite: false) { try ModelWriter.write(model, to: $0) }) != nil
      else { continue }
      return CommandFailure(
        place: failure.place, "\(failure.reason); the model was written to \(path)",
        status: ExitStatus(failure.kind))
    }
    return nil
  }
}
