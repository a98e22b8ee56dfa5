// SPDX-License-Identifier: GPL-3.0-or-later

/// What one LSTM layer of H units computed over a chunk of T steps of B rows, and needs again on the way back.
///
/// Everything is time-major: row t·B + b. The hidden and cell arrays have one step more than the chunk: step 0 holds
/// the state before it, so step t + 1 is what time t produced, and the last step is the state that goes on. Each row
/// begins a cache line, whatever H is, as rows that cross them are loaded and stored more slowly.
final class LSTMActivations {
  /// H.
  let size: Int
  /// From a row of H elements to the next.
  let stride: Int
  /// B; a chunk may use fewer rows than there is room for.
  var rows: Int
  let gates: FloatBuffer  // [T B, 4H or 3H]: pre-activations, then activated gates, then their gradients
  let cell: FloatBuffer  // [(T + 1) B, H]
  let hidden: FloatBuffer  // [(T + 1) B, H]
  let dropped: FloatBuffer?  // [T B, H]: what is read of it under dropout
  private let gradients: (hidden: FloatBuffer, cell: FloatBuffer)?  // [T B, H], [B, H]
  private let scratch: FloatBuffer  // [2 B, H]

  init(size: Int, rows: Int, steps: Int, forTraining: Bool, dropout: Bool) {
    self.size = size
    self.rows = rows
    let stride = FloatBuffer.wholeLines(size)
    self.stride = stride
    func vectors(_ steps: Int) -> FloatBuffer { FloatBuffer(count: steps * rows * stride) }
    gates = FloatBuffer(count: steps * rows * FloatBuffer.wholeLines(4 * size))
    cell = vectors(steps + 1)
    hidden = vectors(steps + 1)
    dropped = dropout ? vectors(steps) : nil
    gradients = forTraining ? (vectors(steps), vectors(1)) : nil
    scratch = vectors(2)
  }

  /// The hidden vectors the chunk produced, [T B, H].
  var output: UnsafeMutablePointer<Float> { hidden.pointer + rows * stride }

  /// The gradient of the hidden vectors, [T B, H].
  var gradient: UnsafeMutablePointer<Float> { ofTraining(gradients).hidden.pointer }

  /// What the layer above, or the decoder, reads, [T B, H]: under dropout a copy with holes.
  func outputAbove(underDropout: Bool) -> UnsafeMutablePointer<Float> {
    underDropout ? dropped?.pointer ?? output : output
  }

  /// Where these vectors stand.
  ///
  /// - Parameters:
  ///   - input: what the layer reads.
  ///   - gateStride: from a row of gates to the next.
  func vectors(_ input: LSTMInput, gateStride: Int) -> LSTMVectors {
    LSTMVectors(
      input: input, size: size, stride: stride, gateStride: gateStride, rows: rows, gates: gates.pointer,
      cell: cell.pointer, hidden: hidden.pointer,
      gradients: gradients.map { ($0.hidden.pointer, $0.cell.pointer) }, scratch: scratch.pointer)
  }

  /// Makes the state after `steps` steps the state before the next chunk.
  func carryState(after steps: Int) {
    guard steps > 0 else { return }
    for buffer in [hidden, cell] {
      buffer.pointer.update(from: buffer.pointer + steps * rows * stride, count: rows * stride)
    }
  }
}

/// The gradients of activations that have to be for training.
private func ofTraining<Gradients>(_ gradients: Gradients?) -> Gradients {
  guard let gradients else { preconditionFailure("activations for a forward pass only") }
  return gradients
}

/// What an LSTM layer reads.
enum LSTMInput {
  /// Symbols [T B], taken from the table of gate rows.
  case symbols(UnsafePointer<UInt16>)
  /// Vectors [T B, I] of the layer below.
  case vectors(UnsafePointer<Float>)
}

