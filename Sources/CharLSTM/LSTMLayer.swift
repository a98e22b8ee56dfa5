// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// The forward and backward pass of one LSTM layer over a chunk, or several side by side.
///
///     a_t = W_ih x_t + W_hh h_{t-1} + b,   i, f, o = σ(a),   g = tanh(a)
///     c_t = f c_{t-1} + i g,   h_t = o tanh(c_t)
///
/// With coupled gates i is 1 - f; its weights are not used and their gradient is zero.
///
/// The input's half of a is one product over many steps; only the recurrent half is inside the loop over time.
/// Every element of a is summed in the order bias, input, recurrent, each over ascending columns, whether the chunk is
/// one step long or many: text does not depend on how it was cut.
final class LSTMLayer: Sendable {
  private let kernels: Kernels
  private let weights: PackedWeights.Layer
  private let tensors: LayerTensors
  /// Whether i is 1 - f, and has no weights of its own.
  private let isCoupled: Bool
  /// H.
  private let size: Int
  /// The elements of a row of gates, 4H, or 3H where i is none of them.
  private let gateWidth: Int
  /// From a row of gates to the next.
  private let gateStride: Int

  init(kernels: Kernels, weights: PackedWeights.Layer, tensors: LayerTensors, isCoupled: Bool) {
    self.kernels = kernels
    self.weights = weights
    self.tensors = tensors
    self.isCoupled = isCoupled
    size = tensors.recurrent.columns
    gateWidth = (isCoupled ? 3 : 4) * size
    gateStride = FloatBuffer.wholeLines(gateWidth)
  }

  /// A chunk on its way through the layer.
  ///
  /// Passes that are made together go step by step, and read the weights of a step once; nothing else depends on it.
  struct Pass {
    let input: LSTMInput
    /// Where texts begin inside the chunk.
    let resets: StateResets
    let activations: LSTMActivations
  }

  /// Rows of gates that are worked on at a time: enough to fill a product's tiles, few enough that what one pass
  /// leaves is still in the second-level cache when the next one wants it.
  private static let blockRows = 64

  /// Which of a layer's 4H weights, biases, or rows of weights is that of the first element of a row of gates.
  private var firstGate: Int { 4 * size - gateWidth }

  private func vectors(_ pass: Pass) -> LSTMVectors {
    pass.activations.vectors(pass.input, gateStride: gateStride)
  }

  /// Where texts begin inside the chunks of `passes`; empty where none does in any of them, so that steps do not look.
  private static func resets(_ passes: some Collection<Pass>) -> [StateResets] {
    passes.contains { !$0.resets.places.isEmpty } ? passes.map(\.resets) : []
  }

  /// Activates the gates of a step and makes the next step's vectors.
  private func activate(_ vectors: LSTMVectors, _ step: Int) {
    let after = vectors.place(step + 1)
    kernels.table.pointee.cell_forward(
      isCoupled, vectors.rows, size, vectors.gates(step), gateStride, vectors.cell(before: step),
      vectors.cell + after, vectors.hidden + after, vectors.stride)
  }

  /// Fills the activations of `passes` for `steps` steps from their step 0 on.
  func forward(_ passes: [Pass], steps: Int, parameters: Parameters) {
    let resets = Self.resets(passes)
    let recurrent = weights.recurrent
    let start = recurrentStart(parameters)
    var vectors = passes.map { self.vectors($0) }
    vectors.withUnsafeMutableBufferPointer { vectors in
      let blockSteps = max(1, Self.blockRows / vectors.reduce(0) { $0 + $1.rows })
      for first in stride(from: 0, to: steps, by: blockSteps) {
        let block = first..<min(first + blockSteps, steps)
        readInput(vectors, block, parameters: parameters)
        for step in block {
          for index in resets.indices { vectors[index].beginTexts(at: step, resets[index]) }
          recurrent.multiply(vectors, from: start) {
            PackedMatrix.Rows(
              count: $0.rows, operand: $0.hidden(before: step), result: $0.gates(step),
              symbols: $0.symbols(step))
          }
          for vectors in vectors { activate(vectors, step) }
        }
      }
    }
  }

