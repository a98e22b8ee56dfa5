// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import ModelFile

@Suite struct ModelInspectionTests {
  func inspect(_ bytes: [UInt8]) throws -> ModelInspection {
    let path = NSTemporaryDirectory() + "chartools-\(UUID().uuidString)"
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try ModelReader.inspect(path: path)
  }

  @Test func factsAreThoseOfTheFile() throws {
    let file = try ModelWriter.serialized(makeModel(scalars("\nab"), layers: [3, 2]))
    let facts = try inspect(file)
    #expect(facts.fileSize == file.count && facts.headerSize % 64 == 0)
    #expect(facts.elementTypes == [.float32] && !facts.isCheckpoint)
    #expect(String(decoding: file, as: UTF8.self).contains(#""digest":"\#(facts.digest)""#))
    let half = try inspect(try ModelWriter.serialized(facts.model.roundedToBFloat16(), as: .bfloat16))
    #expect(half.elementTypes == [.bfloat16] && half.digest != facts.digest)
  }

  @Test func checkpointsAreTold() throws {
    let tensor = NamedTensor(name: "optimizer.x", shape: [1], values: [1])
    let file = try ModelWriter.serialized(makeModel(scalars("ab"), layers: [1], extraTensors: [tensor]))
    #expect(try inspect(file).isCheckpoint)
    let told = try ModelWriter.serialized(
      makeModel(scalars("ab"), layers: [1], extraMetadata: ["position": "1"]))
    #expect(try inspect(told).isCheckpoint)
  }

  @Test func damageIsFound() throws {
    var file = try ModelWriter.serialized(makeModel(scalars("ab"), layers: [1]))
    file[file.count - 1] ^= 1
    let error = #expect(throws: ModelFileError.self) { try inspect(file) }
    #expect(error?.problem == .digest)
  }
}