/// Where the vectors of a layer's activations stand, and what the layer reads; these have to be there as long.
///
/// Addresses alone, so that a step of a small network does not spend its time counting references.
struct LSTMVectors {
  let input: LSTMInput
  /// H.
  let size: Int
  /// From a row of H elements to the next.
  let stride: Int
  /// From a row of gates to the next.
  let gateStride: Int
  /// B.
  let rows: Int
  fileprivate let gates: UnsafeMutablePointer<Float>
  let cell: UnsafeMutablePointer<Float>
  let hidden: UnsafeMutablePointer<Float>
  let gradients: (hidden: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>)?
  let scratch: UnsafeMutablePointer<Float>
  /// The step whose vectors before it are in `scratch`, with zeros where texts begin.
  private(set) var copied = -1

  /// The gradient of the hidden vectors, [T B, H].
  var gradient: UnsafeMutablePointer<Float> { ofTraining(gradients).hidden }

  /// The gradient of the cell vectors of a step, [B, H].
  var cellGradient: UnsafeMutablePointer<Float> { ofTraining(gradients).cell }

  /// The symbols [B] that a step reads, or nil where it reads vectors.
  func symbols(_ step: Int) -> UnsafePointer<UInt16>? {
    if case .symbols(let ids) = input { ids + step * rows } else { nil }
  }

  /// The vectors [B, I] that a step reads, from one of which to the next it is `stride`.
  func vectorsBelow(_ step: Int, stride: Int) -> UnsafePointer<Float> {
    guard case .vectors(let vectors) = input else { preconditionFailure("a layer that reads symbols") }
    return vectors + step * rows * stride
  }

  /// The gates [B, 4H or 3H] of a step.
  func gates(_ step: Int) -> UnsafeMutablePointer<Float> { gates + step * rows * gateStride }

  /// Where in [T B, H] those of a step begin.
  func place(_ step: Int) -> Int { step * rows * stride }

  /// The hidden vectors [B, H] that a step goes on from.
  func hidden(before step: Int) -> UnsafePointer<Float> {
    UnsafePointer(step == copied ? scratch : hidden + place(step))
  }

  /// The cell vectors [B, H] that a step goes on from.
  func cell(before step: Int) -> UnsafePointer<Float> {
    UnsafePointer(step == copied ? scratch + place(1) : cell + place(step))
  }

  /// Lets `step` go on from zeros where a text begins there.
  ///
  /// The vectors before it are also what the step before gave to the layer above, so it gets a copy.
  mutating func beginTexts(at step: Int, _ resets: StateResets) {
    let offsets = offsets(ofTextsAt: step, resets)
    if offsets.isEmpty { return }
    for (vectors, copy) in [(hidden, scratch), (cell, scratch + place(1))] {
      copy.update(from: vectors + place(step), count: place(1))
      for offset in offsets { (copy + offset).update(repeating: 0, count: size) }
    }
    copied = step
  }

  /// Keeps the gradient of the vectors before `step` in the rows where a text begins there, for `putBackGradient`.
  func keepGradient(before step: Int, _ resets: StateResets) {
    for offset in offsets(ofTextsAt: step, resets) {
      (scratch + offset).update(from: gradient + place(step - 1) + offset, count: size)
    }
  }

  /// Undoes what has been added to it in those rows since.
  func putBackGradient(before step: Int, _ resets: StateResets) {
    for offset in offsets(ofTextsAt: step, resets) {
      (gradient + place(step - 1) + offset).update(from: scratch + offset, count: size)
    }
  }

  /// Keeps the gradient of the cells before `step` from the texts that end there.
  func endTexts(at step: Int, _ resets: StateResets) {
    for offset in offsets(ofTextsAt: step, resets) {
      (cellGradient + offset).update(repeating: 0, count: size)
    }
  }

  /// Where in vectors [B, H] those of texts are that begin at `step`.
  private func offsets(
    ofTextsAt step: Int, _ resets: StateResets
  ) -> LazyMapSequence<ArraySlice<Int>, Int> {
    resets.places(inStep: step, rows: rows).lazy.map { [rows, stride] in ($0 - step * rows) * stride }
  }
}
