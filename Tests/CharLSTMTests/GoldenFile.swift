// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Foundation

/// Reads one of the files that Tests/Reference/pytorch_golden.py made.
func golden<Content: Decodable>(_ name: String, as content: Content.Type = Content.self) throws -> Content {
  let file = Bundle.module.bundleURL.appendingPathComponent("Golden").appendingPathComponent(name)
  return try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
}

/// What PyTorch made of one network and one chunk: everything flat, row-major, time-major, in PyTorch's
/// layouts.
struct GoldenNetwork: Decodable {
  struct Objective: Decodable {
    let loss: Double
    let gradients: [String: [Double]]
  }

  struct State: Decodable {
    let hidden: [[Double]]  // [layer][N H]
    let cell: [[Double]]
  }

  let rows: Int
  let steps: Int
  let symbols: Int
  let sizes: [Int]
  let ids: [Int]  // [T N]
  let targets: [Int]  // [T N]
  let before: State
  let parameters: [String: [Double]]
  let objectives: [String: Objective]
  let logits: [Double]  // [T N V]
  let after: State

  /// A tensor of PyTorch's as `Parameters` keeps it: `weight_ih_l0` [4H, V] becomes the table [V, 4H].
  func asKept(_ name: String, _ elements: [Double]) -> [Double] {
    guard name == "lstm.weight_ih_l0" else { return elements }
    let lines = 4 * sizes[0]
    return (0..<symbols).flatMap { symbol in (0..<lines).map { elements[$0 * symbols + symbol] } }
  }

  /// Ids [T N] as [N][T].
  func byRow(_ timeMajor: [Int]) -> [[Int]] {
    (0..<rows).map { row in (0..<steps).map { timeMajor[$0 * rows + row] } }
  }

  /// A state as [N][layer].
  func byRow(_ state: State) -> [[NaiveLSTM.State]] {
    (0..<rows).map { row in
      sizes.enumerated().map { layer, size in
        let own = row * size..<(row + 1) * size
        return NaiveLSTM.State(hidden: Array(state.hidden[layer][own]), cell: Array(state.cell[layer][own]))
      }
    }
  }

  func makeParameters() throws -> Parameters {
    let parameters = Parameters(try Configuration(symbolCount: symbols, layerSizes: sizes))
    for tensor in parameters.layout.tensors {
      let elements = asKept(tensor.name, self.parameters[tensor.name] ?? [])
      precondition(elements.count == tensor.count, "\(tensor.name) has \(elements.count) elements")
      for (index, element) in elements.enumerated() { parameters[tensor][index] = Float(element) }
    }
    return parameters
  }
}

/// What PyTorch's optimizers, and TensorFlow.js's RMSProp, made of given gradients.
struct GoldenOptimizers: Decodable {
  struct Adam: Decodable {
    let rate: Double
    let beta1: Double
    let beta2: Double
    let epsilon: Double
    let decay: Double
    let after: [[Double]]  // [step][n]
    let clip: Double?
    let norms: [Double]?  // [step], before clipping
  }

  struct RMSProp: Decodable {
    let rate: Double
    let decay: Double
    let epsilon: Double
    let after: [[Double]]
  }

  let start: [Double]
  let gradients: [[Double]]  // [step][n]
  let adam: [Adam]
  let rmsprop: [RMSProp]
}

/// What PyTorch's cross-entropy made of given logits.
struct GoldenCrossEntropy: Decodable {
  struct Case: Decodable {
    let rows: Int
    let symbols: Int
    let logits: [Double]
    let targets: [UInt16]
    let losses: [Double]
    let gradients: [Double]  // of the mean of the losses
  }

  let cases: [Case]
}
