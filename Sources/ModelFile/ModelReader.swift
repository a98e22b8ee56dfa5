// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport

/// Opens model files, and believes nothing that they say before it is checked.
///
/// A header is checked as a whole before memory is taken for the tensors that it tells of; the digest is checked
/// before a value is used.
public enum ModelReader {
  /// Opens the model at `path`; `-` is standard input.
  ///
  /// A regular file is mapped, but for its header: others may change the file meanwhile, and what has been checked must
  /// stay so. Anything else is read, no further than the end that the header tells of.
  ///
  /// - Parameters:
  ///   - path: the file's path, or `-`.
  ///   - keepingExtras: whether to read a checkpoint's tensors and metadata too; otherwise they are passed over.
  /// - Throws: `FileError`, or `ModelFileError`.
  public static func read(path: String, keepingExtras: Bool = false) throws -> Model {
    guard path != "-", FileKind.isRegular(path) else {
      return try read(from: InputReader(path: path), keepingExtras: keepingExtras)
    }
    let file = try MappedFile(path: path)
    return try withHeader(of: file) { try read($0, file.bytes, keepingExtras: keepingExtras) }
  }

  /// Opens the model that an input gives.
  ///
  /// - Throws: `FileError`, or `ModelFileError`.
  public static func read(from input: InputReader, keepingExtras: Bool = false) throws -> Model {
    let file = ReceivedBytes(input)
    do {
      try file.receive(atLeast: SafetensorsHeader.prefixLength)
      try file.receive(atLeast: SafetensorsHeader.extent(in: file.bytes))
      // All that a header can be accused of is known before the data is waited for.
      let header = try SafetensorsHeader(parsing: file.bytes)
      try ModelHeader.checkIdentity(header, file.bytes)
      _ = try ModelHeader(header, file.bytes)
      // One more than there should be, to see whether the input ends.
      try file.receive(atLeast: header.fileSize + 1)
    } catch let problem as ModelFileError.Problem {
      throw ModelFileError(problem, source: input.name)
    }
    return try read(file.bytes, name: input.name, keepingExtras: keepingExtras)
  }

  /// Opens the model that is in memory.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; no part of it is used after this call.
  ///   - name: what messages call it.
  ///   - keepingExtras: as for `read(path:keepingExtras:)`.
  /// - Throws: `ModelFileError`.
  public static func read(
    _ bytes: UnsafeRawBufferPointer, name: String, keepingExtras: Bool = false
  ) throws(ModelFileError) -> Model {
    do {
      return try read(bytes, bytes, keepingExtras: keepingExtras)
    } catch {
      throw ModelFileError(error, source: name)
    }
  }

  /// Opens the model at `path`, `-` being standard input, and tells of its file too.
  ///
  /// Everything in a checkpoint is read and checked.
  ///
  /// - Throws: `FileError`, or `ModelFileError`.
  public static func inspect(path: String) throws -> ModelInspection {
    let file = try MappedFile(path: path)
    return try withHeader(of: file) { head in
      let model = try read(head, file.bytes, keepingExtras: true)
      return try ModelInspection(
        model, SafetensorsHeader(parsing: head), head, fileSize: file.bytes.count, name: file.name)
    }
  }

  /// Does something with a file and a copy of its header, which nobody can change.
  private static func withHeader<Value>(
    of file: MappedFile, _ body: (UnsafeRawBufferPointer) throws -> Value
  ) throws -> Value {
    do {
      let head = Array(file.bytes.prefix(try SafetensorsHeader.extent(in: file.bytes)))
      let value = try withExtendedLifetime(file) { try head.withUnsafeBytes(body) }
      if let failure = file.failure { throw failure }
      return value
    } catch let problem as ModelFileError.Problem {
      throw file.failure ?? ModelFileError(problem, source: file.name)
    }
  }

  /// Opens a model whose header, at least, is in `head`.
  private static func read(
    _ head: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, keepingExtras: Bool
  ) throws(ModelFileError.Problem) -> Model {
    let file = try SafetensorsHeader(parsing: head)
    try file.check(fileSize: bytes.count)
    try ModelHeader.checkIdentity(file, head)
    let data = UnsafeRawBufferPointer(rebasing: bytes[file.dataOffset...])
    try ModelDigest.check(head, data, file)
    let header = try ModelHeader(file, head, data)
    let parameters = try parameters(header)
    let charset = try header.charset()
    if header.isOfRecords && charset.newlineID == nil { throw .recordsWithoutNewline }
    return Model(
      charset: charset, parameters: parameters, isOfRecords: header.isOfRecords, training: header.training,
      extraTensors: keepingExtras ? try extraTensors(header) : [],
      extraMetadata: keepingExtras ? try header.extraMetadata() : [:])
  }

  private static func parameters(_ header: ModelHeader) throws(ModelFileError.Problem) -> Parameters {
    let parameters = Parameters(header.configuration, atOnce: true)
    for part in FileLayout.parts(of: parameters.layout) {
      let entry = header.entry(of: part)
      if entry.type == .bfloat16 {
        StoredBFloat.load(part, header.data(of: entry), into: parameters)
      } else {
        StoredFloat.load(part, header.data(of: entry), into: parameters)
      }
      // What is not finite stays so when something is added, so the sum of the biases tells of both.
      guard areFinite(UnsafeBufferPointer(parameters[part.tensor])) else { throw .notFinite(part.name) }
    }
    return parameters
  }

  private static func extraTensors(_ header: ModelHeader) throws(ModelFileError.Problem) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for entry in header.extras {
      let data = header.data(of: entry)
      let count = data.count / StoredFloat.size
      let values = [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        if let source = data.baseAddress, let target = buffer.baseAddress {
          StoredFloat.copy(source, count: count, to: target)
        }
        initializedCount = count
      }
      guard values.withUnsafeBufferPointer(areFinite) else { throw .notFinite(entry.name) }
      tensors.append(NamedTensor(name: entry.name, shape: entry.shape, values: values))
    }
    return tensors
  }
}

extension StoredElement {
  /// Moves a tensor of the file to its place in memory.
  fileprivate static func load(
    _ part: FileLayout.Part, _ data: UnsafeRawBufferPointer, into parameters: Parameters
  ) {
    guard let source = data.baseAddress else { return }
    let tensor = part.tensor
    let target = parameters.pointer(tensor)
    precondition(data.count == tensor.count * size, "the header was checked")
    switch part.role {
    case .same: copy(source, count: tensor.count, to: target)
    case .transposed: transpose(source, rows: tensor.columns, columns: tensor.rows, to: target)
    case .secondBias: add(source, count: tensor.count, to: target)
    }
  }
}
