// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// What one LSTM layer of H units computed over a chunk of T steps of B rows, and needs again on the way back.
///
/// Everything is time-major: row t·B + b. The hidden and cell arrays have one step more than the chunk: step 0 holds
/// the state before it, so step t + 1 is what time t produced, and the last step is the state that goes on.
final class LSTMActivations {
  let size: Int
  /// B; a chunk may use fewer rows than there is room for.
  var rows: Int
  let gates: FloatBuffer  // [T B, 4H]: pre-activations, then activated gates, then their gradients
  let cell: FloatBuffer  // [(T + 1) B, H]
  let hidden: FloatBuffer  // [(T + 1) B, H]
  let dropped: FloatBuffer?  // [T B, H]: what is read of it under dropout
  let hiddenGradient: FloatBuffer?  // [T B, H]
  let cellGradient: FloatBuffer?  // [B, H]
  private let scratch: FloatBuffer  // [2 B, H]

  init(size: Int, rows: Int, steps: Int, forTraining: Bool, dropout: Bool) {
    self.size = size
    self.rows = rows
    gates = FloatBuffer(count: steps * rows * 4 * size)
    cell = FloatBuffer(count: (steps + 1) * rows * size)
    hidden = FloatBuffer(count: (steps + 1) * rows * size)
    dropped = dropout ? FloatBuffer(count: steps * rows * size) : nil
    hiddenGradient = forTraining ? FloatBuffer(count: steps * rows * size) : nil
    cellGradient = forTraining ? FloatBuffer(count: rows * size) : nil
    scratch = FloatBuffer(count: 2 * rows * size)
  }

  /// The hidden vectors the chunk produced, [T B, H].
  var output: UnsafeMutablePointer<Float> { hidden.pointer + rows * size }

  /// What the layer above, or the decoder, reads, [T B, H]: under dropout a copy with holes.
  func outputAbove(underDropout: Bool) -> UnsafeMutablePointer<Float> {
    underDropout ? dropped?.pointer ?? output : output
  }

  /// The hidden vectors [B, H] that a step goes on from; valid until the next call.
  ///
  /// They are also what the step before gave to the layer above, so where a text begins it is a copy that has zeros.
  func hidden(before step: Int, _ resets: StateResets) -> UnsafePointer<Float> {
    vectors(hidden, before: step, resets, copy: scratch.pointer)
  }

  /// The cell vectors [B, H] that a step goes on from, as `hidden(before:_:)`.
  func cell(before step: Int, _ resets: StateResets) -> UnsafePointer<Float> {
    vectors(cell, before: step, resets, copy: scratch.pointer + rows * size)
  }

  private func vectors(
    _ buffer: FloatBuffer, before step: Int, _ resets: StateResets, copy: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let vectors = buffer.pointer + step * rows * size
    let places = resets.places(inStep: step, rows: rows)
    if places.isEmpty { return UnsafePointer(vectors) }
    copy.update(from: vectors, count: rows * size)
    for place in places { (copy + (place - step * rows) * size).update(repeating: 0, count: size) }
    return UnsafePointer(copy)
  }

  /// Runs `body`, which changes vectors [B, H], and undoes that in the rows where a text begins at `step`.
  func keeping(
    _ vectors: UnsafeMutablePointer<Float>, whereTextsBeginAt step: Int, _ resets: StateResets,
    _ body: () -> Void
  ) {
    let offsets = resets.places(inStep: step, rows: rows).lazy.map { [self] in ($0 - step * rows) * size }
    for offset in offsets { (scratch.pointer + offset).update(from: vectors + offset, count: size) }
    body()
    for offset in offsets { (vectors + offset).update(from: scratch.pointer + offset, count: size) }
  }

  /// Makes the state after `steps` steps the state before the next chunk.
  func carryState(after steps: Int) {
    guard steps > 0 else { return }
    hidden.pointer.update(from: hidden.pointer + steps * rows * size, count: rows * size)
    cell.pointer.update(from: cell.pointer + steps * rows * size, count: rows * size)
  }
}

/// The forward and backward pass of one LSTM layer over a chunk.
///
///     a_t = W_ih x_t + W_hh h_{t-1} + b,   i, f, o = σ(a),   g = tanh(a)
///     c_t = f c_{t-1} + i g,   h_t = o tanh(c_t)
///
/// With coupled gates i is 1 - f; its weights are not used and their gradient is zero.
///
/// The input's half of a is one product over many steps; only the recurrent half is inside the loop over time.
/// Every element of a is summed in the order bias, input, recurrent, each over ascending columns, whether the chunk is
/// one step long or many: text does not depend on how it was cut.
struct LSTMLayer {
  let kernels: Kernels
  let weights: PackedWeights.Layer
  let tensors: LayerTensors
  /// Whether i is 1 - f, and has no weights of its own.
  let isCoupled: Bool

