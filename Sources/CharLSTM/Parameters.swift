// SPDX-License-Identifier: GPL-3.0-or-later

/// One tensor's place in the flat allocation of `Parameters`.
public struct Tensor: Equatable, Sendable {
  /// PyTorch's name, which is also the name in a model file.
  public let name: String
  /// Where it begins, in floats; a multiple of 16.
  public let offset: Int
  /// Rows and columns as they lie in memory, row-major; a vector has one row.
  public let rows: Int
  /// See `rows`.
  public let columns: Int
  /// Along which axis a layer's gates i, f, g, o stand behind each other; nil where there are none.
  public let gates: GateAxis?

  /// The number of elements.
  public var count: Int { rows * columns }

  /// How many floats behind a gate's first one the next gate's stands.
  fileprivate var gateDistance: Int { gates == .columns ? columns / 4 : count / 4 }
}

/// See `Tensor.gates`.
public enum GateAxis: Sendable {
  /// A gate's weights are a quarter of the rows.
  case rows
  /// A gate's weights are a quarter of each row.
  case columns
}

/// Some rows of a tensor.
public struct TensorRows: Sendable {
  /// Whose rows.
  public let tensor: Tensor
  /// Which of them.
  public let rows: Range<Int>

  /// These rows of a tensor, or all of them.
  init(_ tensor: Tensor, _ rows: Range<Int>? = nil) {
    self.tensor = tensor
    self.rows = rows ?? 0..<tensor.rows
  }

  /// Where they lie in the flat allocation of `Parameters`.
  public var range: Range<Int> {
    tensor.offset + rows.lowerBound * tensor.columns..<tensor.offset + rows.upperBound * tensor.columns
  }
}

/// The tensors of one LSTM layer of H units over I inputs.
///
/// Gates stand in the order i, f, g, o.
public struct LayerTensors: Equatable, Sendable {
  /// The input weight [4H, I].
  ///
  /// In the lowest layer it is kept transposed, [V, 4H]: a table of gate rows, one a symbol, which are gathered.
  public let input: Tensor
  /// The recurrent weight [4H, H].
  public let recurrent: Tensor
  /// The bias [4H].
  public let bias: Tensor
}

/// Where each tensor of a network lies.
public struct ParameterLayout: Equatable, Sendable {
  /// The LSTM layers, the lowest first.
  public let layers: [LayerTensors]
  /// The decoder's weight [V, H].
  public let decoderWeight: Tensor
  /// The decoder's bias [V].
  public let decoderBias: Tensor
  /// The floats of the whole allocation, gaps for alignment included.
  public let count: Int

  /// Lays out the tensors of `configuration` behind each other.
  public init(_ configuration: Configuration) {
    var end = 0
    func place(_ name: String, _ rows: Int, _ columns: Int, gates: GateAxis? = nil) -> Tensor {
      defer { end += FloatBuffer.wholeLines(rows * columns) }
      return Tensor(name: name, offset: end, rows: rows, columns: columns, gates: gates)
    }
    layers = configuration.layerSizes.enumerated().map { layer, size in
      LayerTensors(
        input: layer == 0
          ? place("lstm.weight_ih_l0", configuration.symbolCount, 4 * size, gates: .columns)
          : place(
            "lstm.weight_ih_l\(layer)", 4 * size, configuration.inputSize(ofLayer: layer), gates: .rows),
        recurrent: place("lstm.weight_hh_l\(layer)", 4 * size, size, gates: .rows),
        bias: place("lstm.bias_ih_l\(layer)", 1, 4 * size, gates: .columns))
    }
    decoderWeight = place("decoder.weight", configuration.symbolCount, configuration.outputSize)
    decoderBias = place("decoder.bias", 1, configuration.symbolCount)
    count = end
  }

  /// All tensors in memory order.
  public var tensors: [Tensor] {
    layers.flatMap { [$0.input, $0.recurrent, $0.bias] } + [decoderWeight, decoderBias]
  }
}

/// Everything a network learns, or the gradients or moments of it, in one flat allocation.
///
/// Shared by reference and not synchronised, as `FloatBuffer` is.
public final class Parameters: Sendable {
  /// The network's sizes.
  public let configuration: Configuration
  /// Where each tensor lies in `values`.
  public let layout: ParameterLayout
  /// The flat allocation; gaps between tensors stay zero.
  public let values: FloatBuffer

  /// Zeros for a network of these sizes.
  ///
  /// - Parameter atOnce: as for `FloatBuffer`.
  public init(_ configuration: Configuration, atOnce: Bool = false) {
    self.configuration = configuration
    layout = ParameterLayout(configuration)
    values = FloatBuffer(count: layout.count, atOnce: atOnce)
  }

  /// A copy with its own allocation.
  public func copy() -> Parameters {
    let copy = Parameters(configuration)
    copy.values.copy(from: values)
    return copy
  }

  /// The first element of a tensor.
  public func pointer(_ tensor: Tensor) -> UnsafeMutablePointer<Float> {
    values.pointer + tensor.offset
  }

  /// Whether all elements of a tensor are what bfloat16 can hold: upper halves of floats.
  func lowerHalvesAreZeros(_ tensor: Tensor) -> Bool {
    let elements = self[tensor]
    // Many at a time, so that the compiler makes vectors of them.
    return stride(from: 0, to: elements.count, by: 4096).allSatisfy { first in
      elements[first..<min(first + 4096, elements.count)].reduce(0) { $0 | $1.bitPattern } & 0xFFFF == 0
    }
  }

  /// The elements of a tensor.
  public subscript(tensor: Tensor) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer(tensor), count: tensor.count)
  }
}

/// Coupled gates: the input gate is 1 less the forget gate (Greff and others, "LSTM: a search space odyssey", 2017: CIFG).
///
/// As 1 - σ(a) is σ(-a), such a network is an LSTM whose input gates have the weights of its forget gates with the other
/// sign, and every program that reads LSTMs reads it.
extension Parameters {
  /// Whether all weights of input gates are those of forget gates with the other sign, and some are not zero.
  public var areCoupled: Bool {
    var someAreNot = false
    for tensor in layout.tensors {
      for range in forgetGates(TensorRows(tensor)) {
        let forget = values.pointer + range.lowerBound
        let input = forget - tensor.gateDistance
        for index in 0..<range.count {
          if input[index] != -forget[index] { return false }
          someAreNot = someAreNot || forget[index] != 0
        }
      }
    }
    return someAreNot
  }

  /// Makes the weights of input gates those of forget gates with the other sign.
  public func couple() {
    for tensor in layout.tensors { couple(TensorRows(tensor)) }
  }

  /// Makes those weights of input gates that go with forget gates in some rows.
  public func couple(_ part: TensorRows) {
    for range in forgetGates(part) {
      let forget = values.pointer + range.lowerBound
      let input = forget - part.tensor.gateDistance
      for index in 0..<range.count { input[index] = -forget[index] }
    }
  }

  /// Where in `values` the weights of forget gates in some rows are: the second of four pieces, again and again.
  private func forgetGates(_ part: TensorRows) -> [Range<Int>] {
    let tensor = part.tensor
    guard tensor.gates != nil else { return [] }
    let (range, size) = (part.range, tensor.gateDistance)
    let before = (range.lowerBound - tensor.offset) % (4 * size)
    return stride(from: range.lowerBound - before, to: range.upperBound, by: 4 * size).map {
      ($0 + size..<$0 + 2 * size).clamped(to: range)
    }
  }
}
