// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport

/// Writes model files: the same bytes for the same model.
public enum ModelWriter {
  /// The file of a model.
  ///
  /// - Parameters:
  ///   - model: what the file shall hold.
  ///   - type: how the network's values are kept, in 32 bits or rounded to the nearest of 16.
  /// - Throws: `ModelFileError` when a value is not finite, or the charset is larger than a header can be.
  public static func serialized(
    _ model: Model, as type: StoredType = .float32
  ) throws(ModelFileError) -> [UInt8] {
    let file = try Serialization(model, type)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(file.size)
    file.emit { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Writes the file of a model; whoever made `output` flushes it.
  ///
  /// - Parameters:
  ///   - model: what the file shall hold.
  ///   - output: takes the bytes.
  ///   - type: how the network's values are kept, in 32 bits or rounded to the nearest of 16.
  /// - Throws: `ModelFileError` as `serialized(_:)` does, before anything is written, or `FileError`.
  public static func write(_ model: Model, to output: OutputWriter, as type: StoredType = .float32) throws {
    let file = try Serialization(model, type)
    try file.emit { (bytes) throws(FileError) in try output.write(bytes) }
  }
}

/// A model on its way into a file: the finished header, and the tensors where they are.
private struct Serialization {
  let model: Model
  let type: StoredType
  let parts: [FileLayout.Part]
  private(set) var header: [UInt8]

  /// Makes the header, for whose digest all values are looked at.
  init(_ model: Model, _ type: StoredType) throws(ModelFileError) {
    self.model = model
    self.type = type
    parts = FileLayout.parts(of: model.parameters.layout)
    if let name = Self.firstNotFinite(model) { throw ModelFileError(.diverged(name), source: nil) }
    do {
      header = try SafetensorsHeader.serialized(
        tensors: parts.map { ($0.name, type.elementType, $0.shape) }
          + model.extraTensors.map { ($0.name, .float32, $0.shape) },
        metadata: Self.metadata(of: model))
      try insertDigest()
    } catch {
      throw ModelFileError(error, source: nil)
    }
  }

  /// The size of the file in bytes.
  var size: Int {
    let own = type.elementType.size * parts.reduce(0) { $0 + $1.tensor.count }
    return header.count + own + StoredFloat.size * model.extraTensors.reduce(0) { $0 + $1.values.count }
  }

  /// Gives the bytes of the file piece by piece.
  func emit<Failure: Error>(_ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
    try Self.give(header, to: sink)
    for part in parts {
      let tensor = part.tensor
      switch part.role {
      case .same: try emit(UnsafeBufferPointer(model.parameters[tensor]), sink)
      case .transposed: try emitTransposed(tensor, sink)
      case .secondBias: try emit([Float](repeating: 0, count: tensor.count), sink)
      }
    }
    for tensor in model.extraTensors { try Self.give(tensor.values, to: sink) }
  }

  /// Gives values of the network as the file keeps them.
  private func emit<Failure: Error>(
    _ values: UnsafeBufferPointer<Float>, _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    switch type {
    case .float32: try sink(UnsafeRawBufferPointer(values))
    case .bfloat16: try Self.give(values.map(StoredBFloat.rounded), to: sink)
    }
  }

  private func emit<Failure: Error>(
    _ values: [Float], _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    try values.withUnsafeBufferPointer { (buffer) throws(Failure) in try emit(buffer, sink) }
  }

  /// Gives [columns, rows] of a tensor that is [rows, columns] in memory, some of the file's rows at a time.
  private func emitTransposed<Failure: Error>(
    _ tensor: Tensor, _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let source = model.parameters.pointer(tensor)
    for first in stride(from: 0, to: tensor.columns, by: 16) {
      let width = min(16, tensor.columns - first)
      let block = [Float](unsafeUninitializedCapacity: width * tensor.rows) { buffer, count in
        for row in 0..<tensor.rows {
          for column in 0..<width {
            buffer.initializeElement(
              at: column * tensor.rows + row, to: source[row * tensor.columns + first + column])
          }
        }
        count = width * tensor.rows
      }
      try emit(block, sink)
    }
  }

  /// Puts the digest of the whole file in the place of the blank one.
  private mutating func insertDigest() throws(ModelFileError.Problem) {
    var hash = XXH64()
    emit { hash.update($0) }
    let header = header
    let place: Range<Int>
    do {
      place = try header.withUnsafeBytes { try ModelDigest.place(in: SafetensorsHeader(parsing: $0), $0) }
    } catch {
      throw ModelFileError.Problem(error, in: "header")
    }
    self.header.replaceSubrange(place, with: ModelDigest.digits(hash.finalize()))
  }

  private static func metadata(of model: Model) -> [(key: String, value: [UInt8])] {
    func entry(_ key: MetadataKey, _ value: some Sequence<UInt8>) -> (key: String, value: [UInt8]) {
      (key.rawValue, Array(value))
    }
    var layers = JSONWriter()
    layers.array(model.parameters.configuration.layerSizes)
    var metadata = [
      entry(.format, MetadataKey.formatName.utf8),
      entry(.version, MetadataKey.formatVersion.utf8),
      entry(.unit, model.charset.unit.rawValue.utf8),
      entry(.charset, CharsetJSON.serialized(model.charset)),
      entry(.layers, layers.bytes),
    ]
    if model.isOfRecords { metadata.append(entry(.records, ModelHeader.isOfRecordsWord.utf8)) }
    if let training = model.training { metadata.append(entry(.training, training.serialized())) }
    for (key, value) in model.extraMetadata.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    {
      metadata.append((key, Array(value.utf8)))
    }
    return metadata + [entry(.digest, ModelDigest.blank)]
  }

  /// The name of a tensor with a value that is NaN or infinite, which no reader would take.
  private static func firstNotFinite(_ model: Model) -> String? {
    let parameters = model.parameters
    let tensor = parameters.layout.tensors.first { !areFinite(UnsafeBufferPointer(parameters[$0])) }
    let extra = model.extraTensors.first { !$0.values.withUnsafeBufferPointer(areFinite) }
    return tensor?.name ?? extra?.name
  }

  private static func give<Element, Failure: Error>(
    _ values: [Element], to sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    try values.withUnsafeBufferPointer { (buffer) throws(Failure) in
      try sink(UnsafeRawBufferPointer(buffer))
    }
  }
}
