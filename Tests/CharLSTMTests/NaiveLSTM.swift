// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the loss of a chunk is taken.
enum NaiveObjective: String, CaseIterable, Sendable {
  /// The mean over every position of every row.
  case every
  /// The mean over the rows, at the last position only.
  case last
}

/// A matrix of doubles, one element at a time.
struct NaiveMatrix {
  let rows: Int
  let columns: Int
  var elements: [Double]

  init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
    elements = [Double](repeating: 0, count: rows * columns)
  }

  subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }
}

/// The stacked LSTM written from its equations in double precision, one number after the other, for
/// comparison.
///
/// It knows nothing of the network it is compared with but the order in which `Parameters` keeps tensors.
/// Inputs are one-hot vectors that are multiplied, nothing is packed or blocked, and every row and step is
/// worked out by itself.
struct NaiveLSTM {
  /// What one layer learns, or the gradients of it, in PyTorch's layout.
  struct Layer {
    var input: NaiveMatrix  // [4H, I], gates in the order i, f, g, o
    var recurrent: NaiveMatrix  // [4H, H]
    var bias: [Double]  // [4H]
    var size: Int { recurrent.columns }

    init(inputSize: Int, size: Int) {
      input = NaiveMatrix(4 * size, inputSize)
      recurrent = NaiveMatrix(4 * size, size)
      bias = [Double](repeating: 0, count: 4 * size)
    }
  }

  /// Hidden and cell vectors of one layer and one row.
  struct State {
    var hidden: [Double]
    var cell: [Double]
  }

  /// What one step of one layer of one row leaves behind for the way back.
  private struct Step {
    var begins: Bool
    var input: [Double]
    var before: State
    var i: [Double]
    var f: [Double]
    var g: [Double]
    var o: [Double]
    var after: State
  }

  let symbolCount: Int
  var layers: [Layer]
  var decoder: NaiveMatrix  // [V, H]
  var decoderBias: [Double]  // [V]

  /// Zeros.
  init(symbolCount: Int, layerSizes: [Int]) {
    self.symbolCount = symbolCount
    layers = layerSizes.indices.map {
      Layer(inputSize: $0 == 0 ? symbolCount : layerSizes[$0 - 1], size: layerSizes[$0])
    }
    decoder = NaiveMatrix(symbolCount, layerSizes[layerSizes.count - 1])
    decoderBias = [Double](repeating: 0, count: symbolCount)
  }

  /// The zero state of one row.
  var zeroState: [State] {
    layers.map {
      State(hidden: [Double](repeating: 0, count: $0.size), cell: [Double](repeating: 0, count: $0.size))
    }
  }

  /// Everything a pass over some rows gives: of row n and step t.
  struct Outcome {
    var logits: [[[Double]]] = []  // [N][T][V]
    var losses: [[Double]] = []  // [N][T], nats
    var loss = 0.0
    var state: [[State]] = []  // [N][layer]
    var gradient: NaiveLSTM
  }

  /// What the vectors from layer to layer are multiplied by: of a layer, a row, a step and a unit.
  typealias Mask = (_ layer: Int, _ row: Int, _ step: Int, _ unit: Int) -> Double

  /// Whether a text begins before a step of a row: the state is zero there and nothing flows back.
  typealias Begins = (_ row: Int, _ step: Int) -> Bool

