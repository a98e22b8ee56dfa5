// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import Foundation
import Testing

@testable import ModelFile

@Suite struct ModelReaderTests {
  @Test func fileByHandIsReadAsPyTorchMeansIt() throws {
    let model = try read(Forgery().bytes)
    let layout = model.parameters.layout
    // [4, 2] in the file is [2, 4] in memory.
    #expect(Array(model.parameters[layout.layers[0].input]) == [0, 1, 2, 3, 0.5, 1.5, 2.5, 3.5])
    #expect(Array(model.parameters[layout.layers[0].recurrent]) == [4, 4.5, 5, 5.5])
    #expect(Array(model.parameters[layout.layers[0].bias]) == [14, 15, 16, 17], "6 + 8, 6.5 + 8.5, …")
    #expect(Array(model.parameters[layout.decoderWeight]) == [10, 10.5])
    #expect(Array(model.parameters[layout.decoderBias]) == [11, 11.5])
    #expect(model.charset == (try scalars("ab")))
    #expect(model.training == TrainingRecord(options: [:]))
  }

  @Test(arguments: 0..<8)
  func dataNeedNotBeAligned(shift: Int) throws {
    let bytes = Forgery { $0.padding = String(repeating: " ", count: shift) }.bytes
    let expected = try read(Forgery().bytes).parameters
    #expect(areSame(try read(bytes).parameters, expected))
    // Wherever the whole file begins, too.
    let moved = Array(repeating: 0, count: shift) + bytes
    try moved.withUnsafeBytes {
      let model = try ModelReader.read(UnsafeRawBufferPointer(rebasing: $0[shift...]), name: "")
      #expect(areSame(model.parameters, expected))
    }
  }

  @Test func tensorsMayStandInAnyOrder() throws {
    let bytes = Forgery {
      $0.tensors.reverse()
      $0.metadata.reverse()
    }.bytes
    #expect(areSame(try read(bytes).parameters, try read(Forgery().bytes).parameters))
  }

  @Test func bfloat16IsWidened() throws {
    let halves = Forgery().values.map { UInt16($0.bitPattern >> 16) }
    let bytes = Forgery {
      $0.tensors = $0.tensors.enumerated().map { index, line in
        let bounds = [0, 32, 48, 64, 80, 88, 96]
        return (line.name, "BF16", line.shape, "[\(bounds[index] / 2),\(bounds[index + 1] / 2)]")
      }
      $0.data = halves.withUnsafeBytes { Array($0) }
    }.bytes
    #expect(areSame(try read(bytes).parameters, try read(Forgery().bytes).parameters))
  }

  @Test func everyShorterFileIsRefused() throws {
    let whole = try ModelWriter.serialized(
      makeModel(scalars("ab"), layers: [2], training: TrainingRecord(options: ["layers": "2"])))
    #expect(refusal(of: whole) == nil)
    for count in 0..<whole.count {
      let problem = refusal(of: Array(whole[..<count]))
      switch count {
      case ..<8: #expect(problem == .tooShort(byteCount: count))
      case ..<(whole.count - 4 * (16 + 16 + 8 + 8 + 4 + 2)): #expect(problem == .cutShort(at: count, of: nil))
      default: #expect(problem == .cutShort(at: count, of: whole.count))
      }
    }
    #expect(refusal(of: whole + [0]) == .excess(after: whole.count))
  }

