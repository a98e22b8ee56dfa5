// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import ModelFile
import Testing

@testable import Exchange

@Suite struct PyTorchReaderTests {
  /// A safetensors file of these tensors in 32 bits, or of other bytes.
  func file(
    _ tensors: [(name: String, shape: [Int], values: [Float])], type: String = "F32", size: Int = 4,
    data: [UInt8]? = nil
  ) -> [UInt8] {
    var end = 0
    let lines = tensors.map { name, shape, values in
      let begin = end
      end += size * values.count
      return #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
    }
    let header = Array("{\(lines.joined(separator: ","))}".utf8)
    return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
      + (data ?? bytes(tensors.flatMap(\.values)))
  }

  /// V = 2, two layers of 1 and 2 units, all values different.
  func tensors() -> [(name: String, shape: [Int], values: [Float])] {
    var next: Float = 0
    func tensor(_ name: String, _ shape: [Int]) -> (name: String, shape: [Int], values: [Float]) {
      (
        name, shape,
        (0..<shape.reduce(1, *)).map { _ in
          next += 0.5
          return next
        }
      )
    }
    return [
      tensor("lstm.weight_ih_l0", [4, 2]), tensor("lstm.weight_hh_l0", [4, 1]),
      tensor("lstm.bias_ih_l0", [4]),
      tensor("lstm.bias_hh_l0", [4]), tensor("lstm.weight_ih_l1", [8, 1]),
      tensor("lstm.weight_hh_l1", [8, 2]),
      tensor("lstm.bias_ih_l1", [8]), tensor("lstm.bias_hh_l1", [8]), tensor("decoder.weight", [2, 2]),
      tensor("decoder.bias", [2]),
    ]
  }

  func read(_ bytes: [UInt8]) throws -> ForeignModel {
    try bytes.withUnsafeBytes { try PyTorchReader.read($0, name: "file") }
  }

  func expect(
    _ problem: ExchangeError.Problem, _ bytes: [UInt8], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: ExchangeError(problem, source: "file"), sourceLocation: location) { try read(bytes) }
  }

  @Test func tensorsComeToTheirPlaces() throws {
    let tensors = tensors()
    let parameters = try read(file(tensors)).parameters
    let layout = parameters.layout
    #expect(parameters.configuration.layerSizes == [1, 2] && parameters.configuration.symbolCount == 2)
    let table = tensors[0].values
    #expect(
      Array(parameters[layout.layers[0].input]) == [0, 2, 4, 6, 1, 3, 5, 7].map { table[$0] })
    #expect(Array(parameters[layout.layers[1].input]) == tensors[4].values)
    #expect(Array(parameters[layout.layers[1].recurrent]) == tensors[5].values)
    #expect(
      Array(parameters[layout.layers[1].bias]) == zip(tensors[6].values, tensors[7].values).map { $0 + $1 })
    #expect(Array(parameters[layout.decoderWeight]) == tensors[8].values)
    #expect(Array(parameters[layout.decoderBias]) == tensors[9].values)
  }

  @Test func ourOwnFilesAreReadToTheBitWithTheirCharacters() throws {
    for isOfRecords in [false, true] {
      let model = try makeModel(isOfRecords: isOfRecords)
      let read = try read(ModelWriter.serialized(model))
      #expect(areSame(read.parameters, model.parameters))
      #expect(read.charset == model.charset && read.isOfRecords == isOfRecords)
    }
  }

  @Test(
    arguments: [
      ("weight_ih_l0", "lstm.weight_ih_l0"), ("lstm.bias_hh_l12", "lstm.bias_hh_l12"),
      ("rnn.weight_hh_l1", "lstm.weight_hh_l1"), ("lstm.3.weight_hh_l0", "lstm.weight_hh_l3"),
      ("0.bias_ih_l0", "lstm.bias_ih_l0"), ("fc.weight", "decoder.weight"), ("head.bias", "decoder.bias"),
      ("linear.weight", "decoder.weight"), ("lstm.3.weight_hh_l1", nil), ("lstm.weight_ih_l0_reverse", nil),
      ("lstm.weight_hr_l0", nil), ("lstm.weight_ih_l01", nil), ("lstm.weight_ih_l-1", nil),
      ("embedding.weight", nil), ("lstm.weight_ih_l", nil), ("lstm..weight_ih_l0", nil), ("", nil),
      ("decoder", nil), ("model.lstm.weight_ih_l0", nil), ("lstm.weight_ih_l99999999999999999999", nil),
    ] as [(String, String?)])
  func namesAreUnderstood(name: String, ours: String?) {
    #expect(PyTorchReader.canonicalName(name) == ours)
  }

  @Test func otherPrecisionsAreRead() throws {
    let tensors = tensors()
    let count = tensors.reduce(0) { $0 + $1.values.count }
    let halves = [[UInt8]](repeating: [0x00, 0x3C], count: count).flatMap(\.self)
    let read = try read(file(tensors, type: "F16", size: 2, data: halves)).parameters
    #expect(read[read.layout.decoderBias].allSatisfy { $0 == 1 })
    #expect(read[read.layout.layers[0].bias].allSatisfy { $0 == 2 })
    expect(
      .elementType("lstm.weight_ih_l0", "I32"), file(tensors, type: "I32"))
  }

  @Test func filesThatMakeNoNetworkAreRefused() {
    func without(_ name: String) -> [UInt8] { file(tensors().filter { $0.name != name }) }
    expect(.missingTensor("lstm.weight_hh_l0"), without("lstm.weight_hh_l0"))
    expect(.missingTensor("lstm.bias_hh_l1"), without("lstm.bias_hh_l1"))
    expect(.missingTensor("decoder.bias"), without("decoder.bias"))
    expect(.missingTensor("lstm.weight_hh_l0"), file([]))
    expect(.excessTensor("lstm.bias_hh_l1"), without("lstm.weight_hh_l1"))
    expect(.excessTensor("embedding.weight"), file(tensors() + [("embedding.weight", [1], [1])]))
    expect(.excessTensor("lstm.weight_ih_l5"), file(tensors() + [("lstm.weight_ih_l5", [1], [1])]))
    expect(.duplicateTensor("decoder.bias"), file(tensors() + [("fc.bias", [2], [1, 2])]))
    var wrong = tensors()
    wrong[0].shape = [2, 4]
    expect(.shape("lstm.weight_ih_l0", found: [2, 4], expected: [4, 2]), file(wrong))
    wrong = tensors()
    wrong[1].shape = [4]
    expect(.rank("lstm.weight_hh_l0", found: [4], expected: "[4H, H], a recurrent weight"), file(wrong))
    wrong = tensors()
    wrong[3].values[2] = .infinity
    expect(.notFinite("lstm.bias_hh_l0"), file(wrong))
    wrong = tensors()
    wrong[1].shape = [0, 4]
    wrong[1].values = []
    expect(.shape("lstm.weight_ih_l0", found: [4, 2], expected: [16, 2]), file(wrong))
  }

  @Test func picklesAreNotOpened() {
    expect(.pickle, Array("PK\u{3}\u{4}and so on".utf8))
    expect(.pickle, [0x80, 0x02, 0x8A, 0x0A])
  }

  @Test func damagedFilesAreRefused() {
    let whole = file(tensors())
    for count in stride(from: 0, to: whole.count, by: 11) {
      #expect(throws: ExchangeError.self) { try read(Array(whole.prefix(count))) }
    }
    #expect(throws: ExchangeError.self) { try read(whole + [0]) }
    #expect(throws: ExchangeError.self) { try read([UInt8](repeating: 0xFF, count: 64)) }
  }
}
