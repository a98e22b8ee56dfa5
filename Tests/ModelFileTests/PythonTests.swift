// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Foundation
import Testing

@testable import ModelFile

/// What the library that others use, Python's safetensors, makes of our files, and we of its.
@Suite struct PythonTests {
  /// What went wrong before Python had its say.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// A folder that goes away with this object.
  final class Folder {
    let path = NSTemporaryDirectory() + "chartools-\(UUID().uuidString)/"

    init() throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

  /// Runs Python in a folder and gives what it prints.
  static func python(_ arguments: [String], in folder: Folder) throws -> String {
    guard let interpreter = ProcessInfo.processInfo.environment["CHARTOOLS_PYTHON"] else {
      throw Failure(
        description: "CHARTOOLS_PYTHON names no Python that has numpy and safetensors: run `make test`")
    }
    let process = Process()
    process.executableURL = URL(filePath: interpreter)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder.path)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    // Read before waiting, or a full pipe would stop both.
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "python ended with status \(process.terminationStatus)")
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func hexadecimal(_ values: [Float]) -> String {
    hexadecimal(values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
  }

  static func model() throws -> Model {
    try makeModel(
      scalars("\0\n\"\\é\u{2028}😀", hasUnknown: true), layers: [5, 3],
      training: TrainingRecord(options: ["display-seed": "\"ROMÉO\\\n"], steps: 3, heldOutNats: 1.5),
      extraTensors: [NamedTensor(name: "optimizer.moment", shape: [2, 2], values: [1, -0.0, 3, 4])],
      extraMetadata: ["position": "12 é"])
  }

  @Test func pythonSeesExactlyOurValues() throws {
    let folder = try Folder()
    let model = try Self.model()
    try Data(ModelWriter.serialized(model)).write(to: URL(filePath: folder.path + "model.safetensors"))
    let script = Self.root.appending(path: "Tests/Reference/open_model.py").path
    let lines = try Self.python([script, "model.safetensors"], in: folder).split(separator: "\n").map(
      String.init)

    let parameters = model.parameters
    let layout = parameters.layout
    func line(_ name: String, _ shape: String, _ values: [Float]) -> String {
      "\(name) float32 \(shape) \(Self.hexadecimal(values))"
    }
    // [V, 4H] = [8, 20] in memory is [20, 8] in the file.
    let table = Array(parameters[layout.layers[0].input])
    let turned = (0..<20).flatMap { row in (0..<8).map { table[$0 * 20 + row] } }
    let tensors = [
      line("decoder.bias", "8", Array(parameters[layout.decoderBias])),
      line("decoder.weight", "8x3", Array(parameters[layout.decoderWeight])),
      line("lstm.bias_hh_l0", "20", Array(repeating: 0, count: 20)),
      line("lstm.bias_hh_l1", "12", Array(repeating: 0, count: 12)),
      line("lstm.bias_ih_l0", "20", Array(parameters[layout.layers[0].bias])),
      line("lstm.bias_ih_l1", "12", Array(parameters[layout.layers[1].bias])),
      line("lstm.weight_hh_l0", "20x5", Array(parameters[layout.layers[0].recurrent])),
      line("lstm.weight_hh_l1", "12x3", Array(parameters[layout.layers[1].recurrent])),
      line("lstm.weight_ih_l0", "20x8", turned),
      line("lstm.weight_ih_l1", "12x5", Array(parameters[layout.layers[1].input])),
      line("optimizer.moment", "2x2", [1, -0.0, 3, 4]),
    ]
    #expect(Array(lines.prefix(tensors.count)) == tensors)

    let strings = lines.dropFirst(tensors.count).filter { !$0.hasPrefix("digest=") }
    let expected = [
      ("charset", #"["\u0000","\n","\"","\\","é","\#u{2028}","😀",null]"#), ("format", "chartools"),
      ("layers", "[5,3]"), ("position", "12 é"),
      ("training", #"{"options":{"display-seed":"\"ROMÉO\\\n"},"steps":3,"heldout_nats":1.5}"#),
      ("unit", "scalar"), ("version", "1"),
    ]
    #expect(Array(strings) == expected.map { "\($0)=\(Self.hexadecimal($1.utf8))" })
    #expect(lines.count == tensors.count + expected.count + 1)
  }

  @Test func fileThatPythonWroteIsSentToImport() throws {
    let folder = try Folder()
    let model = try Self.model()
    try Data(ModelWriter.serialized(model)).write(to: URL(filePath: folder.path + "model.safetensors"))
    let script = Self.root.appending(path: "Tests/Reference/open_model.py").path
    _ = try Self.python([script, "model.safetensors", "copy.safetensors"], in: folder)
    let path = folder.path + "copy.safetensors"
    #expect(throws: ModelFileError(.notChartools, source: path)) { try ModelReader.read(path: path) }
    let header = try [UInt8](Data(contentsOf: URL(filePath: path))).withUnsafeBytes {
      let header = try SafetensorsHeader(parsing: $0)
      try header.check(fileSize: $0.count)
      return header
    }
    let parts = FileLayout.parts(of: model.parameters.layout)
    #expect(Set(header.entries.map(\.name)) == Set(parts.map(\.name) + ["optimizer.moment"]))
    for part in parts {
      let entry = try #require(header.entries.first { $0.name == part.name })
      #expect(entry.type == .float32 && entry.shape == part.shape)
    }
  }

  /// The literal blocks of the manual that are Python, in its order.
  static func manualExamples() throws -> [String] {
    let page = try String(contentsOf: root.appending(path: "man/charmodel.5"), encoding: .utf8)
    var examples: [String] = []
    var block: [Substring]?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(".Bd -literal") {
        block = []
      } else if line == ".Ed" {
        let text = (block ?? []).joined(separator: "\n").replacingOccurrences(of: "\\e", with: "\\")
        if text.contains("import ") { examples.append(text) }
        block = nil
      } else {
        block?.append(line)
      }
    }
    return examples
  }

  @Test func examplesOfTheManualPrintWhatItSays() throws {
    let folder = try Folder()
    let model = try makeModel(
      scalars("\nab", hasUnknown: true), layers: [2, 1],
      training: TrainingRecord(options: ["layers": "2,1"], heldOutBits: 2.25))
    try Data(ModelWriter.serialized(model)).write(to: URL(filePath: folder.path + "model.safetensors"))
    let outputs = try Self.manualExamples().map { try Self.python(["-c", $0], in: folder) }
    #expect(
      outputs == [
        "[2, 1] ['\\n', 'a', 'b', None] 2.25\n",
        """
        decoder.bias (4,)
        decoder.weight (4, 1)
        lstm.bias_hh_l0 (8,)
        lstm.bias_hh_l1 (4,)
        lstm.bias_ih_l0 (8,)
        lstm.bias_ih_l1 (4,)
        lstm.weight_hh_l0 (8, 2)
        lstm.weight_hh_l1 (4, 1)
        lstm.weight_ih_l0 (8, 4)
        lstm.weight_ih_l1 (4, 2)

        """,
      ])
  }
}