  @Test func everyFlippedBitIsRefused() throws {
    let whole = Forgery().bytes
    #expect(refusal(of: whole) == nil)
    for index in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << bit
        if refusal(of: bytes) == nil { Issue.record("bit \(bit) of byte \(index)") }
      }
    }
  }

  @Test func flippedBitsOfALargerModelAreRefused() throws {
    let whole = try ModelWriter.serialized(makeModel(scalars("abcdefgh", hasUnknown: true), layers: [9, 5]))
    var numbers = Numbers(state: 7)
    for _ in 0..<500 {
      var bytes = whole
      let index = Int.random(in: bytes.indices, using: &numbers)
      bytes[index] ^= 1 << .random(in: 0..<8, using: &numbers)
      if refusal(of: bytes) == nil { Issue.record("byte \(index)") }
    }
  }

  /// Each is right but for one thing, and carries a right digest.
  @Test(arguments: [
    ({ $0.set("format", nil) }, .notChartools), ({ $0.set("format", "pt") }, .notChartools),
    ({ $0.metadata = [] }, .notChartools),
    ({ $0.header = "{}"; $0.values = [] }, .notChartools),
    ({ $0.set("version", "2") }, .version("2")), ({ $0.set("version", "") }, .version("")),
    ({ $0.set("version", nil) }, .missingMetadata("version")),
    ({ $0.set("version", String(repeating: "1", count: 65)) }, .longMetadata("version", limit: 64)),
    ({ $0.set("digest", nil) }, .missingMetadata("digest")), ({ $0.set("digest", "") }, .malformedDigest),
    ({ $0.set("digest", "sha256:00000000000000") }, .malformedDigest),
    ({ $0.set("digest", "xxh64:0123456789abcdef") }, .digest),
    ({ $0.set("digest", #"xxh64:\u0030\u0030\u00"#) }, .syntax(JSONError(problem: .invalidEscape, offset: 187), in: "header")),
    ({ $0.set("unit", nil) }, .missingMetadata("unit")), ({ $0.set("unit", "word") }, .unit("word")),
    ({ $0.set("charset", nil) }, .missingMetadata("charset")), ({ $0.set("layers", nil) }, .missingMetadata("layers")),
    ({ $0.set("charset", "[]") }, .charset(.empty, id: 0)), ({ $0.set("charset", "[null]") }, .charset(.empty, id: 0)),
    ({ $0.set("charset", #"[null,\"a\"]"#) }, .charset(.unknownNotLast, id: 0)),
    ({ $0.set("charset", #"[\"a\",null,null]"#) }, .charset(.unknownNotLast, id: 1)),
    ({ $0.set("charset", #"[\"a\",\"a\"]"#) }, .charset(.order, id: 1)),
    ({ $0.set("charset", #"[\"b\",\"a\"]"#) }, .charset(.order, id: 1)),
    ({ $0.set("charset", #"[\"a\",\"bc\"]"#) }, .charset(.kind, id: 1)),
    ({ $0.set("charset", #"[\"\",\"b\"]"#) }, .charset(.kind, id: 0)),
    ({ $0.set("charset", #"[97,98]"#) }, .charset(.kind, id: 0)),
    ({ $0.set("charset", #"[\"a\",true]"#) }, .charset(.kind, id: 1)),
    ({ $0.set("unit", "byte") }, .charset(.kind, id: 0)),
    ({ $0.set("unit", "byte"); $0.set("charset", "[97,256]") }, .charset(.kind, id: 1)),
    (
      { $0.set("unit", "byte"); $0.set("charset", "[-1,98]") },
      .syntax(JSONError(problem: .notWhole, offset: 1), in: "metadata's charset")
    ),
    (
      { $0.set("charset", #"[\"a\",\"\\ud800\"]"#) },
      .syntax(JSONError(problem: .loneSurrogate, offset: 6), in: "metadata's charset")
    ),
    (
      { $0.set("charset", #"[\"a\",\"\#(String(repeating: "b", count: 257))\"]"#) },
      .syntax(JSONError(problem: .tooLong(limit: 256), offset: 5), in: "metadata's charset")
    ),
    (
      {
        $0.set("unit", "grapheme")
        $0.set("charset", #"[\"a\",\"\#(String(repeating: "b", count: 65))\"]"#)
      }, .charset(.kind, id: 1)
    ),
    ({ $0.set("charset", #"{\"a\":0}"#) }, .syntax(JSONError(problem: .expected("an array"), offset: 0), in: "metadata's charset")),
    ({ $0.set("charset", #"[\"a\",\"b\"]]"#) }, .syntax(JSONError(problem: .expected("the end"), offset: 9), in: "metadata's charset")),
    ({ $0.set("charset", "") }, .syntax(JSONError(problem: .ended, offset: 0), in: "metadata's charset")),
    (
      { $0.set("charset", #"[\"a\",\"b\",\"c\"]"#) },
      .shape("lstm.weight_ih_l0", found: [4, 2], expected: [4, 3])
    ),
    ({ $0.set("layers", "[2]") }, .shape("lstm.weight_ih_l0", found: [4, 2], expected: [8, 2])),
    ({ $0.set("layers", "[1,1]") }, .missingTensor("lstm.weight_ih_l1")),
    ({ $0.set("layers", "[2147483648]") }, .configuration(.layerSize(2_147_483_648))),
    ({ $0.set("layers", "[16384,16384,16384,16384]") }, .configuration(.parameterCount(7_516_454_912))),
    ({ $0.set("layers", "[0]") }, .configuration(.layerSize(0))), ({ $0.set("layers", "[]") }, .configuration(.layerCount(0))),
    ({ $0.set("layers", "[\(Array(repeating: "1", count: 65).joined(separator: ","))]") }, .configuration(.layerCount(65))),
    ({ $0.set("layers", "[\(Array(repeating: "1", count: 999).joined(separator: ","))]") }, .longMetadata("layers", limit: 1024)),
    ({ $0.set("layers", "[-1]") }, .syntax(JSONError(problem: .notWhole, offset: 1), in: "metadata's layers")),
    ({ $0.set("layers", "[1.5]") }, .syntax(JSONError(problem: .notWhole, offset: 1), in: "metadata's layers")),
    ({ $0.set("layers", "1") }, .syntax(JSONError(problem: .expected("an array"), offset: 0), in: "metadata's layers")),
    ({ $0.set("training", "{}") }, .syntax(JSONError(problem: .expected("\"options\""), offset: 2), in: "metadata's training")),
    ({ $0.set("training", "[]") }, .syntax(JSONError(problem: .expected("an object"), offset: 0), in: "metadata's training")),
    (
      { $0.set("training", #"{\"options\":{\"a\":\"\",\"a\":\"\"}}"#) },
      .syntax(JSONError(problem: .duplicateKey("a"), offset: 19), in: "metadata's training")
    ),
    ({ $0.set("training", String(repeating: " ", count: 4 << 20)) }, .longMetadata("training", limit: 4 << 20)),
    ({ $0.tensors[0].name = "lstm.weight_ih" }, .missingTensor("lstm.weight_ih_l0")),
    ({ $0.tensors.removeLast(); $0.values.removeLast(2) }, .missingTensor("decoder.bias")),
    ({ $0.tensors.remove(at: 3); $0.tensors[3].offsets = "[64,72]"; $0.tensors[4].offsets = "[72,80]"; $0.values.removeLast(4) },
      .missingTensor("lstm.bias_hh_l0")),
    ({ $0.tensors[0].shape = "[2,4]" }, .shape("lstm.weight_ih_l0", found: [2, 4], expected: [4, 2])),
    ({ $0.tensors[0].shape = "[8]" }, .shape("lstm.weight_ih_l0", found: [8], expected: [4, 2])),
    ({ $0.tensors[2].shape = "[1,4]" }, .shape("lstm.bias_ih_l0", found: [1, 4], expected: [4])),
    ({ $0.tensors[5].shape = "[2,1]" }, .shape("decoder.bias", found: [2, 1], expected: [2])),
    ({ $0.tensors[1].type = "I32" }, .elementType("lstm.weight_hh_l0", .int32)),
    ({ $0.tensors.append(("more", "F32", "[1]", "[96,100]")); $0.values.append(0) }, .excessTensor("more")),
    ({ $0.tensors.append(("optimizer.x", "I32", "[1]", "[96,100]")); $0.values.append(0) }, .elementType("optimizer.x", .int32)),
    ({ $0.values[7] = .nan }, .notFinite("lstm.weight_ih_l0")), ({ $0.values[8] = .infinity }, .notFinite("lstm.weight_hh_l0")),
    ({ $0.values[12] = -.infinity }, .notFinite("lstm.bias_ih_l0")), ({ $0.values[19] = .nan }, .notFinite("lstm.bias_hh_l0")),
    ({ $0.values[20] = .signalingNaN }, .notFinite("decoder.weight")), ({ $0.values[23] = .infinity }, .notFinite("decoder.bias")),
    (
      { $0.values[12] = .greatestFiniteMagnitude; $0.values[16] = .greatestFiniteMagnitude },
      .notFinite("lstm.bias_hh_l0")
    ),
  ] as [(@Sendable (inout Forgery) -> Void, ModelFileError.Problem)])
  func wrongFileIsRefused(change: @Sendable (inout Forgery) -> Void, problem: ModelFileError.Problem) {
    #expect(refusal(of: Forgery(change).bytes) == problem)
  }

  @Test func moreCharactersThanIdsAreRefused() throws {
    let letters = (0x1_0000..<0x1_FFFF).map { "\\\"\(Character(Unicode.Scalar($0)!))\\\"" }
    let most = letters.prefix(65_535).joined(separator: ",")
    let whole = Forgery { $0.set("charset", "[\(most)]") }
    #expect(refusal(of: whole.bytes) == .shape("lstm.weight_ih_l0", found: [4, 2], expected: [4, 65_535]))
    let more = Forgery { $0.set("charset", "[\(most),null]") }
    #expect(refusal(of: more.bytes) == .charset(.tooMany(limit: 65_535), id: 65_535))
  }

  @Test func laterVersionsMayAddToTheTrainingRecord() throws {
    let model = try read(
      Forgery {
        $0.set("training", #"{\"new\":[1,{\"a\":null}],\"options\":{\"layers\":\"1\"},\"steps\":3,\"x\":\"y\"}"#)
      }.bytes)
    #expect(model.training == TrainingRecord(options: ["layers": "1"], steps: 3))
    #expect(try read(Forgery { $0.set("training", nil) }.bytes).training == nil)
  }

  @Test func extrasAreCheckedWhenTheyAreKept() throws {
    let forgery = Forgery {
      $0.tensors.append(("optimizer.x", "F32", "[1]", "[96,100]"))
      $0.values.append(.nan)
    }
    _ = try read(forgery.bytes)
    let error = #expect(throws: ModelFileError.self) { try read(forgery.bytes, keepingExtras: true) }
    #expect(error?.problem == .notFinite("optimizer.x"))
    let large = Forgery { $0.metadata.insert(("position", String(repeating: "x", count: 1 << 20 + 1)), at: 0) }
    _ = try read(large.bytes)
    #expect(throws: ModelFileError.self) { try read(large.bytes, keepingExtras: true) }
  }

  @Test func messageNamesTheFileAndWhatToDo() {
    let error = #expect(throws: ModelFileError.self) { try read(Forgery { $0.set("format", "pt") }.bytes) }
    #expect(error?.place == "model")
    #expect(error?.reason == "no chartools metadata: bring a PyTorch file in with charmodel import")
    #expect(error?.kind == .badData)
    let whole = Forgery().bytes
    #expect(
      refusal(of: Array(whole.dropLast(10)))?.reason
        == "the file ends at byte \(whole.count - 10) of \(whole.count): it was cut short")
    #expect(refusal(of: Array("ROMEO:\nIt was the lark\n".utf8))?.reason.hasPrefix("not a model: ") == true)
    #expect(refusal(of: [])?.reason == "not a model: the file has only 0 bytes")
  }
}
