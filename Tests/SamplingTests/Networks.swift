// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

@testable import Sampling

/// Networks with random parameters.
enum Networks {
  /// Over the letters a to l and, if asked for, a newline.
  static func network(
    newline: Bool = true, layerSizes: [Int] = [19, 7], seed: UInt64 = 4, kernels: Kernels = .best
  ) throws -> (Network, Charset) {
    let scalars = (newline ? [0x0A] : []) + (0..<12).map { UInt32(0x61 + $0) }
    let charset = try Charset(unit: .scalar, symbols: scalars.map { Symbol(scalar: $0) })
    let parameters = Parameters(try Configuration(symbolCount: charset.count, layerSizes: layerSizes))
    var random = PhiloxGenerator(seed: seed)
    parameters.initialize(.scaled, using: &random)
    return (Network(parameters, kernels: kernels), charset)
  }

  static func mixture(
    newline: Bool = true, layerSizes: [Int] = [19, 7], kernels: Kernels = .best
  ) throws -> Mixture {
    let (network, charset) = try network(newline: newline, layerSizes: layerSizes, kernels: kernels)
    return Mixture(network, charset: charset)
  }
}

/// `length` symbols after `seed`, written alone.
func stream(
  _ mixture: Mixture, seed: [UInt16], number: UInt64 = 0, length: Int, options: SamplingOptions = .init()
) -> [UInt16] {
  let generator = TextGenerator(mixture, repetitionWindow: options.repetitionWindow)
  let sampler = Sampler(options, kernels: mixture.kernels)
  var random = PhiloxGenerator(seed: 11, stream: number)
  generator.read(seed)
  return (0..<length).map { _ in UInt16(generator.next(sampler, using: &random)) }
}
