// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import ModelFile

@Suite struct RoundedModelTests {
  /// Of two equally near values that with an even last bit.
  @Test(
    arguments: [
      (0x3F80_0000, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82), (0x3F80_8001, 0x3F81),
      (0x3F80_7FFF, 0x3F80), (0x8000_0000, 0x8000), (0xBF80_FFFF, 0xBF81), (0x0000_8000, 0x0000),
      (0x0000_8001, 0x0001), (0x7F7F_7FFF, 0x7F7F), (0x7F7F_8000, 0x7F80),
    ] as [(UInt32, UInt16)])
  func valuesGoToTheNearest(bits: UInt32, rounded: UInt16) {
    #expect(StoredBFloat.rounded(Float(bitPattern: bits)) == rounded)
  }

  @Test func roundedModelIsWhatIsReadBack() throws {
    let model = try makeModel(
      scalars("\nabc", hasUnknown: true), layers: [5, 3], training: TrainingRecord(options: [:], steps: 3),
      extraTensors: [NamedTensor(name: "optimizer.x", shape: [1], values: [1])])
    let rounded = try model.roundedToBFloat16()
    let file = try ModelWriter.serialized(rounded, as: .bfloat16)
    let back = try read(file, keepingExtras: true)
    #expect(areSame(back.parameters, rounded.parameters) && !areSame(back.parameters, model.parameters))
    #expect(back.charset == model.charset && back.training == model.training && back.extraTensors.isEmpty)
    // The network's values take half as much; a model that is rounded while it is written is the same file.
    let plain = Model(charset: model.charset, parameters: model.parameters, training: model.training)
    #expect(try ModelWriter.serialized(plain, as: .bfloat16) == file)
    // The second biases, too, are in the file.
    let biases = 4 * (5 + 3)
    let saved = try ModelWriter.serialized(rounded).count - file.count
    #expect(abs(saved - 2 * (model.parameters.configuration.parameterCount + biases)) < 128)
  }

  @Test func valuesBeyondSixteenBitsAreRefused() throws {
    let model = try makeModel(scalars("ab"), layers: [1])
    model.parameters[model.parameters.layout.decoderWeight][1] = .greatestFiniteMagnitude
    #expect(throws: ModelFileError(.tooLargeToRound("decoder.weight"), source: nil)) {
      try model.roundedToBFloat16()
    }
    #expect(throws: Never.self) { try ModelWriter.serialized(model) }
  }
}
