// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct NetworkTests {
  /// Sizes below, at and beyond the widths of vectors and tiles.
  private static let sizes =
    NaiveCase.tiny + [
      NaiveCase(rows: 9, steps: 3, symbolCount: 37, layerSizes: [33, 17]),
      NaiveCase(rows: 7, steps: 5, symbolCount: 2, layerSizes: [1, 9, 3]),
      NaiveCase(rows: 17, steps: 2, symbolCount: 67, layerSizes: [16, 32]),
    ]

  private static let cases = sizes.flatMap { sizes in NaiveObjective.allCases.map { (sizes, $0) } }

  /// Everything within 1e-5 of the reference.
  private static func expectSame(
    _ run: NetworkRun, _ naive: NaiveLSTM.Outcome, _ objective: NaiveObjective, _ note: String
  ) {
    let steps = naive.losses[0].count
    let decoded = objective == .every ? 0..<steps : steps - 1..<steps
    let logits = decoded.flatMap { step in naive.logits.flatMap { $0[step] } }
    let losses = decoded.flatMap { step in naive.losses.map { $0[step] } }
    #expect(distance(run.logits, logits, relative: 1e-5, absolute: 2e-6) <= 1, "logits, \(note)")
    #expect(
      distance(run.losses.map { Float($0) }, losses, relative: 1e-5, absolute: 2e-6) <= 1, "losses, \(note)")
    #expect((run.loss - naive.loss).magnitude < 2e-6, "loss, \(note)")
    #expect(
      distance(run.state, chunkState(naive.state), relative: 1e-5, absolute: 2e-6) <= 1, "state, \(note)")
    for (tensor, expected) in zip(run.gradients.layout.tensors, naive.gradient.tensors) {
      #expect(tensor.name == expected.name)
      let apart = distance(Array(run.gradients[tensor]), expected.elements, relative: 1e-5, absolute: 1e-6)
      #expect(apart <= 1, "gradient of \(tensor.name), \(note)")
    }
  }

  @Test(arguments: cases)
  func forwardAndBackwardAreTheNaiveOnes(_ sizes: NaiveCase, _ objective: NaiveObjective) throws {
    let parameters = try sizes.parameters()
    let (ids, targets, state) = (sizes.ids(stream: 2), sizes.ids(stream: 3), sizes.state())
    let naive = NaiveLSTM(parameters).run(ids, targets: targets, state: state, objective: objective)
    for level in Kernels.levels {
      let run = try NetworkRun(
        parameters, level: level, ids: ids, targets: targets, state: state, objective: objective)
      Self.expectSame(run, naive, objective, level)
    }
  }

  @Test func aSecondChunkGoesOnFromTheStateOfTheFirst() throws {
    let sizes = NaiveCase(rows: 3, steps: 5, symbolCount: 6, layerSizes: [7, 4])
    let parameters = try sizes.parameters()
    let reference = NaiveLSTM(parameters)
    let zero = (0..<3).map { _ in reference.zeroState }
    let (ids, targets) = (sizes.ids(stream: 2), sizes.ids(stream: 3))
    let first = reference.run(ids, targets: targets, state: zero, objective: .every)
    let second = reference.run(targets, targets: ids, state: first.state, objective: .every)
    for level in Kernels.levels {
      let network = Network(parameters, kernels: try Kernels(named: level))
      let chunk = Chunk(parameters.configuration, rows: 3, capacity: 5)
      network.forward(NetworkRun.timeMajor(ids, 0..<5), steps: 5, chunk: chunk)
      network.carryState(after: 5, chunk: chunk)
      network.forward(NetworkRun.timeMajor(targets, 0..<5), steps: 5, chunk: chunk)
      network.decode(steps: 0..<5, chunk: chunk)
      let logits = (0..<5).flatMap { step in second.logits.flatMap { $0[step] } }
      #expect(distance(Array(chunk.logits.elements), logits, relative: 1e-5, absolute: 2e-6) <= 1)
      network.carryState(after: 5, chunk: chunk)
      #expect(distance(chunk.state, chunkState(second.state), relative: 1e-5, absolute: 2e-6) <= 1)
    }
  }

  @Test func packingTakesOverChangedParameters() throws {
    let sizes = NaiveCase(rows: 2, steps: 3, symbolCount: 40, layerSizes: [150, 7])
    let parameters = try sizes.parameters()
    let network = Network(parameters, kernels: .best)
    for tensor in parameters.layout.tensors {
      for index in 0..<tensor.count { parameters[tensor][index] *= 0.5 }
    }
    let fresh = Network(parameters, kernels: .best)
    let chunk = Chunk(parameters.configuration, rows: 2, capacity: 3)
    let ids = NetworkRun.timeMajor(sizes.ids(stream: 2), 0..<3)
    func logits(_ network: Network) -> [Float] {
      network.forward(ids, steps: 3, chunk: chunk)
      network.decode(steps: 0..<3, chunk: chunk)
      return Array(chunk.logits.elements)
    }
    let expected = logits(fresh)
    #expect(logits(network) != expected, "old weights gave the new logits")
    // However many threads share the packing.
    for count in 1...3 {
      network.pack(workers: Workers(count: count))
      #expect(logits(network) == expected)
    }
  }

  @Test(.enabled(if: !levelsWithBFloat16.isEmpty), arguments: levelsWithBFloat16, NaiveObjective.allCases)
  func inBFloat16GradientsPointTheSameWay(_ level: String, _ objective: NaiveObjective) throws {
    let sizes = NaiveCase(rows: 9, steps: 3, symbolCount: 37, layerSizes: [33, 17])
    let parameters = try sizes.parameters()
    let (ids, targets, state) = (sizes.ids(stream: 2), sizes.ids(stream: 3), sizes.state())
    let naive = NaiveLSTM(parameters).run(ids, targets: targets, state: state, objective: objective)
    let run = try NetworkRun(
      parameters, level: level, precision: .bf16, ids: ids, targets: targets, state: state,
      objective: objective)
    #expect((run.loss - naive.loss).magnitude < 0.01 * naive.loss)
    #expect(run.loss != naive.loss)
    for (tensor, expected) in zip(run.gradients.layout.tensors, naive.gradient.tensors) {
      var (dot, a, b) = (0.0, 0.0, 0.0)
      for (x, y) in zip(run.gradients[tensor], expected.elements) {
        dot += Double(x) * y
        a += Double(x) * Double(x)
        b += y * y
      }
      // Eight bits of significand: some thousandths in each operand, and they are unlike each other.
      #expect(dot / (a * b).squareRoot() > 0.9995, "\(tensor.name)")
      #expect((a / b).squareRoot() > 0.98 && (a / b).squareRoot() < 1.02, "\(tensor.name)")
    }
  }

  private static let levelsWithBFloat16 = Kernels.levels.filter {
    (try? Kernels(named: $0).has(.bf16)) ?? false
  }
}
