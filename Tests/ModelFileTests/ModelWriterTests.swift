// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import Foundation
import Testing

@testable import ModelFile

@Suite struct ModelWriterTests {
  static func charsets() throws -> [Charset] {
    try [false, true].flatMap { hasUnknown in
      [
        try scalars(
          "\0\n\u{1F}\"'/\\a\u{7F}é\u{2028}\u{D7FF}\u{E000}\u{FFFD}😀\u{10FFFF}", hasUnknown: hasUnknown),
        try Charset(unit: .byte, symbols: (0...255).map(Symbol.init(byte:)), hasUnknown: hasUnknown),
        try Charset(
          unit: .grapheme,
          symbols: [
            [0x0A], [0x0D, 0x0A], [0x65], [0x65, 0x301], [0xE9], Array(repeating: 0x300, count: 64),
            [0x1F468, 0x200D, 0x1F469],
          ].map(Symbol.init(scalars:)), hasUnknown: hasUnknown),
        try scalars("x", hasUnknown: hasUnknown),
      ]
    }
  }

  @Test(arguments: try charsets(), [[1], [17], [5, 3], [2, 4, 3], [16, 16]])
  func modelComesBackAsItWas(charset: Charset, layers: [Int]) throws {
    let model = try makeModel(charset, layers: layers)
    let copy = try read(ModelWriter.serialized(model))
    #expect(copy.charset == charset)
    #expect(areSame(copy.parameters, model.parameters))
    #expect(copy.training == nil)
  }

  @Test func modelOfRecordsComesBackAsOne() throws {
    let model = try makeModel(scalars("\nab"), layers: [1])
    let records = Model(charset: model.charset, parameters: model.parameters, isOfRecords: true)
    #expect(try read(ModelWriter.serialized(records)).isOfRecords)
    #expect(try !read(ModelWriter.serialized(model)).isOfRecords)
  }

  @Test func trainingRecordComesBackAsItWas() throws {
    let record = TrainingRecord(
      options: ["layers": "128,128", "display-seed": "\"ROMÉO\\\n\u{1}", "": ""],
      corpusDigest: "xxh64:00112233aabbccdd", corpusLength: 1_115_394, heldOutLength: 111_539, steps: 4000,
      epochs: 2.5, trainNats: 1.25, heldOutNats: 0.1 + 0.2, heldOutBits: 2.25e-300,
      baselines: ["order-0": 3.25, "order-10": 1.0 / 3, "order-2": 2], seed: .max,
      programVersion: "1.0.0")
    let model = try makeModel(scalars("ab"), layers: [1], training: record)
    #expect(try read(ModelWriter.serialized(model)).training == record)
  }

  @Test func sameModelGivesSameBytes() throws {
    let options = Dictionary(uniqueKeysWithValues: (0..<50).map { ("option-\($0)", "\($0)") })
    let extras = Dictionary(uniqueKeysWithValues: (0..<30).map { ("place-\($0)", "\($0)") })
    let files = try (0..<5).map { _ in
      try ModelWriter.serialized(
        makeModel(
          scalars("abc"), layers: [3], training: TrainingRecord(options: options), extraMetadata: extras))
    }
    #expect(Set(files).count == 1)
    let copy = try read(files[0], keepingExtras: true)
    #expect(try ModelWriter.serialized(copy) == files[0], "reading and writing again changes nothing")
  }

