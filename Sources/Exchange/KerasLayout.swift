// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import ModelFile

/// How Keras and TensorFlow.js keep the network: a stack of `LSTM` layers under a `Dense` one, on one-hot input.
///
/// A kernel is [inputs, outputs], the transpose of PyTorch's; gates stand in the order i, f, c, o, which is ours under
/// another name; there is one bias.
enum KerasLayout {
  /// One array, in the order of Keras's `get_weights()`.
  struct Part {
    /// The layer's number, the dense one's being that of the LSTM layers.
    let layer: Int
    /// `kernel`, `recurrent_kernel` or `bias`.
    let name: String
    let shape: [Int]
    /// Its place in memory.
    let tensor: Tensor
    /// Whether the rows in memory are the columns of the array.
    let isTransposed: Bool

    /// The array's elements.
    func values(in parameters: Parameters) -> [Float] {
      let values = UnsafeBufferPointer(parameters[tensor])
      guard isTransposed else { return Array(values) }
      return transposed(values, rows: tensor.rows, columns: tensor.columns)
    }

    /// Takes over the array's elements, as many as the tensor has.
    func store(_ values: [Float], in parameters: Parameters) {
      let values =
        isTransposed
        ? values.withUnsafeBufferPointer { transposed($0, rows: tensor.columns, columns: tensor.rows) }
        : values
      _ = parameters[tensor].update(fromContentsOf: values)
    }
  }

  /// All arrays of a network.
  static func parts(of layout: ParameterLayout) -> [Part] {
    var parts: [Part] = []
    for (layer, tensors) in layout.layers.enumerated() {
      // The lowest layer's input weight is kept as the table [V, 4H] that Keras has, too.
      parts.append(
        layer == 0
          ? Part(
            layer: layer, name: "kernel", shape: [tensors.input.rows, tensors.input.columns],
            tensor: tensors.input, isTransposed: false)
          : kernel(layer, "kernel", tensors.input))
      parts.append(kernel(layer, "recurrent_kernel", tensors.recurrent))
      parts.append(bias(layer, tensors.bias))
    }
    let dense = layout.layers.count
    return parts + [kernel(dense, "kernel", layout.decoderWeight), bias(dense, layout.decoderBias)]
  }

  private static func kernel(_ layer: Int, _ name: String, _ tensor: Tensor) -> Part {
    Part(
      layer: layer, name: name, shape: [tensor.columns, tensor.rows], tensor: tensor, isTransposed: true)
  }

  private static func bias(_ layer: Int, _ tensor: Tensor) -> Part {
    Part(layer: layer, name: "bias", shape: [tensor.count], tensor: tensor, isTransposed: false)
  }

  /// The network that these arrays make, whose sizes are theirs.
  ///
  /// - Throws: `ExchangeError.Problem` when they make none.
  static func parameters(from arrays: [ForeignArray]) throws(ExchangeError.Problem) -> Parameters {
    let layerCount = (arrays.count - 2) / 3
    guard layerCount > 0, arrays.count == 3 * layerCount + 2 else { throw .arrayCount(arrays.count) }
    // Each layer's recurrent kernel is [H, 4H], and the dense layer's bias [V].
    var sizes: [Int] = []
    for layer in 0..<layerCount {
      let recurrent = arrays[3 * layer + 1]
      guard recurrent.shape.count == 2, let size = recurrent.shape.first else {
        throw .rank(recurrent.name, found: recurrent.shape, expected: "[H, 4H], a recurrent kernel")
      }
      sizes.append(size)
    }
    let bias = arrays[arrays.count - 1]
    guard bias.shape.count == 1 else {
      throw .rank(bias.name, found: bias.shape, expected: "[V], the dense layer's bias")
    }
    let configuration = try Configuration(foreignSymbolCount: bias.shape[0], layerSizes: sizes)
    let parts = parts(of: ParameterLayout(configuration))
    for (part, array) in zip(parts, arrays) where array.shape != part.shape {
      throw .shape(array.name, found: array.shape, expected: part.shape)
    }
    let parameters = Parameters(configuration)
    for (part, array) in zip(parts, arrays) {
      guard array.values.withUnsafeBufferPointer(areFinite) else { throw .notFinite(array.name) }
      part.store(array.values, in: parameters)
    }
    return parameters
  }
}
