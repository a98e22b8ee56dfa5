// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// A trained network, the characters it knows and how it came about: what a model file holds.
public struct Model: Sendable {
  /// The characters, as many as the network reads and writes.
  public let charset: Charset
  /// The network's sizes and values.
  public let parameters: Parameters
  /// Whether it learned lines that stand each for itself, with their ends: what it writes ends at a newline.
  public let isOfRecords: Bool
  /// How the network was trained; nil if nobody told.
  public var training: TrainingRecord?
  /// What a checkpoint holds beside the network, such as an optimizer's moments, in the file's order.
  public let extraTensors: [NamedTensor]
  /// What a checkpoint tells beside the model, such as its place in the corpus.
  public let extraMetadata: [String: String]

  /// Puts a model together, or a checkpoint.
  ///
  /// - Parameters:
  ///   - charset: as many characters as `parameters` is made for.
  ///   - parameters: the network.
  ///   - isOfRecords: whether each line is a text of its own, its newline being what ends it.
  ///   - training: how it was trained.
  ///   - extraTensors: tensors whose names differ and begin with `optimizer.`.
  ///   - extraMetadata: at most 64 strings of 256 KiB together, under keys that the format does not use itself.
  public init(
    charset: Charset, parameters: Parameters, isOfRecords: Bool = false, training: TrainingRecord? = nil,
    extraTensors: [NamedTensor] = [], extraMetadata: [String: String] = [:]
  ) {
    precondition(
      charset.count == parameters.configuration.symbolCount, "a network of another number of characters")
    precondition(!isOfRecords || charset.newlineID != nil, "records end with a newline")
    precondition(
      extraTensors.allSatisfy { $0.name.hasPrefix(FileLayout.extraPrefix) },
      "an extra tensor's name begins with \(FileLayout.extraPrefix)")
    precondition(
      Set(extraTensors.map(\.name)).count == extraTensors.count, "two extra tensors have the same name")
    precondition(
      extraMetadata.keys.allSatisfy {
        MetadataKey(rawValue: $0) == nil && $0.utf8.count <= JSONLimit.keyLength
      }, "a key that is too long or the format's own")
    precondition(
      extraMetadata.count <= MetadataKey.mostExtras
        && extraMetadata.values.reduce(0) { $0 + $1.utf8.count } <= MetadataKey.largestExtras,
      "more metadata than a model file takes")
    self.charset = charset
    self.parameters = parameters
    self.isOfRecords = isOfRecords
    self.training = training
    self.extraTensors = extraTensors
    self.extraMetadata = extraMetadata
  }
}

/// A tensor of 32-bit floats with its name.
public struct NamedTensor: Equatable, Sendable {
  /// What it is called in the file; at most 128 bytes.
  public let name: String
  /// Its dimensions, the outermost first; at most eight.
  public let shape: [Int]
  /// Its elements, the last dimension's side by side.
  public let values: [Float]

  /// A tensor of as many elements as its shape says.
  public init(name: String, shape: [Int], values: [Float]) {
    precondition(name.utf8.count <= JSONLimit.keyLength, "the tensor name \(name) is too long")
    precondition(
      shape.count <= SafetensorsEntry.largestRank && shape.allSatisfy { $0 >= 0 }, "\(shape) is no shape")
    precondition(
      shape.reduce(1, *) == values.count, "a tensor of the shape \(shape) has no \(values.count) values")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// The keys under `__metadata__` that the format gives a meaning, in the order in which they are written.
enum MetadataKey: String, CaseIterable {
  case format
  case version
  case unit
  case charset
  case layers
  case records
  case training
  case digest

  /// What `format` says.
  static let formatName = "chartools"
  /// What `version` says.
  static let formatVersion = "1"
  /// How many other keys a checkpoint has at most.
  static let mostExtras = 64
  /// How many bytes their strings have together at most.
  static let largestExtras = 256 << 10
}