  @Test func headerIsAsTheManualSays() throws {
    let model = try makeModel(
      scalars("\n\"a", hasUnknown: true), layers: [1],
      training: TrainingRecord(options: ["layers": "1", "epochs": "2"], steps: 7, heldOutNats: .nan),
      extraTensors: [NamedTensor(name: "optimizer.step", shape: [], values: [7])],
      extraMetadata: ["position": "12"])
    let file = try ModelWriter.serialized(model)
    let length = Int(file[0]) | Int(file[1]) << 8
    #expect(file[2..<8].allSatisfy { $0 == 0 })
    #expect((8 + length) % 64 == 0)
    #expect(file.count == 8 + length + 4 * (16 + 4 + 4 + 4 + 4 + 4 + 1))
    let header = String(decoding: file[8..<8 + length], as: UTF8.self)
    let start = try #require(header.range(of: "xxh64:")).upperBound
    let digits = header[start...].prefix(16)
    #expect(digits.allSatisfy { "0123456789abcdef".contains($0) })
    var unsigned = file
    unsigned.replaceSubrange(
      8 + header[..<start].utf8.count..<8 + header[..<start].utf8.count + 16,
      with: Array("0000000000000000".utf8))
    #expect(UInt64(digits, radix: 16) == XXH64.hash(unsigned))
    let expected = #"""
      {"__metadata__":{"format":"chartools","version":"1","unit":"scalar",
      "charset":"[\"\\n\",\"\\\"\",\"a\",null]","layers":"[1]",
      "training":"{\"options\":{\"epochs\":\"2\",\"layers\":\"1\"},\"steps\":7}",
      "position":"12","digest":"xxh64:DIGITS"},
      "lstm.weight_ih_l0":{"dtype":"F32","shape":[4,4],"data_offsets":[0,64]},
      "lstm.weight_hh_l0":{"dtype":"F32","shape":[4,1],"data_offsets":[64,80]},
      "lstm.bias_ih_l0":{"dtype":"F32","shape":[4],"data_offsets":[80,96]},
      "lstm.bias_hh_l0":{"dtype":"F32","shape":[4],"data_offsets":[96,112]},
      "decoder.weight":{"dtype":"F32","shape":[4,1],"data_offsets":[112,128]},
      "decoder.bias":{"dtype":"F32","shape":[4],"data_offsets":[128,144]},
      "optimizer.step":{"dtype":"F32","shape":[],"data_offsets":[144,148]}}
      """#.replacingOccurrences(of: "\n", with: "").replacingOccurrences(of: "DIGITS", with: digits)
    #expect(header.trimmingCharacters(in: [" "]) == expected)
  }

  @Test func checkpointComesBackAndOpensAsAModel() throws {
    let tensors = [
      NamedTensor(
        name: "optimizer.second_moment", shape: [2, 3], values: [1, -2, 3, -0.0, 5, .leastNonzeroMagnitude]),
      NamedTensor(name: "optimizer.empty", shape: [0, 4], values: []),
      NamedTensor(name: "optimizer.first_moment", shape: [3], values: [7, 8, 9]),
    ]
    let metadata = ["random_state": "\u{0}é\n\\", "position": "42"]
    let model = try makeModel(
      scalars("abc"), layers: [2, 1], extraTensors: tensors, extraMetadata: metadata)
    let file = try ModelWriter.serialized(model)
    let checkpoint = try read(file, keepingExtras: true)
    #expect(checkpoint.extraTensors == tensors)
    #expect(checkpoint.extraTensors[0].values.map(\.bitPattern) == tensors[0].values.map(\.bitPattern))
    #expect(checkpoint.extraMetadata == metadata)
    let plain = try read(file)
    #expect(areSame(plain.parameters, model.parameters))
    #expect(plain.extraTensors.isEmpty && plain.extraMetadata.isEmpty)
  }

  @Test func zeroKeepsItsSign() throws {
    let model = try makeModel(scalars("ab"), layers: [1])
    for tensor in model.parameters.layout.tensors { model.parameters[tensor][0] = -0.0 }
    #expect(areSame(try read(ModelWriter.serialized(model)).parameters, model.parameters))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func divergedModelIsNotSaved(value: Float) throws {
    for index in 0..<5 {
      let model = try makeModel(scalars("ab"), layers: [3])
      let tensor = model.parameters.layout.tensors[index]
      model.parameters[tensor][tensor.count - 1] = value
      let error = #expect(throws: ModelFileError.self) { try ModelWriter.serialized(model) }
      #expect(error?.problem == .diverged(tensor.name))
      #expect(error?.kind == .diverged)
    }
  }

  @Test func writerWritesTheSameFile() throws {
    let model = try makeModel(scalars("abc\u{3B1}"), layers: [20, 7])
    let path = NSTemporaryDirectory() + "chartools-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try AtomicFile.write(to: path, overwrite: false) { try ModelWriter.write(model, to: $0) }
    #expect(try ModelWriter.serialized(model) == [UInt8](Data(contentsOf: URL(filePath: path))))
  }

  @Test func longOptionIsCutAtACharacter() throws {
    let long = "a" + String(repeating: "é", count: 3000)
    let record = TrainingRecord(options: ["display-seed": long])
    let copy = try read(ModelWriter.serialized(makeModel(scalars("ab"), layers: [1], training: record)))
    #expect(copy.training?.options == ["display-seed": String(long.prefix(512))])
  }
}
