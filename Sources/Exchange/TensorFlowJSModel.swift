// SPDX-License-Identifier: GPL-3.0-or-later
import ModelFile

/// What a `model.json` in TensorFlow.js's layers format says, as far as it matters here.
///
/// A layer is believed to compute what it says, and to be what TensorFlow.js makes of it where it says nothing.
struct TensorFlowJSModel {
  /// A layer with weights.
  struct Layer: Equatable {
    let name: String
    let isLSTM: Bool
  }

  /// Where one array stands among the bytes of its group, and in which form.
  struct Weight: Equatable {
    let name: String
    let shape: [Int]
    let format: NumberFormat
    /// What makes a value of a stored number: number · scale + minimum.
    var scale = 1.0
    var minimum = 0.0
    /// The bytes it takes.
    let byteCount: Int
    /// Whether it belongs to an optimizer.
    let isOfOptimizer: Bool
  }

  /// Weights that stand behind each other in the bytes of some files.
  struct Group: Equatable {
    var paths: [String] = []
    var weights: [Weight] = []
  }

  /// The layers with weights, the lowest first.
  var layers: [Layer] = []
  var groups: [Group] = []
  /// Where the strings under `userDefinedMetadata` stand in the file, still escaped, with their closing quotes.
  var metadata: [String: Range<Int>] = [:]

  /// The largest `model.json` that is read.
  static let largestSize = 32 << 20
  /// How deep its objects and arrays lie inside each other at most.
  static let depth = 32
  /// What is kept of a name.
  private static let longestWord = 512
  private static let mostWeights = 4096
  private static let mostPaths = 1 << 16
  private static let largestRank = 8

  typealias Scanner = JSONScanner<UnsafeRawBufferPointer.Iterator>

  /// Reads the file.
  ///
  /// - Throws: `ExchangeError.Problem`.
  init(parsing bytes: UnsafeRawBufferPointer) throws(ExchangeError.Problem) {
    var json = Scanner(bytes.makeIterator(), depth: Self.depth)
    do {
      try read(&json)
    } catch {
      switch error {
      case let error as JSONError: throw .syntax(error)
      case let problem as ExchangeError.Problem: throw problem
      default: preconditionFailure("nobody throws \(error) here")
      }
    }
  }