  /// What the layer reads.
  enum Input {
    /// Symbols [T B], taken from the table of gate rows.
    case symbols(UnsafePointer<UInt16>)
    /// Vectors [T B, I] of the layer below.
    case vectors(UnsafePointer<Float>)
  }

  /// Rows of gates that are worked on at a time: enough to fill a product's tiles, few enough that what one pass
  /// leaves is still in the second-level cache when the next one wants it.
  private static let blockRows = 64

  /// Where in a row of gates those begin that have weights: i comes first.
  private func firstGate(_ size: Int) -> Int { isCoupled ? size : 0 }

  /// Activates gates [rows, 4H] and makes the next step's vectors.
  private func activate(
    _ rows: Int, _ size: Int, _ gates: UnsafeMutablePointer<Float>, from cell: UnsafePointer<Float>,
    to nextCell: UnsafeMutablePointer<Float>, _ hidden: UnsafeMutablePointer<Float>
  ) {
    let table = kernels.table.pointee
    (isCoupled ? table.coupled_forward : table.cell_forward)!(rows, size, gates, cell, nextCell, hidden)
  }

  /// Fills `activations` for `steps` steps from its step 0 on.
  ///
  /// - Parameter team: shares out a lone step of a lone row.
  func forward(
    _ input: Input, steps: Int, resets: StateResets, parameters: Parameters, activations: LSTMActivations,
    team: Team?
  ) {
    let size = activations.size
    let rows = activations.rows
    if let team, steps * rows == 1, resets.places.isEmpty {
      return forward(input, by: team, parameters: parameters, activations: activations)
    }
    let blockSteps = max(1, Self.blockRows / rows)
    for first in stride(from: 0, to: steps, by: blockSteps) {
      let block = first..<min(first + blockSteps, steps)
      readInput(input, block, parameters: parameters, activations: activations)
      for step in block {
        let before = step * rows * size
        let after = before + rows * size
        let gates = activations.gates.pointer + 4 * before
        weights.recurrent.multiply(
          rows, activations.hidden(before: step, resets), into: gates + firstGate(size), from: .result)
        activate(
          rows, size, gates, from: activations.cell(before: step, resets),
          to: activations.cell.pointer + after, activations.hidden.pointer + after)
      }
    }
  }

  /// One step of one row, the columns of whose gates `team` shares out.
  private func forward(
    _ input: Input, by team: Team, parameters: Parameters, activations: LSTMActivations
  ) {
    let size = activations.size
    // Each part of the gates is written by one thread, and nothing else meanwhile.
    nonisolated(unsafe) let gates = activations.gates.pointer + firstGate(size)
    nonisolated(unsafe) let hidden = UnsafePointer(activations.hidden.pointer)
    nonisolated(unsafe) let bias = UnsafePointer(parameters.pointer(tensors.bias) + firstGate(size))
    nonisolated(unsafe) let input = input
    if case .symbols = input { readInput(input, 0..<1, parameters: parameters, activations: activations) }
    team.share(weights.recurrent.pieceCount) { piece in
      let panels = weights.recurrent.panels(ofPiece: piece)
      if case .vectors(let vectors) = input {
        weights.input?.multiply(1, vectors, into: gates, from: .row(bias), panels: panels)
      }
      weights.recurrent.multiply(1, hidden, into: gates, from: .result, panels: panels)
    }
    activate(
      1, size, activations.gates.pointer, from: activations.cell.pointer,
      to: activations.cell.pointer + size, activations.hidden.pointer + size)
  }

  /// The bias and the input's half of the pre-activations of some steps.
  private func readInput(
    _ input: Input, _ block: Range<Int>, parameters: Parameters, activations: LSTMActivations
  ) {
    let size = activations.size
    let first = block.lowerBound * activations.rows
    let count = block.count * activations.rows
    let gates = activations.gates.pointer + first * 4 * size
    let bias = parameters.pointer(tensors.bias)
    switch input {
    case .symbols(let ids):
      kernels.table.pointee.gather(
        count, 4 * size, parameters.pointer(tensors.input), ids + first, bias, gates)
    case .vectors(let vectors):
      guard let weight = weights.input else { preconditionFailure("the lowest layer reads symbols") }
      let skipped = firstGate(size)
      weight.multiply(
        count, vectors + first * weight.rows, into: gates + skipped, from: .row(bias + skipped))
    }
  }

