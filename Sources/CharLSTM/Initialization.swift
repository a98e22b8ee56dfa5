// SPDX-License-Identifier: GPL-3.0-or-later

/// How parameters begin.
///
/// The forget gate's bias begins at 1 and all other biases at 0 in both (Gers 2000).
public enum Initialization: String, CaseIterable, Sendable {
  /// Uniform: the one-hot input table within ±2, recurrent matrices within ±1.7/√H and upper input matrices within
  /// ±2.5/√H of their layer, the decoder within ±1/√H. A one-hot input meets one column alone, so its scale has nothing to do with V.
  case scaled
  /// As Keras and TensorFlow.js: Glorot-uniform input and decoder matrices, orthogonal recurrent ones.
  case keras
}

extension Parameters {
  /// Draws new values for all parameters.
  public func initialize(_ scheme: Initialization, using random: inout PhiloxGenerator) {
    values.clear()
    for (index, tensors) in layout.layers.enumerated() {
      let size = configuration.layerSizes[index]
      let inputs = configuration.inputSize(ofLayer: index)
      switch scheme {
      case .scaled:
        let width = Double(size).squareRoot()
        fill(tensors.input, within: index == 0 ? 2 : 2.5 / width, using: &random)
        fill(tensors.recurrent, within: 1.7 / width, using: &random)
      case .keras:
        fill(tensors.input, within: (6 / Double(inputs + 4 * size)).squareRoot(), using: &random)
        fillOrthogonal(tensors.recurrent, using: &random)
      }
      self[tensors.bias][size..<2 * size].update(repeating: 1)
    }
    let output = Double(configuration.outputSize)
    let limit =
      scheme == .scaled
      ? 1 / output.squareRoot() : (6 / (output + Double(configuration.symbolCount))).squareRoot()
    fill(layout.decoderWeight, within: limit, using: &random)
  }

  private func fill(_ tensor: Tensor, within limit: Double, using random: inout PhiloxGenerator) {
    for index in self[tensor].indices { self[tensor][index] = random.uniform(within: limit) }
  }

  /// Makes the columns of a [4H, H] matrix orthonormal.
  ///
  /// Normal numbers, then Gram-Schmidt, each vector cleared of the others twice, which is enough for full precision
  /// (Giraud and others, 2005).
  private func fillOrthogonal(_ tensor: Tensor, using random: inout PhiloxGenerator) {
    let length = tensor.rows
    var basis: [Double] = []
    basis.reserveCapacity(length * tensor.columns)
    for column in 0..<tensor.columns {
      var vector = (0..<length).map { _ in random.normal() }
      for _ in 0..<2 {
        for start in stride(from: 0, to: column * length, by: length) {
          var projection = 0.0
          for index in 0..<length { projection += vector[index] * basis[start + index] }
          for index in 0..<length { vector[index] -= projection * basis[start + index] }
        }
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for index in 0..<length { vector[index] /= norm }
      }
      basis += vector
    }
    for row in 0..<length {
      for column in 0..<tensor.columns {
        self[tensor][row * tensor.columns + column] = Float(basis[column * length + row])
      }
    }
  }
}
