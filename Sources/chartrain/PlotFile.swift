// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport
import FileSupport
import Training

/// The drawing of a run, kept up to date in a file.
final class PlotFile {
  private let path: String
  private let messages: Messages
  /// Whether a drawing takes the place of the one before; on standard output and devices all would be shown.
  private let isReplaced: Bool
  private var lastWritten = -Double.infinity
  private var hasFailed = false

  /// Seconds between two drawings: a file that is brought safely to the disk takes its time.
  private static let interval = 2.0

  /// Checks that the file can be written, before hours are spent on what it shows.
  ///
  /// - Throws: `FileError`.
  init(path: String, overwrite: Bool, messages: Messages) throws {
    try AtomicFile.checkWritable(path, overwrite: overwrite)
    self.path = path
    isReplaced = path != "-" && !path.hasPrefix("/dev/")
    self.messages = messages
  }

  /// Draws, unless that was done a moment ago and the run goes on.
  func write(_ plot: @autoclosure () -> LossPlot, isLast: Bool = false) {
    let now = ProgressLine.monotonicSeconds()
    guard !hasFailed, isLast || isReplaced && now - lastWritten >= Self.interval else { return }
    lastWritten = now
    do {
      let drawing = plot().svg()
      try AtomicFile.write(to: path, overwrite: true) { try $0.write(drawing) }
    } catch {
      // The training is worth more.
      hasFailed = true
      let reason = (error as? FileError)?.reason ?? "\(error)"
      messages.warn("the plot is not written any further: \(reason)", place: path)
    }
  }
}
