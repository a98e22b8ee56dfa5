// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct InitializationTests {
  private static func parameters(
    _ scheme: Initialization, symbolCount: Int = 31, layerSizes: [Int] = [24, 17, 9], seed: UInt64 = 1
  ) throws -> Parameters {
    let parameters = Parameters(try Configuration(symbolCount: symbolCount, layerSizes: layerSizes))
    parameters.values.elements.update(repeating: .nan)
    var random = PhiloxGenerator(seed: seed)
    parameters.initialize(scheme, using: &random)
    return parameters
  }

  /// Uniform within ±limit: nothing beyond, something close to it, the right mean and variance.
  private static func expectUniform(
    _ values: UnsafeMutableBufferPointer<Float>, within limit: Double, _ name: String
  ) {
    let n = Double(values.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / n
    let variance = values.reduce(0.0) { $0 + Double($1) * Double($1) } / n
    let largest = Double(values.map(\.magnitude).max() ?? 0)
    #expect(largest <= limit * (1 + 1e-7) && largest > limit * (1 - 10 / n), "\(name)")
    #expect(mean.magnitude < 5 * limit / (3 * n).squareRoot(), "\(name)")
    #expect((variance / (limit * limit) - 1 / 3).magnitude < 5 * (4 / 45 / n).squareRoot(), "\(name)")
  }

  @Test(arguments: Initialization.allCases)
  func forgetBiasesAreOneAndAllOtherBiasesZero(_ scheme: Initialization) throws {
    let parameters = try Self.parameters(scheme)
    for (tensors, size) in zip(parameters.layout.layers, parameters.configuration.layerSizes) {
      for (index, bias) in parameters[tensors.bias].enumerated() {
        #expect(bias == (index / size == 1 ? 1 : 0), "\(tensors.bias.name) at \(index)")
      }
    }
    #expect(parameters[parameters.layout.decoderBias].allSatisfy { $0 == 0 })
  }

  @Test(arguments: Initialization.allCases)
  func everyParameterIsFiniteAndGapsAreZero(_ scheme: Initialization) throws {
    let parameters = try Self.parameters(scheme)
    var inside = [Bool](repeating: false, count: parameters.values.count)
    for tensor in parameters.layout.tensors {
      for index in tensor.offset..<tensor.offset + tensor.count { inside[index] = true }
      #expect(parameters[tensor].allSatisfy { $0.isFinite })
    }
    #expect(inside.contains(false))
    for (index, value) in parameters.values.elements.enumerated() where !inside[index] { #expect(value == 0) }
  }

  @Test func scaledWeightsAreUniformInTheirRanges() throws {
    let parameters = try Self.parameters(.scaled)
    for (index, (tensors, size)) in zip(parameters.layout.layers, parameters.configuration.layerSizes)
      .enumerated()
    {
      let width = Double(size).squareRoot()
      Self.expectUniform(
        parameters[tensors.input], within: index == 0 ? 2 : 2.5 / width, tensors.input.name)
      Self.expectUniform(parameters[tensors.recurrent], within: 1.7 / width, tensors.recurrent.name)
    }
    Self.expectUniform(parameters[parameters.layout.decoderWeight], within: 1.0 / 3, "decoder.weight")
  }

  @Test func kerasInputsAndDecoderAreGlorotUniform() throws {
    let parameters = try Self.parameters(.keras)
    // √(6 / (fan in + fan out)), the four gates being one matrix.
    for (tensors, (inputs, size)) in zip(parameters.layout.layers, [(31, 24), (24, 17), (17, 9)]) {
      let limit = (6 / Double(inputs + 4 * size)).squareRoot()
      Self.expectUniform(parameters[tensors.input], within: limit, tensors.input.name)
    }
    Self.expectUniform(
      parameters[parameters.layout.decoderWeight], within: (6.0 / 40).squareRoot(), "decoder.weight")
  }

  @Test func kerasRecurrentMatricesHaveOrthonormalColumns() throws {
    let parameters = try Self.parameters(.keras, layerSizes: [24, 17, 1])
    for tensors in parameters.layout.layers {
      let weight = parameters[tensors.recurrent]
      let (rows, columns) = (tensors.recurrent.rows, tensors.recurrent.columns)
      for a in 0..<columns {
        for b in 0...a {
          let dot = (0..<rows).reduce(0.0) {
            $0 + Double(weight[$1 * columns + a]) * Double(weight[$1 * columns + b])
          }
          #expect((dot - (a == b ? 1 : 0)).magnitude < 1e-5, "columns \(a) and \(b)")
        }
      }
      // Both signs, or the directions would not be uniformly spread.
      #expect(weight.contains { $0 < 0 } && weight.contains { $0 > 0 })
    }
  }

  @Test(arguments: Initialization.allCases)
  func theSameSeedGivesTheSameWeightsAndAnotherSeedOthers(_ scheme: Initialization) throws {
    let first = try Self.parameters(scheme)
    let again = try Self.parameters(scheme)
    let other = try Self.parameters(scheme, seed: 2)
    #expect(Array(first.values.elements) == Array(again.values.elements))
    for tensor in first.layout.tensors where tensor.rows > 1 {
      #expect(Array(first[tensor]) != Array(other[tensor]), "\(tensor.name)")
    }
  }
}
