// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport
import FileSupport
import ModelFile

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what a model is and how it was trained, or what this machine can do.",
    usage: """
      charmodel info [--json | --charset] MODEL ...
      charmodel info --machine [--json]
      """)

  @Flag(help: "Write JSON, a line for each model.")
  var json = false

  @Flag(help: "Write only the model's characters, as a charset file.")
  var charset = false

  @Flag(help: "Tell about this machine: instruction set, processors, memory, and how fast it multiplies.")
  var machine = false

  @Argument(help: "Models to tell about; - is standard input.", completion: .model)
  var models: [String] = []

  func validate() throws {
    if machine && (charset || !models.isEmpty) {
      throw ValidationError("--machine is not about models")
    }
    if !machine && models.isEmpty { throw ValidationError("name a model, or say --machine") }
    if charset && (json || models.count > 1) {
      throw ValidationError("--charset writes one model's charset file and nothing else")
    }
  }

  func run() throws {
    if machine {
      let report = try MachineReport()
      return try withStandardOutput { try $0.write(json ? report.json : Array(report.text.utf8)) }
    }
    let folders = ModelPath()
    let escapes = Terminal(descriptor: 1).isTerminal
    try withStandardOutput { output in
      for (index, path) in models.enumerated() {
        let report = ModelReport(try ModelReader.inspect(path: folders.resolve(path)))
        if charset {
          try output.write(report.charset)
        } else if json {
          try output.write(report.json)
        } else {
          let text = (index > 0 ? "\n" : "") + report.text
          try output.write(escapes ? escapingControls(text) : text)
        }
      }
    }
  }
}