  /// One step of one row, in which no text begins; `team` shares out the columns of its gates.
  func step(_ input: LSTMInput, activations: LSTMActivations, parameters: Parameters, team: Team?) {
    // Each part of the gates is written by one thread, and nothing else meanwhile.
    nonisolated(unsafe) let vectors = activations.vectors(input, gateStride: gateStride)
    nonisolated(unsafe) let bias = UnsafePointer(parameters.pointer(tensors.bias) + firstGate)
    nonisolated(unsafe) let start = recurrentStart(parameters)
    @Sendable func multiply(_ panels: Range<Int>?) {
      if let weight = weights.input {
        weight.multiply(
          1, vectors.vectorsBelow(0, stride: weight.operandStride), into: vectors.gates(0), from: .row(bias),
          panels: panels)
      }
      weights.recurrent.multiply(
        1, vectors.hidden(before: 0), into: vectors.gates(0), from: start, symbols: vectors.symbols(0),
        panels: panels)
    }
    if let team {
      let recurrent = weights.recurrent
      team.share(recurrent.pieceCount) { multiply(recurrent.panels(ofPiece: $0)) }
    } else {
      multiply(nil)
    }
    activate(vectors, 0)
  }

  /// What the recurrent half of the pre-activations is added to: the bias and the input's half.
  private func recurrentStart(_ parameters: Parameters) -> PackedMatrix.Start {
    if weights.input != nil { return .result }
    return .symbol(
      table: UnsafePointer(parameters.pointer(tensors.input) + firstGate), tableStride: 4 * size,
      row: UnsafePointer(parameters.pointer(tensors.bias) + firstGate))
  }

  /// The bias and the input's half of the pre-activations of some steps, where it is a product.
  private func readInput(
    _ vectors: UnsafeMutableBufferPointer<LSTMVectors>, _ block: Range<Int>, parameters: Parameters
  ) {
    guard let weight = weights.input else { return }
    weight.multiply(vectors, from: .row(parameters.pointer(tensors.bias) + firstGate)) {
      PackedMatrix.Rows(
        count: block.count * $0.rows,
        operand: $0.vectorsBelow(block.lowerBound, stride: weight.operandStride),
        result: $0.gates(block.lowerBound))
    }
  }

  /// A chunk on its way back.
  struct BackwardPass {
    /// Its way forward.
    ///
    /// `activations.gradient` holds the gradient [T B, H] that comes from above; it is used up, as the gates are,
    /// and as the hidden vectors before resets are.
    let forward: Pass
    /// Receives this layer's gradients, in place of what it held, of all that is in the network's parts.
    let gradients: Parameters
    /// Receives the gradient of the input vectors [T B, I]; nil where they are symbols.
    let below: UnsafeMutablePointer<Float>?
    /// Room for `multiply_transposed`.
    let scratch: UnsafeMutableRawPointer
    /// Has made the products for weight gradients once it is finished; what they read is left alone until then.
    let queue: WorkQueue
  }

  /// The gradients of chunks of as many rows each, back-propagation being cut at their beginnings and where texts begin.
  func backward(_ passes: [BackwardPass], steps: Int, products: ck_products) {
    guard let recurrentBack = weights.recurrentBack else {
      preconditionFailure("weights for a forward pass only")
    }
    let resets = Self.resets(passes.map(\.forward))
    var vectors = passes.map { self.vectors($0.forward) }
    vectors.withUnsafeMutableBufferPointer { vectors in
      let blockSteps = max(1, 4 * Self.blockRows / vectors[0].rows)
      for (pass, vectors) in zip(passes, vectors) { begin(pass, vectors) }
      for end in stride(from: steps, to: 0, by: -blockSteps) {
        let block = max(0, end - blockSteps)..<end
        for step in block.reversed() {
          if step + 1 < steps { addRecurrentGradients(vectors, from: step + 1, resets, recurrentBack) }
          for index in resets.indices { vectors[index].beginTexts(at: step, resets[index]) }
          for vectors in vectors { deactivate(vectors, step) }
          for index in resets.indices { vectors[index].endTexts(at: step, resets[index]) }
        }
        for pass in passes { addGradients(pass, block, isFirst: end == steps, products: products) }
      }
    }
  }

