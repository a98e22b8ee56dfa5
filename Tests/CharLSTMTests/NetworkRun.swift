// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM

extension Network {
  /// A forward pass alone, under dropout.
  func forward(
    _ ids: UnsafePointer<UInt16>, steps: Int, resets: StateResets = .none, chunk: Chunk, dropout: Dropout?
  ) {
    forward([Pass(ids, resets: resets, chunk: chunk, dropout: dropout)], steps: steps)
  }

  /// A backward pass alone.
  func backward(
    _ ids: UnsafePointer<UInt16>, steps: Int, resets: StateResets = .none, decoded: Range<Int>, chunk: Chunk,
    dropout: Dropout? = nil, gradients: Parameters
  ) {
    backward(
      [Pass(ids, resets: resets, chunk: chunk, dropout: dropout)], steps: steps, decoded: decoded,
      gradients: [gradients])
  }
}

/// One chunk through the real network, forward and back, at one level.
struct NetworkRun {
  var logits: [Float]  // [T B, V] of the positions decoded
  var losses: [Double]  // [T B] of the same
  var loss: Double
  var gradients: Parameters
  var state: [Float]

  /// Runs `ids` [N][T] from `state` on.
  ///
  /// Everything that is to be overwritten holds NaN or another run's numbers before.
  init(
    _ parameters: Parameters, level: String, precision: Precision = .fp32, ids: [[Int]], targets: [[Int]],
    state: [[NaiveLSTM.State]], objective: NaiveObjective, resets: StateResets = .none,
    dropout: Network.Dropout? = nil
  ) throws {
    let rows = ids.count
    let steps = ids[0].count
    let network = Network(
      parameters, kernels: try Kernels(named: level), precision: precision, forTraining: true)
    let chunk = Chunk(
      parameters.configuration, rows: rows, capacity: steps + 2, forTraining: true, dropout: dropout != nil)
    gradients = Parameters(parameters.configuration)
    for part in network.parts { gradients.values.elements[part.range].update(repeating: .nan) }

    func once(
      _ ids: [UInt16], _ targets: [UInt16], _ decoded: Range<Int>, _ steps: Int, _ resets: StateResets
    ) {
      network.forward(ids, steps: steps, resets: resets, chunk: chunk, dropout: dropout)
      network.decode(steps: decoded, chunk: chunk, underDropout: dropout != nil)
      logits = Array(chunk.logits.elements[..<(decoded.count * rows * parameters.configuration.symbolCount)])
      losses = [Double](repeating: .nan, count: decoded.count * rows)
      network.crossEntropy(
        targets, rows: losses.count, scale: 1 / Float(losses.count), chunk: chunk, losses: &losses)
      network.backward(
        ids, steps: steps, resets: resets, decoded: decoded, chunk: chunk, dropout: dropout,
        gradients: gradients)
    }

    (logits, losses, loss, self.state) = ([], [], .nan, [])
    // What another chunk left behind must not matter.
    once(
      [UInt16](repeating: 0, count: rows * (steps + 2)), [UInt16](repeating: 0, count: rows * (steps + 2)),
      0..<steps + 2, steps + 2, .none)
    network.carryState(after: steps + 2, chunk: chunk)

    chunk.state = chunkState(state).map { Float($0) }
    let decoded = objective == .every ? 0..<steps : steps - 1..<steps
    once(
      Self.timeMajor(ids, 0..<steps), Self.timeMajor(targets, decoded), decoded, steps, resets)
    loss = losses.reduce(0, +) / Double(losses.count)
    network.carryState(after: steps, chunk: chunk)
    self.state = chunk.state
  }

  /// Some steps of ids [N][T], as [T N].
  static func timeMajor(_ ids: [[Int]], _ steps: Range<Int>) -> [UInt16] {
    steps.flatMap { step in ids.map { UInt16($0[step]) } }
  }
}

/// The largest distance between two lists, in parts of `absolute` + `relative` times the second one's
/// magnitude.
func distance(_ found: [Float], _ expected: [Double], relative: Double, absolute: Double) -> Double {
  precondition(found.count == expected.count, "lists of \(found.count) and \(expected.count)")
  var worst = 0.0
  for (a, b) in zip(found, expected) {
    let distance = (Double(a) - b).magnitude / (absolute + relative * b.magnitude)
    // A NaN is as far as can be.
    worst = distance <= worst ? worst : distance.isNaN ? .infinity : distance
  }
  return worst
}
