// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import Exchange
import FileSupport
import ModelFile

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a model of another program's file.",
    discussion: """
      keras: a .npz file, numpy.savez(FILE, *model.get_weights()). tfjs: a model.json, or its folder. pytorch: a \
      safetensors file of a state_dict(). The network must be LSTM layers on one-hot input under a dense layer.
      """)

  enum Format: String, WordChoice {
    case keras
    case tfjs
    case pytorch
  }

  @Option(help: ArgumentHelp("What to read.", valueName: "format"))
  var from: Format

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The charset that gave the ids; else the file's own, or FILE.charset.", valueName: "charset"),
    completion: .file())
  var charset: String?

  @Flag(help: "The model is one of lines that each stand for itself, as chartrain --records makes them.")
  var records = false

  @OptionGroup var output: OutputOptions

  @Argument(help: "The file; - is standard input, but for tfjs.", completion: .file())
  var file: String

  func validate() throws {
    if file == "-" && charset == "-" {
      throw ValidationError("standard input cannot be both the file and the charset")
    }
    if file == "-" && from == .tfjs {
      throw ValidationError("a tfjs model is several files: name its folder or its model.json")
    }
  }

  func run() throws {
    try output.refuseTerminal("a model is")
    let foreign = try read()
    let charset = try CharsetSource(option: charset, file: file).read(embedded: foreign.charset)
    let symbolCount = foreign.parameters.configuration.symbolCount
    guard charset.count == symbolCount else {
      throw CommandFailure(
        place: file == "-" ? "stdin" : file,
        "it is for \(symbolCount) characters, and the charset has \(charset.count)", status: .badData)
    }
    let isOfRecords = records || foreign.isOfRecords
    if isOfRecords && charset.newlineID == nil {
      throw CommandFailure(
        place: file, "records end with a newline, which the charset does not have", status: .badData)
    }
    let model = Model(charset: charset, parameters: foreign.parameters, isOfRecords: isOfRecords)
    try output.write { try ModelWriter.write(model, to: $0) }
  }

  private func read() throws -> ForeignModel {
    switch from {
    case .keras: try whole { (bytes, name) in ForeignModel(try KerasArchive.read(bytes, name: name)) }
    case .pytorch: try whole { (bytes, name) in try PyTorchReader.read(bytes, name: name) }
    case .tfjs: try TensorFlowJSReader.read(path: modelPath)
    }
  }

  private func whole(
    _ body: (UnsafeRawBufferPointer, String) throws -> ForeignModel
  ) throws -> ForeignModel {
    // The values take as much again.
    let bytes = try FileContents(path: file, limit: Machine.memorySize.map { $0 / 2 })
    return try withExtendedLifetime(bytes) { try body(bytes.bytes, bytes.name) }
  }

  private var modelPath: String {
    guard Folder.isFolder(file) else { return file }
    return file + (file.hasSuffix("/") ? "" : "/") + TensorFlowJSWriter.modelName
  }
}