  private func begin(_ pass: BackwardPass, _ vectors: LSTMVectors) {
    vectors.cellGradient.update(repeating: 0, count: vectors.place(1))
    if case .symbols = pass.forward.input { pass.gradients[tensors.input].update(repeating: 0) }
    pass.gradients[tensors.bias][..<firstGate].update(repeating: 0)
    // The layer above has had its gradients; from here on these vectors are only what the recurrent weights read.
    for place in pass.forward.resets.places {
      (vectors.hidden + place * vectors.stride).update(repeating: 0, count: size)
    }
  }

  /// Takes the gate gradients of a step to the vectors that it went on from; nothing flows back from texts that begin
  /// there to what is before.
  private func addRecurrentGradients(
    _ vectors: UnsafeMutableBufferPointer<LSTMVectors>, from step: Int, _ resets: [StateResets],
    _ recurrentBack: PackedMatrix
  ) {
    for index in resets.indices { vectors[index].keepGradient(before: step, resets[index]) }
    recurrentBack.multiply(vectors, from: .result) {
      PackedMatrix.Rows(
        count: $0.rows, operand: UnsafePointer($0.gates(step)), result: $0.gradient + $0.place(step - 1))
    }
    for index in resets.indices { vectors[index].putBackGradient(before: step, resets[index]) }
  }

  /// From the gradients of a step's vectors those of its gates and of the cells before.
  private func deactivate(_ vectors: LSTMVectors, _ step: Int) {
    let before = vectors.place(step)
    kernels.table.pointee.cell_backward(
      isCoupled, vectors.rows, size, vectors.gates(step), gateStride, vectors.cell(before: step),
      vectors.cell + vectors.place(step + 1), vectors.gradient + before, vectors.cellGradient, vectors.stride)
  }

  /// Takes the gate gradients of some steps to the weights and to the input.
  private func addGradients(
    _ pass: BackwardPass, _ block: Range<Int>, isFirst: Bool, products: ck_products
  ) {
    let (activations, gradients) = (pass.forward.activations, pass.gradients)
    let first = block.lowerBound * activations.rows
    let count = block.count * activations.rows
    let gates = vectors(pass.forward).gates(block.lowerBound)
    // The weight gradient of a tensor that multiplied these vectors.
    func product(_ tensor: Tensor, _ vectors: UnsafePointer<Float>) -> ck_transposed_product {
      let width = tensor.columns
      let stride = FloatBuffer.wholeLines(width)
      return ck_transposed_product(
        n: width, b: vectors + first * stride, ldb: stride,
        c: gradients.pointer(tensor) + firstGate * width, ldc: width)
    }
    var wanted = [product(tensors.recurrent, activations.hidden.pointer)]
    switch pass.forward.input {
    case .symbols(let ids):
      kernels.table.pointee.scatter_add(
        count, gateWidth, gates, gateStride, ids + first, gradients.pointer(tensors.input) + firstGate,
        4 * size)
    case .vectors(let vectors):
      wanted.append(product(tensors.input, vectors))
      if let below = pass.below, let inputBack = weights.inputBack {
        inputBack.multiply(count, gates, into: below + first * inputBack.resultStride, from: .zeros)
      }
    }
    // Nobody else uses these until the queue has been finished.
    nonisolated(unsafe) let (left, bias, scratch) = (
      gates, gradients.pointer(tensors.bias) + firstGate, pass.scratch
    )
    nonisolated(unsafe) let (results, multiply) = (wanted, products.multiply_transposed!)
    pass.queue.run { [gateWidth, gateStride] in
      multiply(
        gateWidth, count, left, gateStride, results, results.count, bias, !isFirst, scratch)
    }
  }
}
