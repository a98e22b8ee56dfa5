// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CharText
import CommandSupport
import FileSupport

extension TextUnit: WordChoice {}

/// The files to read.
struct Inputs: ParsableArguments {
  @Argument(
    help: "Files to read, as one text; - is standard input, read also when there are none.",
    completion: .file())
  var files: [String] = []

  /// Whether standard input is among them.
  var includeStandardInput: Bool { files.isEmpty || files.contains("-") }

  /// Opens the files, one at a time, so that any number will do.
  func readEach(_ body: (InputReader) throws -> Void) throws {
    for path in files.isEmpty ? ["-"] : files {
      try body(InputReader(path: path, interrupted: Signals.isInterrupted))
    }
  }
}

/// How text is read.
struct Reading: ParsableArguments {
  @Flag(help: "Replace ill-formed UTF-8 by U+FFFD instead of refusing it.")
  var lossy = false
}

/// The charset to apply.
struct CharsetOption: ParsableArguments {
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The charset file; - is standard input.", valueName: "charset"),
    completion: .file())
  var charset: String

  /// Standard input can be only one thing.
  func validate(beside inputs: Inputs) throws {
    if charset == "-" && inputs.includeStandardInput {
      throw ValidationError("Standard input cannot be both the charset and what is read with it.")
    }
  }

  func read() throws -> Charset {
    try Charset(reading: InputReader(path: charset, interrupted: Signals.isInterrupted))
  }
}
