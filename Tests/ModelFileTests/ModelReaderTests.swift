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
      bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
      if refusal(of: bytes) == nil { Issue.record("byte \(index)") }
    }
  }

  @Test func laterVersionsMayAddToTheTrainingRecord() throws {
    let model = try read(
      Forgery {
        $0.set(
          "training", #"{\"new\":[1,{\"a\":null}],\"options\":{\"layers\":\"1\"},\"steps\":3,\"x\":\"y\"}"#)
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
    let large = Forgery {
      $0.metadata.insert(("position", String(repeating: "x", count: 256 << 10 + 1)), at: 0)
    }
    let refusal = #expect(throws: ModelFileError.self) { try read(large.bytes, keepingExtras: true) }
    #expect(refusal?.problem == .longMetadata("position", limit: 256 << 10))
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
