// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// The sizes of a network: how many symbols it reads and writes, and how wide each LSTM layer is.
public struct Configuration: Equatable, Sendable {
  /// V, the number of symbols: the width of the one-hot input and of the logits.
  public let symbolCount: Int
  /// H of each LSTM layer, the lowest first.
  public let layerSizes: [Int]

  /// The widest layer and the largest number of layers that are accepted.
  public static let largestLayer = 16384
  /// See `largestLayer`.
  public static let mostLayers = 64

  /// Checks the sizes.
  ///
  /// - Throws: `ConfigurationError` when a size is out of range or the parameters would not fit in 16 GiB.
  public init(symbolCount: Int, layerSizes: [Int]) throws(ConfigurationError) {
    guard (1...65535).contains(symbolCount) else { throw .symbolCount(symbolCount) }
    guard (1...Self.mostLayers).contains(layerSizes.count) else { throw .layerCount(layerSizes.count) }
    for size in layerSizes where !(1...Self.largestLayer).contains(size) { throw .layerSize(size) }
    self.symbolCount = symbolCount
    self.layerSizes = layerSizes
    guard parameterCount <= 1 << 32 else { throw .parameterCount(parameterCount) }
  }

  /// The width of what layer `layer` reads: V for the lowest, the H of the layer below for the others.
  public func inputSize(ofLayer layer: Int) -> Int {
    layer == 0 ? symbolCount : layerSizes[layer - 1]
  }

  /// H of the uppermost layer, which the decoder reads.
  public var outputSize: Int { layerSizes[layerSizes.count - 1] }

  /// The number of trained parameters: 4H(I + H + 1) a layer and V(H + 1) for the decoder.
  public var parameterCount: Int {
    layerSizes.indices.reduce(symbolCount * (outputSize + 1)) { sum, layer in
      sum + 4 * layerSizes[layer] * (inputSize(ofLayer: layer) + layerSizes[layer] + 1)
    }
  }

  /// Floating-point operations of a forward pass over one character with all four gates, a multiply-add counted as two.
  public var forwardOperations: Int { layerOperations(isCoupled: false) + decoderOperations }

  /// Those of the LSTM layers: three gates are computed where they are coupled.
  public func layerOperations(isCoupled: Bool) -> Int {
    layerSizes.indices.reduce(0) { sum, layer in
      let input = layer == 0 ? 0 : inputSize(ofLayer: layer)
      return sum + 2 * (isCoupled ? 3 : 4) * layerSizes[layer] * (input + layerSizes[layer])
    }
  }

  /// Those of the decoder.
  public var decoderOperations: Int { 2 * symbolCount * outputSize }
}

/// Sizes that no network can have.
public enum ConfigurationError: UserFacingError, Equatable {
  case symbolCount(Int)
  case layerCount(Int)
  case layerSize(Int)
  case parameterCount(Int)

  /// Sizes have no place in a file.
  public var place: String? { nil }
  /// Typed sizes are a usage error; a model file's are worded by its reader.
  public var kind: ErrorKind { .usage }
  /// What is wrong with the sizes.
  public var reason: String {
    switch self {
    case .symbolCount(let count): "a network of \(count) symbols: it takes 1 to 65535"
    case .layerCount(let count): "a network of \(count) layers: it takes 1 to \(Configuration.mostLayers)"
    case .layerSize(let size): "a layer of \(size) units: it takes 1 to \(Configuration.largestLayer)"
    case .parameterCount(let count): "a network of \(count) parameters: more than \(1 << 32)"
    }
  }
}
