// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport
import ModelFile

/// Reads models in TensorFlow.js's layers format: `model.json`, and files of weights beside it.
public enum TensorFlowJSReader {
  /// Reads the model whose `model.json` is at `path`.
  ///
  /// Files of weights are looked for in the same folder only.
  ///
  /// - Throws: `FileError`, or `ExchangeError`.
  public static func read(path: String) throws -> ForeignModel {
    let file = try FileContents(path: path, limit: TensorFlowJSModel.largestSize)
    return try withExtendedLifetime(file) {
      do {
        let model = try TensorFlowJSModel(parsing: file.bytes)
        var weights: [ForeignArray] = []
        for group in model.groups { weights += try arrays(of: group, beside: path) }
        return try ForeignModel(
          KerasLayout.parameters(from: inOrder(weights, model.layers)),
          metadata: ExchangeMetadata(strings: model.metadata, bytes: file.bytes))
      } catch let problem as ExchangeError.Problem {
        throw ExchangeError(problem, source: file.name)
      }
    }
  }

  /// The weights in Keras's order, found by their names: the manifest may have them in another.
  ///
  /// A weight's name holds its layer's, something in between, such as the cell's, and its own.
  private static func inOrder(
    _ weights: [ForeignArray], _ layers: [TensorFlowJSModel.Layer]
  ) throws(ExchangeError.Problem) -> [ForeignArray] {
    guard let last = layers.last, !last.isLSTM else { throw .missing("dense layer at the end") }
    var rest = weights
    var ordered: [ForeignArray] = []
    for (index, layer) in layers.enumerated() {
      guard layer.isLSTM || index == layers.count - 1 else { throw .layer(layer.name, .notLast) }
      for weight in layer.isLSTM ? ["kernel", "recurrent_kernel", "bias"] : ["kernel", "bias"] {
        let matches = rest.indices.filter { place in
          let name = "/" + rest[place].name
          return name.hasSuffix("/" + weight) && contains(name, "/" + layer.name + "/")
        }
        guard let match = matches.first else { throw .layer(layer.name, .missing(weight)) }
        guard matches.count == 1 else { throw .duplicateTensor(rest[match].name) }
        ordered.append(rest.remove(at: match))
      }
    }
    if let excess = rest.first { throw .excessTensor(excess.name) }
    return ordered
  }

  private static func contains(_ text: String, _ part: String) -> Bool {
    let (text, part) = (Array(text.utf8), Array(part.utf8))
    guard part.count <= text.count else { return false }
    return (0...text.count - part.count).contains { text[$0...].starts(with: part) }
  }

  // MARK: Weights

  /// The arrays in the files of a group, without an optimizer's.
  private static func arrays(of group: TensorFlowJSModel.Group, beside path: String) throws -> [ForeignArray]
  {
    var needed = 0
    for weight in group.weights {
      let sum = needed.addingReportingOverflow(weight.byteCount)
      guard !sum.overflow else { throw ExchangeError.Problem.weight(weight.name, .size) }
      needed = sum.partialValue
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var shards: [FileContents] = []
    var count = 0
    for name in group.paths {
      guard isPlain(name) else { throw ExchangeError.Problem.shard(name, .path) }
      let shard = try FileContents(path: folder + name, limit: needed)
      shards.append(shard)
      count += shard.bytes.count
    }
    guard count == needed else {
      throw ExchangeError.Problem.shard(group.paths.last ?? "?", .size(found: count, expected: needed))
    }
    return withExtendedLifetime(shards) {
      // One file is used where it is; several have to be put together, for a weight may begin in one and end in another.
      if let only = shards.first, shards.count == 1 { return arrays(group.weights, only.bytes) }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count)
      for shard in shards { bytes.append(contentsOf: shard.bytes) }
      return bytes.withUnsafeBytes { arrays(group.weights, $0) }
    }
  }

  private static func arrays(
    _ weights: [TensorFlowJSModel.Weight], _ bytes: UnsafeRawBufferPointer
  ) -> [ForeignArray] {
    var arrays: [ForeignArray] = []
    var offset = 0
    for weight in weights {
      let data = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + weight.byteCount])
      offset += weight.byteCount
      if weight.isOfOptimizer { continue }
      var values = weight.format.values(data)
      if weight.format == .uint8 || weight.format == .uint16 {
        // In 64 bits and rounded once: what TensorFlow.js's Python package and JavaScript do.
        values = values.map { Float(Double($0) * weight.scale + weight.minimum) }
      }
      arrays.append(ForeignArray(name: weight.name, shape: weight.shape, values: values))
    }
    return arrays
  }

  /// Whether this is a file's name and nothing else, so that it cannot lead out of the folder.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".."
      && !name.utf8.contains { $0 == 0 || $0 == 0x2F || $0 == 0x5C }
  }
}

/// What can be wrong with a file of weights.
public enum ShardProblem: Error, Equatable, Sendable {
  /// A path that is not a plain name.
  case path
  /// The files of a group have another number of bytes than its weights.
  case size(found: Int, expected: Int)
  /// More files than any model has.
  case tooMany

  var reason: String {
    switch self {
    case .path: "not followed: files of weights are looked for beside model.json only, by a plain name"
    case .size(let found, let expected):
      "the files of weights have \(found) bytes together, and the weights \(expected)"
    case .tooMany: "too many files"
    }
  }
}
