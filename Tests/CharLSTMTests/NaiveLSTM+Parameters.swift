// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM

/// The naive network seen as a list of numbers, and beside the tensors of the real one.
extension NaiveLSTM {
  /// A network whose weights are those of `parameters`.
  init(_ parameters: Parameters) {
    let configuration = parameters.configuration
    self.init(symbolCount: configuration.symbolCount, layerSizes: configuration.layerSizes)
    let layout = parameters.layout
    func elements(_ tensor: Tensor) -> [Double] { parameters[tensor].map(Double.init) }
    for (index, tensors) in layout.layers.enumerated() {
      if index == 0 {
        // The lowest layer's matrix is kept transposed, as a table of gate rows.
        let table = elements(tensors.input)
        for line in 0..<layers[0].input.rows {
          for symbol in 0..<symbolCount {
            layers[0].input[line, symbol] = table[symbol * layers[0].input.rows + line]
          }
        }
      } else {
        layers[index].input.elements = elements(tensors.input)
      }
      layers[index].recurrent.elements = elements(tensors.recurrent)
      layers[index].bias = elements(tensors.bias)
    }
    decoder.elements = elements(layout.decoderWeight)
    decoderBias = elements(layout.decoderBias)
  }

  /// The tensors under PyTorch's names, `lstm.weight_ih_l0` as [V, 4H], in the order of
  /// `ParameterLayout.tensors`.
  var tensors: [(name: String, elements: [Double])] {
    var list: [(String, [Double])] = []
    for (index, layer) in layers.enumerated() {
      var input = layer.input.elements
      if index == 0 {
        input = (0..<symbolCount).flatMap { symbol in (0..<layer.input.rows).map { layer.input[$0, symbol] } }
      }
      list.append(("lstm.weight_ih_l\(index)", input))
      list.append(("lstm.weight_hh_l\(index)", layer.recurrent.elements))
      list.append(("lstm.bias_ih_l\(index)", layer.bias))
    }
    return list + [("decoder.weight", decoder.elements), ("decoder.bias", decoderBias)]
  }

  /// Every number that is learned, by a path to it.
  static func paths(of network: NaiveLSTM) -> [WritableKeyPath<NaiveLSTM, Double>] {
    var paths: [WritableKeyPath<NaiveLSTM, Double>] = []
    for (index, layer) in network.layers.enumerated() {
      paths += layer.input.elements.indices.map { \.layers[index].input.elements[$0] }
      paths += layer.recurrent.elements.indices.map { \.layers[index].recurrent.elements[$0] }
      paths += layer.bias.indices.map { \.layers[index].bias[$0] }
    }
    paths += network.decoder.elements.indices.map { \.decoder.elements[$0] }
    paths += network.decoderBias.indices.map { \.decoderBias[$0] }
    return paths
  }
}

/// The state of rows as `Chunk.state` lists it: hidden and cell [B, H] of each layer, behind each other.
func chunkState(_ rows: [[NaiveLSTM.State]]) -> [Double] {
  rows[0].indices.flatMap { layer in
    rows.flatMap { $0[layer].hidden } + rows.flatMap { $0[layer].cell }
  }
}
