// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FileSupport

/// Where a program's result goes: `-o FILE`, and `--force` to replace one.
public struct OutputOptions: ParsableArguments {
  /// The file; nil or `-` is standard output.
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this file instead of standard output, whole or not at all.", valueName: "file"),
    completion: .file())
  public var output: String?

  /// Whether a file that exists may be replaced.
  @Flag(help: "Replace the output file if it exists.")
  public var force = false

  /// Nothing was typed: standard output.
  public init() {}

  /// Whether the result goes to standard output.
  public var isStandardOutput: Bool { output == nil || output == "-" }

  /// Runs `body` with a writer for the result.
  public func write(_ body: (OutputWriter) throws -> Void) throws {
    // An interrupted program ends by that signal all the same, but leaves no half-written file behind.
    Signals.catchInterrupts()
    if let output, !isStandardOutput {
      try AtomicFile.write(to: output, overwrite: force, body)
    } else {
      try withStandardOutput(body)
    }
  }

  /// Refuses to write bytes that are no text to a terminal, where they would only do harm.
  ///
  /// - Parameters:
  ///   - bytes: what they are, such as `ids are`.
  ///   - hint: what else to do than to name a file, with a comma before it.
  public func refuseTerminal(_ bytes: String, or hint: String = "") throws {
    guard isStandardOutput, Terminal(descriptor: 1).isTerminal else { return }
    throw CommandFailure(
      "\(bytes) binary and standard output is a terminal; use -o FILE\(hint)", status: .usage)
  }
}