  /// The gradients of the chunk, back-propagation being cut at its beginning and where texts begin.
  ///
  /// `activations.hiddenGradient` holds the gradient [T B, H] that comes from above; it is used up, as the gates are,
  /// and as the hidden vectors before resets are.
  /// - Parameters:
  ///   - resets: the forward pass's.
  ///   - gradients: receives this layer's weight gradients, in place of what it held.
  ///   - below: receives the gradient of the input vectors [T B, I]; nil where they are symbols.
  ///   - scratch: room for `multiply_transposed`.
  func backward(
    _ input: Input, steps: Int, resets: StateResets, activations: LSTMActivations, products: ck_products,
    gradients: Parameters, below: UnsafeMutablePointer<Float>?, scratch: UnsafeMutableRawPointer
  ) {
    guard let hiddenGradient = activations.hiddenGradient?.pointer,
      let cellGradient = activations.cellGradient,
      let recurrentBack = weights.recurrentBack
    else { preconditionFailure("activations for a forward pass only") }
    let size = activations.size
    let rows = activations.rows
    let gates = activations.gates.pointer
    let blockSteps = max(1, 4 * Self.blockRows / rows)
    cellGradient.clear()
    if case .symbols = input { gradients[tensors.input].update(repeating: 0) }
    // The layer above has had its gradients; from here on these vectors are only what the recurrent weights read.
    for place in resets.places {
      (activations.hidden.pointer + place * size).update(repeating: 0, count: size)
    }
    for end in stride(from: steps, to: 0, by: -blockSteps) {
      let block = max(0, end - blockSteps)..<end
      for step in block.reversed() {
        let before = step * rows * size
        let after = before + rows * size
        if step + 1 < steps {
          activations.keeping(hiddenGradient + before, whereTextsBeginAt: step + 1, resets) {
            recurrentBack.multiply(
              rows, gates + 4 * after + firstGate(size), into: hiddenGradient + before, from: .result)
          }
        }
        let table = kernels.table.pointee
        (isCoupled ? table.coupled_backward : table.cell_backward)!(
          rows, size, gates + 4 * before, activations.cell(before: step, resets),
          activations.cell.pointer + after, hiddenGradient + before, cellGradient.pointer)
        for place in resets.places(inStep: step, rows: rows) {
          (cellGradient.pointer + (place - step * rows) * size).update(repeating: 0, count: size)
        }
      }
      addGradients(
        input, block, isFirst: end == steps, activations: activations, products: products,
        gradients: gradients,
        below: below, scratch: scratch)
    }
  }

  /// Takes the gate gradients of some steps to the weights and to the input.
  private func addGradients(
    _ input: Input, _ block: Range<Int>, isFirst: Bool, activations: LSTMActivations, products: ck_products,
    gradients: Parameters, below: UnsafeMutablePointer<Float>?, scratch: UnsafeMutableRawPointer
  ) {
    let size = activations.size
    let first = block.lowerBound * activations.rows
    let count = block.count * activations.rows
    let gates = activations.gates.pointer + first * 4 * size
    let skipped = firstGate(size)
    // The weight gradient of a tensor that multiplied these vectors.
    func product(_ tensor: Tensor, _ vectors: UnsafePointer<Float>) -> ck_transposed_product {
      let width = tensor.columns
      return ck_transposed_product(
        n: width, b: vectors + first * width, ldb: width,
        c: gradients.pointer(tensor) + skipped * width, ldc: width)
    }
    var wanted = [product(tensors.recurrent, activations.hidden.pointer)]
    switch input {
    case .symbols(let ids):
      kernels.table.pointee.scatter_add(count, 4 * size, gates, ids + first, gradients.pointer(tensors.input))
    case .vectors(let vectors):
      wanted.append(product(tensors.input, vectors))
      if let below, let inputBack = weights.inputBack {
        let width = tensors.input.columns
        inputBack.multiply(count, gates + skipped, into: below + first * width, from: .zeros)
      }
    }
    if isFirst {
      gradients[tensors.bias][..<skipped].update(repeating: 0)
      let tables = weights.input == nil ? [tensors.recurrent] : [tensors.recurrent, tensors.input]
      for tensor in tables { gradients[tensor][..<(skipped * tensor.columns)].update(repeating: 0) }
    }
    products.multiply_transposed(
      4 * size - skipped, count, gates + skipped, 4 * size, wanted, wanted.count,
      gradients.pointer(tensors.bias) + skipped, !isFirst, scratch)
  }
}
