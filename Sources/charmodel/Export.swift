// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharText
import CommandSupport
import Exchange
import FileSupport
import ModelFile

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model as another program's file.",
    discussion: """
      keras: a .npz file with the arrays of get_weights(), and beside it the characters, in FILE.charset. tfjs: a \
      folder with model.json and files of weights, for tf.loadLayersModel. onnx: a graph from ids and state to logits \
      and state. PyTorch opens the model itself: see charmodel(1).
      """)

  enum Format: String, WordChoice {
    case keras
    case tfjs
    case onnx
  }

  @Option(help: ArgumentHelp("What to write.", valueName: "format"))
  var to: Format

  @OptionGroup var output: OutputOptions

  @Argument(help: "The model; - is standard input.", completion: .model)
  var model: String

  func validate() throws {
    if to == .tfjs && output.isStandardOutput {
      throw ValidationError("tfjs makes several files: name a folder for them with -o")
    }
  }

  func run() throws {
    try output.refuseTerminal("the file is")
    let model = try ModelReader.read(path: ModelPath().resolve(model))
    switch to {
    case .keras: try writeKeras(model)
    case .tfjs: try writeTensorFlowJS(model, into: output.output ?? ".")
    case .onnx:
      try output.write { try ONNXWriter.write(model, programVersion: Version.number, to: $0) }
    }
  }

  /// The characters go along where they can stand beside the file.
  private func writeKeras(_ model: Model) throws {
    let path = output.output.flatMap { AtomicFile.makesRegularFile($0) ? $0 : nil }
    let charset = path.map(CharsetSource.companion)
    for path in [path, charset].compactMap(\.self) {
      try AtomicFile.checkWritable(path, overwrite: output.force)
    }
    try output.write { try KerasArchive.write(model, to: $0) }
    if let charset {
      try AtomicFile.write(to: charset, overwrite: output.force) { try $0.write(model.charset.serialized()) }
    }
  }

  /// `model.json` comes last, when what it names is there.
  private func writeTensorFlowJS(_ model: Model, into folder: String) throws {
    let writer = TensorFlowJSWriter(model, programVersion: Version.number)
    let names = writer.shardNames
    Signals.catchInterrupts()
    try Folder.create(folder)
    func path(_ name: String) -> String { folder.hasSuffix("/") ? folder + name : folder + "/" + name }
    for name in names + [TensorFlowJSWriter.modelName] {
      try AtomicFile.checkWritable(path(name), overwrite: output.force)
    }
    for (index, name) in names.enumerated() {
      if Signals.pending != nil { return }
      try AtomicFile.write(to: path(name), overwrite: output.force) { try writer.writeShard(index, to: $0) }
    }
    try AtomicFile.write(to: path(TensorFlowJSWriter.modelName), overwrite: output.force) {
      try $0.write(writer.modelJSON())
    }
  }
}