  /// The chunk's loss, and, if wanted, the gradient of it, back-propagation being cut at the chunk's
  /// beginning.
  ///
  /// - Parameters:
  ///   - ids: [N][T]
  ///   - targets: [N][T]
  ///   - state: [N][layer]
  func run(
    _ ids: [[Int]], targets: [[Int]], state: [[State]], objective: NaiveObjective,
    begins: Begins = { _, _ in false }, mask: Mask? = nil, backward: Bool = true
  ) -> Outcome {
    var outcome = Outcome(gradient: NaiveLSTM(symbolCount: symbolCount, layerSizes: layers.map(\.size)))
    let steps = ids[0].count
    let weight = 1 / Double(objective == .every ? ids.count * steps : ids.count)
    for row in ids.indices {
      let (trace, logits) = forward(ids[row], row: row, state: state[row], begins: begins, mask: mask)
      outcome.logits.append(logits)
      outcome.state.append(trace.map { $0.last!.after })
      outcome.losses.append(zip(logits, targets[row]).map { -log(Self.softmax($0)[$1]) })
      let charged = objective == .every ? Array(0..<steps) : [steps - 1]
      outcome.loss += charged.reduce(0) { $0 + outcome.losses[row][$1] } * weight
      if !backward { continue }
      var logitGradients = logits.map { $0.map { _ in 0.0 } }
      for step in charged {
        for symbol in 0..<symbolCount {
          let hit = symbol == targets[row][step] ? 1.0 : 0.0
          logitGradients[step][symbol] = (Self.softmax(logits[step])[symbol] - hit) * weight
        }
      }
      self.backward(trace, row: row, logitGradients: logitGradients, mask: mask, into: &outcome.gradient)
    }
    return outcome
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private static func softmax(_ x: [Double]) -> [Double] {
    let most = x.max()!
    let sum = x.reduce(0) { $0 + exp($1 - most) }
    return x.map { exp($0 - most) / sum }
  }

  /// One row: the trace [layer][step] and the logits [step][V].
  private func forward(
    _ ids: [Int], row: Int, state: [State], begins: Begins, mask: Mask?
  ) -> ([[Step]], [[Double]]) {
    var trace = layers.map { _ in [Step]() }
    var state = state
    var logits: [[Double]] = []
    for (step, id) in ids.enumerated() {
      var x = (0..<symbolCount).map { $0 == id ? 1.0 : 0.0 }
      if begins(row, step) { state = zeroState }
      for (index, layer) in layers.enumerated() {
        let taken = Self.step(layer, x, state[index], begins: begins(row, step))
        trace[index].append(taken)
        state[index] = taken.after
        x = taken.after.hidden
        if let mask, index + 1 < layers.count {
          for unit in x.indices { x[unit] *= mask(index, row, step, unit) }
        }
      }
      logits.append(
        (0..<symbolCount).map { symbol in
          var sum = decoderBias[symbol]
          for unit in x.indices { sum += decoder[symbol, unit] * x[unit] }
          return sum
        })
    }
    return (trace, logits)
  }

  private static func step(_ layer: Layer, _ x: [Double], _ before: State, begins: Bool) -> Step {
    let size = layer.size
    func activation(_ gate: Int, _ unit: Int) -> Double {
      let line = gate * size + unit
      var sum = layer.bias[line]
      for column in x.indices where x[column] != 0 { sum += layer.input[line, column] * x[column] }
      for column in 0..<size { sum += layer.recurrent[line, column] * before.hidden[column] }
      return gate == 2 ? tanh(sum) : sigmoid(sum)
    }
    let gates = (0..<4).map { gate in (0..<size).map { activation(gate, $0) } }
    let (i, f, g, o) = (gates[0], gates[1], gates[2], gates[3])
    let cell = (0..<size).map { f[$0] * before.cell[$0] + i[$0] * g[$0] }
    let hidden = (0..<size).map { o[$0] * tanh(cell[$0]) }
    return Step(
      begins: begins, input: x, before: before, i: i, f: f, g: g, o: o,
      after: State(hidden: hidden, cell: cell))
  }

  /// Adds one row's gradients.
  private func backward(
    _ trace: [[Step]], row: Int, logitGradients: [[Double]], mask: Mask?, into gradient: inout NaiveLSTM
  ) {
    let steps = logitGradients.count
    // The gradient of what each layer gives to the one above it, [step][H]; at first the uppermost layer's.
    var above = [[Double]](repeating: [Double](repeating: 0, count: decoder.columns), count: steps)
    for step in 0..<steps {
      let top = trace[layers.count - 1][step].after.hidden
      for symbol in 0..<symbolCount {
        let d = logitGradients[step][symbol]
        gradient.decoderBias[symbol] += d
        for unit in top.indices {
          gradient.decoder[symbol, unit] += d * top[unit]
          above[step][unit] += d * decoder[symbol, unit]
        }
      }
    }
    for index in layers.indices.reversed() {
      above = backward(trace[index], layer: index, above: above, into: &gradient)
      if let mask, index > 0 {
        for step in 0..<steps {
          for unit in above[step].indices { above[step][unit] *= mask(index - 1, row, step, unit) }
        }
      }
    }
  }

  /// Adds one layer's gradients of one row; returns that of its input, [step][I].
  private func backward(
    _ trace: [Step], layer index: Int, above: [[Double]], into gradient: inout NaiveLSTM
  ) -> [[Double]] {
    let layer = layers[index]
    let size = layer.size
    var below = trace.map { $0.input.map { _ in 0.0 } }
    var hiddenGradient = [Double](repeating: 0, count: size)  // of h, from the step after
    var cellGradient = hiddenGradient  // of c, from the step after
    for step in trace.indices.reversed() {
      let taken = trace[step]
      var preActivations = [Double](repeating: 0, count: 4 * size)
      for unit in 0..<size {
        let (i, f, g, o) = (taken.i[unit], taken.f[unit], taken.g[unit], taken.o[unit])
        let dh = above[step][unit] + hiddenGradient[unit]
        let t = tanh(taken.after.cell[unit])
        let dc = cellGradient[unit] + dh * o * (1 - t * t)
        preActivations[unit] = dc * g * i * (1 - i)
        preActivations[size + unit] = dc * taken.before.cell[unit] * f * (1 - f)
        preActivations[2 * size + unit] = dc * i * (1 - g * g)
        preActivations[3 * size + unit] = dh * t * o * (1 - o)
        cellGradient[unit] = dc * f
      }
      hiddenGradient = [Double](repeating: 0, count: size)
      for (line, d) in preActivations.enumerated() {
        gradient.layers[index].bias[line] += d
        for column in taken.input.indices {
          gradient.layers[index].input[line, column] += d * taken.input[column]
          below[step][column] += d * layer.input[line, column]
        }
        for column in 0..<size {
          gradient.layers[index].recurrent[line, column] += d * taken.before.hidden[column]
          hiddenGradient[column] += d * layer.recurrent[line, column]
        }
      }
      if taken.begins {
        hiddenGradient = [Double](repeating: 0, count: size)
        cellGradient = hiddenGradient
      }
    }
    return below
  }
}

/// The logarithm of the sum of e to each x.
func logSumOfExponentials(_ x: [Double]) -> Double { log(x.reduce(0) { $0 + exp($1) }) }
