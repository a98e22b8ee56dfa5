// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

/// Networks whose input gates are 1 less their forget gates.
struct CoupledGatesTests {
  private static let sizes =
    NaiveCase.tiny + [
      NaiveCase(rows: 9, steps: 3, symbolCount: 37, layerSizes: [33, 17]),
      NaiveCase(rows: 17, steps: 2, symbolCount: 67, layerSizes: [16, 32]),
      // The upper layer reads as many vectors as it has gates.
      NaiveCase(rows: 2, steps: 6, symbolCount: 3, layerSizes: [32, 8]),
    ]

  private static func coupled(_ sizes: NaiveCase) throws -> Parameters {
    let parameters = try sizes.parameters()
    parameters.couple()
    return parameters
  }

  /// The gradient of an LSTM where changing a weight of a forget gate changes the input gate's by as much the other way.
  private static func tied(_ gradient: NaiveLSTM) -> NaiveLSTM {
    var gradient = gradient
    for index in gradient.layers.indices {
      var layer = gradient.layers[index]
      func tie(_ elements: inout [Double]) {
        let count = elements.count / 4
        for place in 0..<count {
          elements[count + place] -= elements[place]
          elements[place] = 0
        }
      }
      tie(&layer.input.elements)
      tie(&layer.recurrent.elements)
      tie(&layer.bias)
      gradient.layers[index] = layer
    }
    return gradient
  }

  @Test(arguments: sizes, NaiveObjective.allCases)
  func areLSTMsWithTiedWeights(_ sizes: NaiveCase, _ objective: NaiveObjective) throws {
    let parameters = try Self.coupled(sizes)
    let (ids, targets, state) = (sizes.ids(stream: 2), sizes.ids(stream: 3), sizes.state())
    let naive = NaiveLSTM(parameters).run(ids, targets: targets, state: state, objective: objective)
    let steps = sizes.steps
    let decoded = objective == .every ? 0..<steps : steps - 1..<steps
    let logits = decoded.flatMap { step in naive.logits.flatMap { $0[step] } }
    for level in Kernels.levels {
      let run = try NetworkRun(
        parameters, level: level, ids: ids, targets: targets, state: state, objective: objective)
      #expect(distance(run.logits, logits, relative: 1e-5, absolute: 2e-6) <= 1, "\(level)")
      #expect((run.loss - naive.loss).magnitude < 2e-6, "\(level)")
      #expect(
        distance(run.state, chunkState(naive.state), relative: 1e-5, absolute: 2e-6) <= 1, "\(level)")
      for (tensor, expected) in zip(run.gradients.layout.tensors, Self.tied(naive.gradient).tensors) {
        let apart = distance(
          Array(run.gradients[tensor]), expected.elements, relative: 1e-5, absolute: 1e-6)
        #expect(apart <= 1, "gradient of \(tensor.name), \(level)")
      }
    }
  }

  @Test(arguments: Kernels.levels)
  func theWeightsOfTheirInputGatesAreNotUsed(_ level: String) throws {
    let sizes = Self.sizes[4]
    let kernels = try Kernels(named: level)
    let tied = try Self.coupled(sizes)
    let spoiled = tied.copy()
    let plain = try sizes.parameters()
    for index in 0..<plain.values.count where tied.values.elements[index] != plain.values.elements[index] {
      spoiled.values.elements[index] = .nan
    }
    #expect(spoiled.values.elements.contains { $0.isNaN })
    let ids = NetworkRun.timeMajor(sizes.ids(stream: 2), 0..<sizes.steps)
    for precision in Precision.allCases where kernels.has(precision) {
      let results = [tied, spoiled].map { parameters in
        let network = Network(
          parameters, kernels: kernels, precision: precision, forTraining: true, isCoupled: true)
        let chunk = Chunk(
          parameters.configuration, rows: sizes.rows, capacity: sizes.steps, forTraining: true)
        let gradients = Parameters(parameters.configuration)
        var losses = [Double](repeating: 0, count: ids.count)
        network.forward(ids, steps: sizes.steps, chunk: chunk)
        network.decode(steps: 0..<sizes.steps, chunk: chunk)
        network.crossEntropy(ids, rows: ids.count, scale: 1, chunk: chunk, losses: &losses)
        network.backward(
          ids, steps: sizes.steps, decoded: 0..<sizes.steps, chunk: chunk, gradients: gradients)
        return losses.map(\.bitPattern) + gradients.values.elements.map { UInt64($0.bitPattern) }
      }
      #expect(results[0] == results[1], "\(precision)")
    }
  }

  @Test func aNetworkLooksWhetherItsGatesAreCoupled() throws {
    let parameters = try Self.coupled(Self.sizes[4])
    let network = Network(parameters, kernels: .best)
    #expect(network.isCoupled)
    let plain = Network(parameters, kernels: .best, isCoupled: false)
    // Three gates of four, and the decoder, in panels of 32 columns.
    #expect(network.weightSize < plain.weightSize)
    #expect(plain.forwardOperations == network.configuration.forwardOperations)
    let decoder = 2 * 37 * 17
    #expect(4 * (network.forwardOperations - decoder) == 3 * (plain.forwardOperations - decoder))
    #expect(Network(parameters, kernels: .best, forTraining: true).isCoupled)
    #expect(!Network(try Self.sizes[4].parameters(), kernels: .best).isCoupled)
  }

  @Test(arguments: Kernels.levels)
  func giveTheBitsOfThePortableLevel(_ level: String) throws {
    for sizes in Self.sizes {
      let parameters = try Self.coupled(sizes)
      func run(_ level: String) throws -> NetworkRun {
        try NetworkRun(
          parameters, level: level, ids: sizes.ids(stream: 2), targets: sizes.ids(stream: 3),
          state: sizes.state(), objective: .every)
      }
      let (found, expected) = (try run(level), try run("portable"))
      #expect(found.logits.map(\.bitPattern) == expected.logits.map(\.bitPattern))
      #expect(found.state.map(\.bitPattern) == expected.state.map(\.bitPattern))
      #expect(
        found.gradients.values.elements.map(\.bitPattern)
          == expected.gradients.values.elements.map(\.bitPattern))
    }
  }

  @Test func weightsTellWhetherTheyAreCoupled() throws {
    for sizes in Self.sizes {
      let parameters = try sizes.parameters()
      #expect(!parameters.areCoupled)
      let before = parameters.copy()
      parameters.couple()
      #expect(parameters.areCoupled)
      // What is not an input gate's is as it was, and the others are a forget gate's.
      var (negated, kept) = (0, 0)
      for (found, old) in zip(parameters.values.elements, before.values.elements) {
        if found == old { kept += 1 } else { negated += 1 }
      }
      let inputGates = sizes.layerSizes.enumerated().reduce(0) { sum, layer in
        let inputs = layer.offset == 0 ? sizes.symbolCount : sizes.layerSizes[layer.offset - 1]
        return sum + layer.element * (inputs + layer.element + 1)
      }
      #expect(negated == inputGates && kept == parameters.values.count - inputGates)
      for tensors in parameters.layout.layers {
        for tensor in [tensors.input, tensors.recurrent, tensors.bias] {
          for index in [0, tensor.count - 1] {
            let changed = parameters.copy()
            changed[tensor][index] += 1
            // The last gate of all is none of the two.
            #expect(changed.areCoupled == (index > 0), "\(tensor.name) \(index)")
          }
        }
      }
      #expect(!Parameters(try sizes.configuration).areCoupled, "nothing is learned")
    }
  }
}
