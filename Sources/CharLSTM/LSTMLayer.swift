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
  private let gradients: (hidden: FloatBuffer, cell: FloatBuffer)?  // [T B, H], [B, H]
  private let scratch: FloatBuffer  // [2 B, H]

  init(size: Int, rows: Int, steps: Int, forTraining: Bool, dropout: Bool) {
    self.size = size
    self.rows = rows
    gates = FloatBuffer(count: steps * rows * 4 * size)
    cell = FloatBuffer(count: (steps + 1) * rows * size)
    hidden = FloatBuffer(count: (steps + 1) * rows * size)
    dropped = dropout ? FloatBuffer(count: steps * rows * size) : nil
    gradients =
      forTraining ? (FloatBuffer(count: steps * rows * size), FloatBuffer(count: rows * size)) : nil
    scratch = FloatBuffer(count: 2 * rows * size)
  }

  /// The hidden vectors the chunk produced, [T B, H].
  var output: UnsafeMutablePointer<Float> { hidden.pointer + rows * size }

  /// The gradients of activations for training.
  private var ofTraining: (hidden: FloatBuffer, cell: FloatBuffer) {
    guard let gradients else { preconditionFailure("activations for a forward pass only") }
    return gradients
  }

  /// The gradient of the hidden vectors, [T B, H].
  var gradient: UnsafeMutablePointer<Float> { ofTraining.hidden.pointer }

  /// The gradient of the cell vectors of a step, [B, H].
  var cellGradient: FloatBuffer { ofTraining.cell }

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

  /// Keeps the gradient of the vectors before `step` in the rows where a text begins there, for `putBackGradient`.
  func keepGradient(before step: Int, _ resets: StateResets) {
    let first = gradient + (step - 1) * rows * size
    for offset in offsets(ofTextsAt: step, resets) {
      (scratch.pointer + offset).update(from: first + offset, count: size)
    }
  }

  /// Undoes what has been added to it in those rows since.
  func putBackGradient(before step: Int, _ resets: StateResets) {
    let first = gradient + (step - 1) * rows * size
    for offset in offsets(ofTextsAt: step, resets) {
      (first + offset).update(from: scratch.pointer + offset, count: size)
    }
  }

  /// Where in vectors [B, H] those of texts are that begin at `step`.
  private func offsets(
    ofTextsAt step: Int, _ resets: StateResets
  ) -> LazyMapSequence<ArraySlice<Int>, Int> {
    resets.places(inStep: step, rows: rows).lazy.map { [rows, size] in ($0 - step * rows) * size }
  }

  /// Makes the state after `steps` steps the state before the next chunk.
  func carryState(after steps: Int) {
    guard steps > 0 else { return }
    hidden.pointer.update(from: hidden.pointer + steps * rows * size, count: rows * size)
    cell.pointer.update(from: cell.pointer + steps * rows * size, count: rows * size)
  }
}

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

  init(kernels: Kernels, weights: PackedWeights.Layer, tensors: LayerTensors, isCoupled: Bool) {
    self.kernels = kernels
    self.weights = weights
    self.tensors = tensors
    self.isCoupled = isCoupled
    size = tensors.recurrent.columns
  }

  /// What the layer reads.
  enum Input {
    /// Symbols [T B], taken from the table of gate rows.
    case symbols(UnsafePointer<UInt16>)
    /// Vectors [T B, I] of the layer below.
    case vectors(UnsafePointer<Float>)
  }

  /// A chunk on its way through the layer.
  ///
  /// Passes that are made together go step by step, and read the weights of a step once; nothing else depends on it.
  /// A class, as the layer is: copies of structures in each step are 2% of a small network's time.
  final class Pass {
    let input: Input
    /// Where texts begin inside the chunk.
    let resets: StateResets
    let activations: LSTMActivations

    init(_ input: Input, resets: StateResets, activations: LSTMActivations) {
      self.input = input
      self.resets = resets
      self.activations = activations
    }
  }

  /// Rows of gates that are worked on at a time: enough to fill a product's tiles, few enough that what one pass
  /// leaves is still in the second-level cache when the next one wants it.
  private static let blockRows = 64

  /// Where in a row of gates those begin that have weights: i comes first.
  private var firstGate: Int { isCoupled ? size : 0 }

  /// Activates the gates of a step and makes the next step's vectors.
  private func activate(_ activations: LSTMActivations, _ step: Int, from cell: UnsafePointer<Float>) {
    let table = kernels.table
    let before = step * activations.rows * size
    let after = before + activations.rows * size
    (isCoupled ? table.pointee.coupled_forward : table.pointee.cell_forward)!(
      activations.rows, size, activations.gates.pointer + 4 * before, cell,
      activations.cell.pointer + after, activations.hidden.pointer + after)
  }

  /// Fills the activations of `passes` for `steps` steps from their step 0 on.
  func forward(_ passes: [Pass], steps: Int, parameters: Parameters) {
    let rows = passes.reduce(0) { $0 + $1.activations.rows }
    let blockSteps = max(1, Self.blockRows / rows)
    for first in stride(from: 0, to: steps, by: blockSteps) {
      let block = first..<min(first + blockSteps, steps)
      readInput(passes, block, parameters: parameters)
      for step in block {
        weights.recurrent.multiply(passes, from: .result) { pass in
          let activations = pass.activations
          let gates = activations.gates.pointer + 4 * step * activations.rows * size
          return PackedMatrix.Rows(
            count: activations.rows, operand: activations.hidden(before: step, pass.resets),
            result: gates + firstGate)
        }
        for pass in passes {
          activate(
            pass.activations, step, from: pass.activations.cell(before: step, pass.resets))
        }
      }
    }
  }

  /// One step of one row, in which no text begins; `team` shares out the columns of its gates.
  func step(_ input: Input, activations: LSTMActivations, parameters: Parameters, team: Team?) {
    // Each part of the gates is written by one thread, and nothing else meanwhile.
    nonisolated(unsafe) let gates = activations.gates.pointer + firstGate
    nonisolated(unsafe) let hidden = UnsafePointer(activations.hidden.pointer)
    nonisolated(unsafe) let bias = UnsafePointer(parameters.pointer(tensors.bias) + firstGate)
    nonisolated(unsafe) let input = input
    if case .symbols = input { gather(input, 0..<1, parameters: parameters, activations: activations) }
    @Sendable func multiply(_ panels: Range<Int>?) {
      if case .vectors(let vectors) = input {
        weights.input?.multiply(1, vectors, into: gates, from: .row(bias), panels: panels)
      }
      weights.recurrent.multiply(1, hidden, into: gates, from: .result, panels: panels)
    }
    if let team {
      let recurrent = weights.recurrent
      team.share(recurrent.pieceCount) { multiply(recurrent.panels(ofPiece: $0)) }
    } else {
      multiply(nil)
    }
    activate(activations, 0, from: activations.cell.pointer)
  }

  /// The bias and the input's half of the pre-activations of some steps.
  private func readInput(_ passes: [Pass], _ block: Range<Int>, parameters: Parameters) {
    guard let weight = weights.input else {
      for pass in passes {
        gather(pass.input, block, parameters: parameters, activations: pass.activations)
      }
      return
    }
    let bias = parameters.pointer(tensors.bias)
    weight.multiply(passes, from: .row(bias + firstGate)) { pass in
      guard case .vectors(let vectors) = pass.input else {
        preconditionFailure("the lowest layer alone reads symbols")
      }
      let activations = pass.activations
      let first = block.lowerBound * activations.rows
      return PackedMatrix.Rows(
        count: block.count * activations.rows, operand: vectors + first * weight.rows,
        result: activations.gates.pointer + first * 4 * size + firstGate)
    }
  }

  /// The same for symbols.
  private func gather(
    _ input: Input, _ block: Range<Int>, parameters: Parameters, activations: LSTMActivations
  ) {
    guard case .symbols(let ids) = input else { preconditionFailure("the lowest layer reads symbols") }
    let first = block.lowerBound * activations.rows
    let width = 4 * size
    kernels.table.pointee.gather(
      block.count * activations.rows, width, parameters.pointer(tensors.input), ids + first,
      parameters.pointer(tensors.bias), activations.gates.pointer + first * width)
  }

  /// A chunk on its way back.
  final class BackwardPass {
    /// Its way forward.
    ///
    /// `activations.gradient` holds the gradient [T B, H] that comes from above; it is used up, as the gates are,
    /// and as the hidden vectors before resets are.
    let forward: Pass
    /// Receives this layer's weight gradients, in place of what it held.
    let gradients: Parameters
    /// Receives the gradient of the input vectors [T B, I]; nil where they are symbols.
    let below: UnsafeMutablePointer<Float>?
    /// Room for `multiply_transposed`.
    let scratch: UnsafeMutableRawPointer

    init(
      _ forward: Pass, gradients: Parameters, below: UnsafeMutablePointer<Float>?,
      scratch: UnsafeMutableRawPointer
    ) {
      self.forward = forward
      self.gradients = gradients
      self.below = below
      self.scratch = scratch
    }
  }

  /// The gradients of chunks of as many rows each, back-propagation being cut at their beginnings and where texts begin.
  func backward(_ passes: [BackwardPass], steps: Int, products: ck_products) {
    let blockSteps = max(1, 4 * Self.blockRows / passes[0].forward.activations.rows)
    for pass in passes { begin(pass) }
    for end in stride(from: steps, to: 0, by: -blockSteps) {
      let block = max(0, end - blockSteps)..<end
      for step in block.reversed() {
        if step + 1 < steps { addRecurrentGradients(passes, from: step + 1) }
        for pass in passes { deactivate(pass.forward, step) }
      }
      for pass in passes { addGradients(pass, block, isFirst: end == steps, products: products) }
    }
  }

  private func begin(_ pass: BackwardPass) {
    let (activations, resets) = (pass.forward.activations, pass.forward.resets)
    activations.cellGradient.clear()
    if case .symbols = pass.forward.input { pass.gradients[tensors.input].update(repeating: 0) }
    // The layer above has had its gradients; from here on these vectors are only what the recurrent weights read.
    for place in resets.places {
      (activations.hidden.pointer + place * size).update(repeating: 0, count: size)
    }
  }

  /// Takes the gate gradients of a step to the vectors that it went on from.
  private func addRecurrentGradients(_ passes: [BackwardPass], from step: Int) {
    guard let recurrentBack = weights.recurrentBack else {
      preconditionFailure("weights for a forward pass only")
    }
    for pass in passes { pass.forward.activations.keepGradient(before: step, pass.forward.resets) }
    recurrentBack.multiply(passes, from: .result) { pass in
      let activations = pass.forward.activations
      let first = step * activations.rows * size
      let before = first - activations.rows * size
      return PackedMatrix.Rows(
        count: activations.rows, operand: activations.gates.pointer + 4 * first + firstGate,
        result: activations.gradient + before)
    }
    for pass in passes { pass.forward.activations.putBackGradient(before: step, pass.forward.resets) }
  }

  /// From the gradients of a step's vectors those of its gates and of the cells before.
  private func deactivate(_ pass: Pass, _ step: Int) {
    let (activations, resets) = (pass.activations, pass.resets)
    let rows = activations.rows
    let cellGradient = activations.cellGradient.pointer
    let before = step * rows * size
    let after = before + rows * size
    let table = kernels.table.pointee
    (isCoupled ? table.coupled_backward : table.cell_backward)!(
      rows, size, activations.gates.pointer + 4 * before, activations.cell(before: step, resets),
      activations.cell.pointer + after, activations.gradient + before, cellGradient)
    for place in resets.places(inStep: step, rows: rows) {
      (cellGradient + (place - step * rows) * size).update(repeating: 0, count: size)
    }
  }

  /// Takes the gate gradients of some steps to the weights and to the input.
  private func addGradients(
    _ pass: BackwardPass, _ block: Range<Int>, isFirst: Bool, products: ck_products
  ) {
    let (activations, gradients) = (pass.forward.activations, pass.gradients)
    let first = block.lowerBound * activations.rows
    let count = block.count * activations.rows
    let gates = activations.gates.pointer + first * 4 * size
    // The weight gradient of a tensor that multiplied these vectors.
    func product(_ tensor: Tensor, _ vectors: UnsafePointer<Float>) -> ck_transposed_product {
      let width = tensor.columns
      return ck_transposed_product(
        n: width, b: vectors + first * width, ldb: width,
        c: gradients.pointer(tensor) + firstGate * width, ldc: width)
    }
    var wanted = [product(tensors.recurrent, activations.hidden.pointer)]
    switch pass.forward.input {
    case .symbols(let ids):
      kernels.table.pointee.scatter_add(count, 4 * size, gates, ids + first, gradients.pointer(tensors.input))
    case .vectors(let vectors):
      wanted.append(product(tensors.input, vectors))
      if let below = pass.below, let inputBack = weights.inputBack {
        let width = tensors.input.columns
        inputBack.multiply(count, gates + firstGate, into: below + first * width, from: .zeros)
      }
    }
    if isFirst {
      gradients[tensors.bias][..<firstGate].update(repeating: 0)
      let tables = weights.input == nil ? [tensors.recurrent] : [tensors.recurrent, tensors.input]
      for tensor in tables { gradients[tensor][..<(firstGate * tensor.columns)].update(repeating: 0) }
    }
    products.multiply_transposed(
      4 * size - firstGate, count, gates + firstGate, 4 * size, wanted, wanted.count,
      gradients.pointer(tensors.bias) + firstGate, !isFirst, pass.scratch)
  }
}