  private mutating func read(_ json: inout Scanner) throws {
    var hasTopology = false
    var hasManifest = false
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "modelTopology" where try json.kind() == .object:
        hasTopology = true
        try readTopology(&json)
      case "weightsManifest":
        hasManifest = true
        try json.enterArray()
        while try json.hasNextElement() { groups.append(try Self.group(&json)) }
      case "userDefinedMetadata" where try json.kind() == .object:
        try readMetadata(&json)
      default: try json.skipValue()
      }
    }
    try json.finish()
    guard hasTopology, !layers.isEmpty else {
      throw ExchangeError.Problem.missing("modelTopology with layers")
    }
    guard hasManifest else { throw ExchangeError.Problem.missing("weightsManifest") }
  }

  private mutating func readMetadata(_ json: inout Scanner) throws {
    try json.enterObject()
    while let key = try json.nextKey() {
      if try json.kind() == .string {
        let contents = try json.skipString()
        metadata[key] = contents.lowerBound..<contents.upperBound + 1
      } else {
        try json.skipValue()
      }
    }
  }

  // MARK: Topology

  /// The topology itself, or what Keras's converter puts it into.
  private mutating func readTopology(_ json: inout Scanner) throws {
    var modelClass: String?
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "model_config" where try json.kind() == .object: try readTopology(&json)
      case "class_name": modelClass = try json.readString(limit: Self.longestWord)
      case "config": try readConfig(&json)
      default: try json.skipValue()
      }
    }
    if let modelClass, modelClass != "Sequential" { throw ExchangeError.Problem.modelClass(modelClass) }
  }

  /// The list of layers, which old files have right here.
  private mutating func readConfig(_ json: inout Scanner) throws {
    if try json.kind() == .array { return try readLayers(&json) }
    try json.enterObject()
    while let key = try json.nextKey() {
      if key == "layers" { try readLayers(&json) } else { try json.skipValue() }
    }
  }

  private mutating func readLayers(_ json: inout Scanner) throws {
    try json.enterArray()
    while try json.hasNextElement() {
      var layer = LayerDescription()
      try layer.read(&json)
      if let isLSTM = try layer.checkedIsLSTM() {
        if layers.count == Self.mostWeights { throw ExchangeError.Problem.arrayCount(layers.count) }
        layers.append(Layer(name: layer.name, isLSTM: isLSTM))
      }
    }
  }

  // MARK: Manifest

  private static func group(_ json: inout Scanner) throws -> Group {
    var group = Group()
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "paths":
        try json.enterArray()
        while try json.hasNextElement() {
          let path = try json.readString(limit: longestWord)
          guard group.paths.count < mostPaths else { throw ExchangeError.Problem.shard(path, .tooMany) }
          group.paths.append(path)
        }
      case "weights":
        try json.enterArray()
        while try json.hasNextElement() {
          guard group.weights.count < mostWeights else {
            throw ExchangeError.Problem.arrayCount(group.weights.count)
          }
          group.weights.append(try weight(&json))
        }
      default: try json.skipValue()
      }
    }
    return group
  }

  private static func weight(_ json: inout Scanner) throws -> Weight {
    var name: String?
    var shape: [Int]?
    var type: String?
    var quantization: Quantization?
    var isOfOptimizer = false
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "name": name = try json.readString(limit: longestWord)
      case "dtype": type = try json.readString(limit: longestWord)
      case "group": isOfOptimizer = try json.readString(limit: longestWord) == "optimizer"
      case "quantization": quantization = try Quantization(from: &json)
      case "shape":
        var dimensions: [Int] = []
        try json.enterArray()
        while try json.hasNextElement() {
          if dimensions.count == largestRank { throw ExchangeError.Problem.weight(name ?? "?", .size) }
          dimensions.append(try json.readCount())
        }
        shape = dimensions
      default: try json.skipValue()
      }
    }
    guard let name, let shape, let type else { throw ExchangeError.Problem.missing("name, shape and dtype") }
    do {
      return try weight(name, shape, type, quantization, isOfOptimizer)
    } catch {
      throw ExchangeError.Problem.weight(name, error)
    }
  }

  private static func weight(
    _ name: String, _ shape: [Int], _ type: String, _ quantization: Quantization?, _ isOfOptimizer: Bool
  ) throws(WeightProblem) -> Weight {
    let stored = quantization?.type ?? type
    let format: NumberFormat? =
      switch stored {
      case "float32": .float32
      case "float16" where quantization != nil: .float16
      case "uint8" where quantization != nil: .uint8
      case "uint16" where quantization != nil: .uint16
      // TensorFlow.js keeps the number of an optimizer's steps as a whole number.
      case "int32" where isOfOptimizer: .float32
      default: nil
      }
    guard let format, type == "float32" || isOfOptimizer else { throw .type(stored) }
    var size = format.size
    for dimension in shape {
      let product = size.multipliedReportingOverflow(by: dimension)
      if product.overflow { throw .size }
      size = product.partialValue
    }
    var weight = Weight(
      name: name, shape: shape, format: format, byteCount: size, isOfOptimizer: isOfOptimizer)
    if format == .uint8 || format == .uint16 {
      guard let scale = quantization?.scale, let minimum = quantization?.minimum else { throw .quantization }
      (weight.scale, weight.minimum) = (scale, minimum)
    }
    return weight
  }

  /// How numbers were made smaller.
  private struct Quantization {
    var type: String?
    var scale: Double?
    var minimum: Double?

    init(from json: inout Scanner) throws {
      try json.enterObject()
      while let key = try json.nextKey() {
        switch key {
        case "dtype": type = try json.readString(limit: longestWord)
        case "scale": scale = try json.readDouble()
        case "min": minimum = try json.readDouble()
        default: try json.skipValue()
        }
      }
    }
  }
}

/// What can be wrong with a weight in TensorFlow.js's manifest.
public enum WeightProblem: Error, Equatable, Sendable {
  /// A type of elements that is not read.
  case type(String)
  /// More bytes than can be counted, or too many dimensions.
  case size
  /// Quantised numbers without scale and minimum.
  case quantization

  var reason: String {
    switch self {
    case .type(let type):
      "its type is \(type); float32 is read, and float32 quantised to float16, uint8 and uint16"
    case .size: "its shape is that of no weight"
    case .quantization: "scale or min is missing"
    }
  }
}
