// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// How the tensors of a network stand in a file: PyTorch's names, shapes and order of elements.
enum FileLayout {
  /// How a tensor in the file relates to one in memory.
  enum Role {
    /// The same elements in the same order.
    case same
    /// The lowest layer's input weight: [4H, V] in the file, a table of gate rows [V, 4H] in memory.
    case transposed
    /// PyTorch's second bias, which is added to the first.
    case secondBias
  }

  /// One tensor in the file.
  struct Part {
    let name: String
    let shape: [Int]
    /// Its place in memory.
    let tensor: Tensor
    let role: Role
  }

  /// What the names of tensors that are none of the network's begin with.
  static let extraPrefix = "optimizer."

  /// The network's tensors in the order in which they are written; a second bias comes after the first.
  static func parts(of layout: ParameterLayout) -> [Part] {
    var parts: [Part] = []
    for (index, layer) in layout.layers.enumerated() {
      let (rows, columns) = (layer.input.rows, layer.input.columns)
      parts.append(
        Part(
          name: layer.input.name, shape: index == 0 ? [columns, rows] : [rows, columns], tensor: layer.input,
          role: index == 0 ? .transposed : .same))
      parts.append(matrix(layer.recurrent))
      parts.append(vector(layer.bias))
      let second = "lstm.bias_hh_l\(index)"
      parts.append(Part(name: second, shape: [layer.bias.count], tensor: layer.bias, role: .secondBias))
    }
    return parts + [matrix(layout.decoderWeight), vector(layout.decoderBias)]
  }

  private static func matrix(_ tensor: Tensor) -> Part {
    Part(name: tensor.name, shape: [tensor.rows, tensor.columns], tensor: tensor, role: .same)
  }

  private static func vector(_ tensor: Tensor) -> Part {
    Part(name: tensor.name, shape: [tensor.count], tensor: tensor, role: .same)
  }
}
