// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Says things to people on standard error: `program: place: reason`.
///
/// On a terminal control characters are shown escaped, because names and text come from anywhere. A message
/// that cannot be written is lost: there is nobody left to tell.
public struct Messages {
  /// What every message begins with.
  public let program: String
  /// The line that has to make way for a message.
  public let progress: ProgressLine?

  private let descriptor: Int32
  private let escapes: Bool

  /// Messages of a program.
  ///
  /// - Parameters:
  ///   - program: the program's name.
  ///   - progress: a line that is wiped before a message is shown.
  ///   - descriptor: where messages go.
  public init(program: String, progress: ProgressLine? = nil, descriptor: Int32 = STDERR_FILENO) {
    self.program = program
    self.progress = progress
    self.descriptor = descriptor
    escapes = Terminal(descriptor: descriptor).isTerminal
  }

  /// Shows `program: place: reason`; for warnings, after which the program goes on.
  public func warn(_ reason: String, place: String? = nil) {
    show(Self.line(reason, place: place))
  }

  /// Shows `program: text`.
  public func show(_ text: String) {
    print("\(program): \(text)")
  }

  /// Shows a line as it is, without the program's name: a report or a table row.
  public func print(_ text: String) {
    progress?.clear()
    let line = escapes ? escapingControls(text) : text
    Self.send(line.hasSuffix("\n") ? line : line + "\n", to: descriptor)
  }

  /// Sends text in one write, so that the lines of several programs do not mix.
  static func send(_ text: String, to descriptor: Int32) {
    let writer = OutputWriter(descriptor: descriptor, name: "stderr", interruptible: true)
    try? writer.write(text)
    try? writer.flush()
  }

  static func line(_ reason: String, place: String?) -> String {
    guard let place else { return reason }
    return "\(place): \(reason)"
  }
}
