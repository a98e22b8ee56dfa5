// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CommandSupport
import FileSupport
import ModelFile

/// Gives the logits of a model, for the scripts in Tests/Reference that compare other programs' with them.
@main
struct Logits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logits",
    abstract: "Write what a model makes of ids on standard input, from the zero state on.",
    discussion: "Ids are 16-bit, as chartok encode writes them; logits [T, V] are 32-bit floats.")

  @Argument(help: "The model.")
  var model: String

  static func main() { Program.main(Self.self) }

  func run() throws {
    let model = try ModelReader.read(path: model)
    let file = try FileContents(path: "-")
    let ids = file.bytes.bindMemory(to: UInt16.self)
    let configuration = model.parameters.configuration
    guard ids.allSatisfy({ $0 < configuration.symbolCount }), let start = ids.baseAddress else {
      throw CommandFailure("no ids, or some beyond the model's characters", status: .badData)
    }
    let network = Network(
      model.parameters, kernels: try Kernels(environment: Terminal.processEnvironment))
    let chunk = Chunk(configuration, rows: 1, capacity: ids.count)
    withExtendedLifetime(file) { network.forward(start, steps: ids.count, chunk: chunk) }
    network.decode(steps: 0..<ids.count, chunk: chunk)
    try withStandardOutput { output in
      try output.write(UnsafeRawBufferPointer(UnsafeBufferPointer(chunk.logits.elements)))
    }
  }
}
