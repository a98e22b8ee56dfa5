// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

/// A chunk of random text for a network of random weights, with a state that is not zero.
struct NaiveCase: CustomTestStringConvertible, Sendable {
  let rows: Int
  let steps: Int
  let symbolCount: Int
  let layerSizes: [Int]

  var testDescription: String { "N \(rows), T \(steps), V \(symbolCount), H \(layerSizes)" }

  /// Pairwise different sizes, so that no two can be taken for each other.
  static let tiny = [
    NaiveCase(rows: 2, steps: 3, symbolCount: 5, layerSizes: [4]),
    NaiveCase(rows: 2, steps: 3, symbolCount: 5, layerSizes: [4, 6]),
    NaiveCase(rows: 3, steps: 2, symbolCount: 4, layerSizes: [6, 5, 1]),
    NaiveCase(rows: 1, steps: 4, symbolCount: 3, layerSizes: [5, 2]),
  ]

  var configuration: Configuration {
    get throws { try Configuration(symbolCount: symbolCount, layerSizes: layerSizes) }
  }

  /// Weights large enough for every gate to be used over its curved part.
  func parameters() throws -> Parameters {
    let parameters = Parameters(try configuration)
    var random = PhiloxGenerator(seed: 17, stream: 1)
    for tensor in parameters.layout.tensors {
      for index in 0..<tensor.count { parameters[tensor][index] = random.uniform(within: 0.7) }
    }
    return parameters
  }

  /// [N][T] ids; symbol 0 stays unused where there are more than three, so that a gradient of zero occurs as
  /// well.
  func ids(stream: UInt64) -> [[Int]] {
    var random = PhiloxGenerator(seed: 17, stream: stream)
    return (0..<rows).map { _ in
      (0..<steps).map { _ in symbolCount > 3 ? 1 + random.below(symbolCount - 1) : random.below(symbolCount) }
    }
  }

  /// [N][layer], numbers that fp32 holds exactly.
  func state() -> [[NaiveLSTM.State]] {
    var random = PhiloxGenerator(seed: 17, stream: 9)
    return (0..<rows).map { _ in
      layerSizes.map { size in
        NaiveLSTM.State(
          hidden: (0..<size).map { _ in Double(random.uniform(within: 0.9)) },
          cell: (0..<size).map { _ in Double(random.uniform(within: 1.8)) })
      }
    }
  }
}

/// Dropout masks for tests that need no kernel: 0, or 2, by a rule nobody would choose.
private func testMask(_ layer: Int, _ row: Int, _ step: Int, _ unit: Int) -> Double {
  (7 * layer + 3 * row + 5 * step + unit) % 3 == 0 ? 0 : 2
}

/// Texts that begin at some steps of some rows, one at the first step of a row.
private func testBegins(_ row: Int, _ step: Int) -> Bool { (row + 2 * step) % 3 == 0 }

/// The reference is itself held against numeric gradients, which know nothing of the chain rule.
struct NaiveLSTMTests {
  @Test(arguments: NaiveCase.tiny, NaiveObjective.allCases)
  func analyticGradientsAreNumericGradients(_ sizes: NaiveCase, _ objective: NaiveObjective) throws {
    let masks = [nil, testMask] as [NaiveLSTM.Mask?]
    let beginnings = [{ _, _ in false }, testBegins] as [NaiveLSTM.Begins]
    for (mask, begins) in masks.flatMap({ mask in beginnings.map { (mask, $0) } })
    where mask == nil || sizes.layerSizes.count > 1 {
      var network = NaiveLSTM(try sizes.parameters())
      let (ids, targets, state) = (sizes.ids(stream: 2), sizes.ids(stream: 3), sizes.state())
      func loss() -> Double {
        network.run(
          ids, targets: targets, state: state, objective: objective, begins: begins, mask: mask,
          backward: false
        ).loss
      }
      let gradient = network.run(
        ids, targets: targets, state: state, objective: objective, begins: begins, mask: mask
      ).gradient
      var largest = 0.0
      for path in NaiveLSTM.paths(of: network) {
        let value = network[keyPath: path]
        let h = 1e-5
        network[keyPath: path] = value + h
        let up = loss()
        network[keyPath: path] = value - h
        let down = loss()
        network[keyPath: path] = value
        let numeric = (up - down) / (2 * h)
        let analytic = gradient[keyPath: path]
        // Central differences are themselves off by about h² and by the rounding of the loss over h.
        #expect((numeric - analytic).magnitude <= 1e-6 * analytic.magnitude + 5e-10, "\(path)")
        largest = max(largest, analytic.magnitude)
      }
      #expect(largest > 1e-3, "all gradients vanish: nothing was compared")
    }
  }

  @Test func aUniformNetworkLosesTheLogOfItsSymbols() {
    let network = NaiveLSTM(symbolCount: 8, layerSizes: [3])
    let outcome = network.run([[1, 2]], targets: [[3, 4]], state: [network.zeroState], objective: .every)
    #expect((outcome.loss - 2.079_441_541_679_835_7).magnitude < 1e-15)
  }

  /// One unit whose weights are all 0 but the biases, worked out apart.
  @Test func oneUnitIsWhatTheEquationsSay() {
    var network = NaiveLSTM(symbolCount: 2, layerSizes: [1])
    network.layers[0].bias = [0.5, -0.25, 1, 0.125]
    network.decoder[0, 0] = 1
    let state = [[NaiveLSTM.State(hidden: [0.3], cell: [2])]]
    let outcome = network.run([[1]], targets: [[0]], state: state, objective: .every)
    // σ(-1/4) · 2 + σ(1/2) tanh 1, and σ(1/8) tanh of it.
    #expect((outcome.state[0][0].cell[0] - 1.349_708_387).magnitude < 1e-9)
    #expect((outcome.logits[0][0][0] - outcome.state[0][0].hidden[0]).magnitude < 1e-15)
    #expect((outcome.state[0][0].hidden[0] - 0.464_268_727).magnitude < 1e-9)
  }
}
