// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import CharLSTM
import Testing

/// The network, its losses and its optimizers beside PyTorch's.
struct GoldenTests {
  private static let networks = [
    "one_layer.json", "equal_layers.json", "different_layers.json", "wide.json",
  ]

  @Test(arguments: networks, NaiveObjective.allCases)
  func networksAreAsPyTorchComputesThem(_ file: String, _ objective: NaiveObjective) throws {
    let expected: GoldenNetwork = try golden(file)
    let outcome = try #require(expected.objectives[objective.rawValue])
    let parameters = try expected.makeParameters()
    for level in Kernels.levels {
      let run = try NetworkRun(
        parameters, level: level, ids: expected.byRow(expected.ids),
        targets: expected.byRow(expected.targets),
        state: expected.byRow(expected.before), objective: objective)
      let logits =
        objective == .every ? expected.logits : expected.logits.suffix(expected.rows * expected.symbols)
      #expect(distance(run.logits, Array(logits), relative: 1e-5, absolute: 2e-6) <= 1, "logits, \(level)")
      #expect((run.loss - outcome.loss).magnitude < 2e-6, "loss, \(level)")
      let state = chunkState(expected.byRow(expected.after))
      #expect(distance(run.state, state, relative: 1e-5, absolute: 2e-6) <= 1, "state, \(level)")
      for tensor in run.gradients.layout.tensors {
        let gradient = expected.asKept(tensor.name, try #require(outcome.gradients[tensor.name]))
        let apart = distance(Array(run.gradients[tensor]), gradient, relative: 1e-5, absolute: 1e-6)
        #expect(apart <= 1, "gradient of \(tensor.name), \(level)")
      }
    }
  }

  /// The naive reference, in double, agrees to all the digits of the file.
  @Test(arguments: networks, NaiveObjective.allCases)
  func theNaiveNetworkIsAsPyTorchComputesItToEightDigits(_ file: String, _ objective: NaiveObjective) throws {
    let expected: GoldenNetwork = try golden(file)
    let outcome = try #require(expected.objectives[objective.rawValue])
    let naive = NaiveLSTM(try expected.makeParameters()).run(
      expected.byRow(expected.ids), targets: expected.byRow(expected.targets),
      state: expected.byRow(expected.before), objective: objective)
    // The initial state is read from nine digits, not through fp32 as the weights are.
    #expect((naive.loss - outcome.loss).magnitude < 1e-8)
    for (name, elements) in naive.gradient.tensors {
      let gradient = expected.asKept(name, try #require(outcome.gradients[name]))
      for (a, b) in zip(elements, gradient) {
        #expect((a - b).magnitude <= 1e-7 * b.magnitude + 1e-8, "\(name)")
      }
    }
  }

  private static let levels = Kernels.levels

  @Test(arguments: levels)
  func adamIsPyTorchs(_ level: String) throws {
    let kernels = try #require(ck_kernels_named(level)).pointee
    let expected: GoldenOptimizers = try golden("optimizers.json")
    for adam in expected.adam {
      var parameters = expected.start.map { Float($0) }
      let n = parameters.count
      var m = [Float](repeating: 0, count: n)
      var v = m
      for (step, gradients) in expected.gradients.map({ $0.map { Float($0) } }).enumerated() {
        let (first, second) = (1 - power(adam.beta1, step + 1), 1 - power(adam.beta2, step + 1))
        var scale = 1.0
        if let clip = adam.clip, let norms = adam.norms {
          let norm = kernels.sum_of_squares(n, gradients).squareRoot()
          #expect((norm - norms[step]).magnitude < 1e-6 * norms[step])
          // PyTorch adds 1e-6 to the norm, which is far below what is compared here.
          scale = min(1, clip / norm)
        }
        var options = ck_adam_options(
          rate: Float(adam.rate / first), beta1: Float(adam.beta1), beta2: Float(adam.beta2),
          left1: Float(1 - adam.beta1), left2: Float(1 - adam.beta2), epsilon: Float(adam.epsilon),
          correction2: Float(1 / second),
          weight_decay: Float(adam.rate * adam.decay),
          gradient_scale: Float(scale))
        kernels.adam(n, &parameters, gradients, &m, &v, &options)
        #expect(distance(parameters, adam.after[step], relative: 1e-5, absolute: 2e-6) <= 1, "step \(step)")
      }
    }
    // One of them was really clipped, and one was not.
    let clipped = try #require(
      expected.adam.compactMap { adam in adam.clip.map { ($0, adam.norms ?? []) } }.first)
    #expect(clipped.1.contains { $0 > clipped.0 })
  }

  @Test(arguments: levels)
  func rmspropIsTensorFlowJSs(_ level: String) throws {
    let kernels = try #require(ck_kernels_named(level)).pointee
    let expected: GoldenOptimizers = try golden("optimizers.json")
    for rmsprop in expected.rmsprop {
      var parameters = expected.start.map { Float($0) }
      var v = [Float](repeating: 0, count: parameters.count)
      for (step, gradients) in expected.gradients.map({ $0.map { Float($0) } }).enumerated() {
        kernels.rmsprop(
          parameters.count, &parameters, gradients, &v, Float(rmsprop.rate), Float(rmsprop.decay),
          Float(1 - rmsprop.decay), Float(rmsprop.epsilon), 1)
        #expect(
          distance(parameters, rmsprop.after[step], relative: 1e-5, absolute: 2e-6) <= 1, "step \(step)")
      }
    }
  }

  @Test(arguments: levels)
  func crossEntropyIsPyTorchs(_ level: String) throws {
    let kernels = try #require(ck_kernels_named(level)).pointee
    let expected: GoldenCrossEntropy = try golden("cross_entropy.json")
    for one in expected.cases {
      var logits = one.logits.map { Float($0) }
      var losses = [Double](repeating: .nan, count: one.rows)
      kernels.cross_entropy(one.rows, one.symbols, &logits, one.targets, 1 / Float(one.rows), &losses)
      for (a, b) in zip(losses, one.losses) {
        #expect((a - b).magnitude <= 1e-6 * max(1, b), "\(one.symbols)")
      }
      #expect(distance(logits, one.gradients, relative: 1e-5, absolute: 1e-7) <= 1, "\(one.symbols)")
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
