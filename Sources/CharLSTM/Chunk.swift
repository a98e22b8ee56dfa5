// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// The memory in which one thread runs a network over chunks of at most T steps of B rows: activations, and the state
/// that goes on from chunk to chunk.
///
/// Its size follows B, T and the network, never the length of a text. One thread at a time.
public final class Chunk: @unchecked Sendable {
  /// B, the number of independent rows in use.
  public private(set) var rows: Int
  /// The rows there is room for.
  public let mostRows: Int
  private let capacityOfMostRows: Int
  /// T, the most steps of a chunk of that many rows.
  public private(set) var capacity: Int
  /// Logits [T B, V], or gradients of them after a backward pass; written by the passes that ask for them.
  public let logits: FloatBuffer
  let layers: [LSTMActivations]
  /// Room for `multiply_transposed` of each layer, for training.
  let scratch: [UnsafeMutableRawPointer]
  let configuration: Configuration

  /// Room for `rows` rows of up to `capacity` steps.
  ///
  /// - Parameters:
  ///   - logitRows: the most rows of logits wanted at once; T B unless given.
  ///   - forTraining: whether a backward pass will follow.
  ///   - dropout: whether vectors between layers are dropped.
  public init(
    _ configuration: Configuration, rows: Int, capacity: Int, logitRows: Int? = nil,
    forTraining: Bool = false,
    dropout: Bool = false
  ) {
    self.rows = rows
    mostRows = rows
    self.capacity = capacity
    capacityOfMostRows = capacity
    self.configuration = configuration
    layers = configuration.layerSizes.enumerated().map { index, size in
      LSTMActivations(
        size: size, rows: rows, steps: capacity, forTraining: forTraining,
        dropout: dropout)
    }
    logits = FloatBuffer(count: (logitRows ?? rows * capacity) * configuration.symbolCount)
    let widest = max(configuration.layerSizes.max() ?? 1, 1)
    scratch = (forTraining ? configuration.layerSizes : []).map { _ in
      .allocate(byteCount: 2 * ck_scratch_size(widest), alignment: 64)
    }
  }

  deinit {
    for scratch in scratch { scratch.deallocate() }
  }

  /// Sets the state of all rows, or of one, to zeros.
  public func resetState(row: Int? = nil) {
    for layer in layers {
      let rows = row.map { $0..<$0 + 1 } ?? 0..<rows
      let range = rows.lowerBound * layer.stride..<rows.upperBound * layer.stride
      layer.hidden.elements[range].update(repeating: 0)
      layer.cell.elements[range].update(repeating: 0)
    }
  }

  /// From now on works on the first `count` rows alone, at most `mostRows`.
  ///
  /// The state of those in use before stays; of others it has to be reset. Fewer rows can take more steps in the same
  /// memory.
  public func use(rows count: Int) {
    precondition(count <= mostRows, "a chunk of \(mostRows) rows has no \(count)")
    rows = count
    capacity = capacityOfMostRows * mostRows / max(count, 1)
    for layer in layers { layer.rows = count }
  }

  /// Puts the state of row `source` in the place of row `target`'s.
  public func copyState(ofRow source: Int, to target: Int) {
    precondition(max(source, target) < mostRows, "a chunk of \(mostRows) rows")
    if source == target { return }
    for layer in layers {
      for buffer in [layer.hidden, layer.cell] {
        let rows = buffer.pointer
        (rows + target * layer.stride).update(from: rows + source * layer.stride, count: layer.size)
      }
    }
  }

  /// The state that the next chunk begins from: hidden and cell [B, H] of each layer, behind each other.
  public var state: [Float] {
    get {
      let vectors = stateVectors
      var state: [Float] = []
      state.reserveCapacity(vectors.reduce(0) { $0 + $1.count })
      for vector in vectors { state += vector }
      return state
    }
    set {
      let vectors = stateVectors
      precondition(newValue.count == vectors.reduce(0) { $0 + $1.count }, "a state of another network")
      var rest = newValue[...]
      for vector in vectors {
        _ = vector.update(fromContentsOf: rest.prefix(vector.count))
        rest = rest.dropFirst(vector.count)
      }
    }
  }

  /// The vectors of the state, in its order.
  private var stateVectors: [UnsafeMutableBufferPointer<Float>] {
    layers.flatMap { layer in
      [layer.hidden, layer.cell].flatMap { buffer in
        (0..<rows).map {
          UnsafeMutableBufferPointer(start: buffer.pointer + $0 * layer.stride, count: layer.size)
        }
      }
    }
  }
}
