// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct ParametersTests {
  private static func configuration() throws -> Configuration {
    try Configuration(symbolCount: 7, layerSizes: [5, 9, 2])
  }

  @Test func tensorsHaveTheNamesAndShapesOfTheirLayout() throws {
    let layout = ParameterLayout(try Self.configuration())
    #expect(
      layout.tensors.map { "\($0.name) \($0.rows)x\($0.columns)" } == [
        "lstm.weight_ih_l0 7x20", "lstm.weight_hh_l0 20x5", "lstm.bias_ih_l0 1x20",
        "lstm.weight_ih_l1 36x5", "lstm.weight_hh_l1 36x9", "lstm.bias_ih_l1 1x36",
        "lstm.weight_ih_l2 8x9", "lstm.weight_hh_l2 8x2", "lstm.bias_ih_l2 1x8",
        "decoder.weight 7x2", "decoder.bias 1x7",
      ])
  }

  @Test func tensorsAreAlignedInOrderAndDoNotOverlap() throws {
    let parameters = Parameters(try Self.configuration())
    var end = 0
    for tensor in parameters.layout.tensors {
      #expect(tensor.offset.isMultiple(of: 16) && tensor.offset >= end)
      #expect(tensor.offset < end + 16, "a gap larger than alignment asks for")
      #expect(Int(bitPattern: parameters.pointer(tensor)).isMultiple(of: 64))
      #expect(parameters[tensor].count == tensor.count)
      end = tensor.offset + tensor.count
    }
    #expect(end <= parameters.layout.count && parameters.layout.count == parameters.values.count)
    #expect(parameters.values.elements.allSatisfy { $0 == 0 })
  }

  @Test func aCopyHasItsOwnMemory() throws {
    let parameters = Parameters(try Self.configuration())
    parameters.values.elements.update(repeating: 2)
    let copy = parameters.copy()
    #expect(Array(copy.values.elements) == Array(parameters.values.elements))
    parameters.values.clear()
    #expect(copy.values.elements.allSatisfy { $0 == 2 })
    #expect(parameters.values.elements.allSatisfy { $0 == 0 })
  }
}
