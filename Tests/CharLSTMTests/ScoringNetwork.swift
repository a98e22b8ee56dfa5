// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import CharText

/// A small network to score with, whose decoder has random biases; scaled-down recurrent weights make it forget sooner.
func scoringNetwork(symbols: Int, seed: UInt64, _ level: String, scale: Float) throws -> Network {
  let parameters = Parameters(try Configuration(symbolCount: symbols, layerSizes: [9, 7]))
  var random = PhiloxGenerator(seed: seed)
  parameters.initialize(.scaled, using: &random)
  for index in parameters.layout.decoderBias.offset..<parameters.values.count {
    parameters.values.pointer[index] = random.uniform(within: 1)
  }
  for tensors in parameters.layout.layers {
    for index in 0..<tensors.recurrent.count { parameters[tensors.recurrent][index] *= scale }
  }
  return Network(parameters, kernels: try Kernels(named: level))
}
