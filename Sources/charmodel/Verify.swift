// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport
import FileSupport
import ModelFile

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check models: sizes, digest, and that every value is a number.",
    discussion: """
      Prints OK or what is wrong, a line for each file. The status is 65 if a file is damaged or no model, and 66 if \
      one cannot be opened.
      """)

  @Flag(name: .shortAndLong, help: "Print only what is wrong.")
  var quiet = false

  @Argument(
    help: ArgumentHelp("Models to check; - is standard input.", valueName: "model"), completion: .model)
  var models: [String]

  func run() throws {
    var worst: ExitStatus?
    let folders = ModelPath()
    let escapes = Terminal(descriptor: 1).isTerminal
    try withStandardOutput { output in
      for path in models {
        let place = path == "-" ? "stdin" : path
        let line: String
        do {
          _ = try ModelReader.read(path: folders.resolve(path), keepingExtras: true)
          if quiet { continue }
          line = "\(place): OK\n"
        } catch let error as any UserFacingError {
          if let failure = error as? FileError, failure.isInterruption { throw failure }
          line = "\(place): \(error.reason)\n"
          let status = ExitStatus(error.kind)
          // Damage is worse than absence.
          worst = worst == .badData ? worst : status
        }
        try output.write(escapes ? escapingControls(line) : line)
        try output.flush()
      }
    }
    if let worst { throw worst }
  }
}
