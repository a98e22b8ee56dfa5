// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// What the header of a model file says, checked as far as that can be done before the data is looked at.
struct ModelHeader {
  /// The sizes of the network, which the file has tensors for.
  let configuration: Configuration
  /// Whether each line is a text of its own.
  let isOfRecords: Bool
  let training: TrainingRecord?
  /// The tensors that are none of the network's, in the file's order.
  let extras: [SafetensorsEntry]

  private let header: SafetensorsHeader
  private let bytes: UnsafeRawBufferPointer
  private let data: UnsafeRawBufferPointer
  private let charsetJSON: CharsetJSON
  private let entries: [String: SafetensorsEntry]

  /// The longest list of layers, in bytes: 64 numbers, some space.
  private static let longestLayers = 1024
  private static let longestWord = 64

  /// What `records` says, where it is there at all.
  static let isOfRecordsWord = "true"

  /// Reads what a header says.
  ///
  /// - Parameters:
  ///   - header: a header for which `checkIdentity` has found no fault.
  ///   - bytes: the file, at least with the whole header; it has to outlive this value.
  ///   - data: what stands behind the header, where it is there already; it has to outlive this value too.
  /// - Throws: `ModelFileError.Problem`.
  init(
    _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer,
    _ data: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws(ModelFileError.Problem) {
    self.header = header
    self.bytes = bytes
    self.data = data
    let word = try Self.text(.unit, header, bytes, limit: Self.longestWord)
    guard let unit = TextUnit(rawValue: word) else { throw .unit(word) }
    charsetJSON = try Self.reading(.charset) {
      try CharsetJSON(checking: try Self.contents(.charset, header, bytes), unit: unit)
    }
    let symbolCount = charsetJSON.count
    configuration = try Self.reading(.layers) {
      try Configuration(symbolCount: symbolCount, layerSizes: try Self.layers(header, bytes))
    }
    isOfRecords = try Self.isOfRecords(header, bytes)
    training = try Self.training(header, bytes)
    entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
    extras = try Self.checkTensors(header, entries, configuration)
  }

  /// Makes sure that the file is a model of the version of the format that this code reads.
  ///
  /// - Throws: `ModelFileError.Problem`.
  static func checkIdentity(
    _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(ModelFileError.Problem) {
    guard header.has(.format) else { throw .notChartools }
    guard try text(.format, header, bytes, limit: longestWord) == MetadataKey.formatName else {
      throw .notChartools
    }
    let version = try text(.version, header, bytes, limit: longestWord)
    guard version == MetadataKey.formatVersion else { throw .version(version) }
  }

  /// Where a tensor of the network stands.
  func entry(of part: FileLayout.Part) -> SafetensorsEntry {
    guard let entry = entries[part.name] else { preconditionFailure("the header was checked") }
    return entry
  }

  /// The bytes of a tensor; the data must be whole.
  func data(of entry: SafetensorsEntry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: data[entry.bytes])
  }

  /// The characters of the model.
  ///
  /// - Throws: `ModelFileError.Problem`.
  func charset() throws(ModelFileError.Problem) -> Charset {
    try Self.reading(.charset) { try charsetJSON.charset() }
  }

  /// The strings under keys that the format does not use itself.
  ///
  /// - Throws: `ModelFileError.Problem` when there are more than any checkpoint has.
  func extraMetadata() throws(ModelFileError.Problem) -> [String: String] {
    let others = header.metadata.filter { MetadataKey(rawValue: $0.key) == nil }
    var strings: [String: String] = [:]
    var room = MetadataKey.largestExtras
    for entry in others {
      if strings.count == MetadataKey.mostExtras {
        throw .longMetadata(entry.key, limit: MetadataKey.largestExtras)
      }
      let string = try Self.text(entry, bytes, limit: room)
      room -= string.utf8.count
      strings[entry.key] = string
    }
    return strings
  }

  /// Makes sure that the network's tensors are there in their sizes, and no others but a checkpoint's.
  ///
  /// - Returns: the others.
  private static func checkTensors(
    _ header: SafetensorsHeader, _ entries: [String: SafetensorsEntry], _ configuration: Configuration
  ) throws(ModelFileError.Problem) -> [SafetensorsEntry] {
    var rest = Set(entries.keys)
    for part in FileLayout.parts(of: ParameterLayout(configuration)) {
      guard let entry = entries[part.name] else { throw .missingTensor(part.name) }
      guard entry.shape == part.shape else {
        throw .shape(part.name, found: entry.shape, expected: part.shape)
      }
      guard entry.type == .float32 || entry.type == .bfloat16 else {
        throw .elementType(part.name, entry.type)
      }
      rest.remove(part.name)
    }
    let extras = header.entries.filter { rest.contains($0.name) }
    for entry in extras {
      guard entry.name.hasPrefix(FileLayout.extraPrefix) else { throw .excessTensor(entry.name) }
      guard entry.type == .float32 else { throw .elementType(entry.name, entry.type) }
    }
    return extras
  }

  private static func layers(_ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer) throws -> [Int] {
    let contents = try contents(.layers, header, bytes)
    guard contents.count <= longestLayers else {
      throw ModelFileError.Problem.longMetadata(MetadataKey.layers.rawValue, limit: longestLayers)
    }
    var sizes: [Int] = []
    var json = JSONScanner(JSONStringBytes(contents))
    try json.enterArray()
    while try json.hasNextElement() { sizes.append(try json.readCount()) }
    try json.finish()
    return sizes
  }

  private static func isOfRecords(
    _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(ModelFileError.Problem) -> Bool {
    guard header.has(.records) else { return false }
    let word = try text(.records, header, bytes, limit: longestWord)
    guard word == isOfRecordsWord else { throw .records(word) }
    return true
  }

  private static func training(
    _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(ModelFileError.Problem) -> TrainingRecord? {
    guard header.has(.training) else { return nil }
    let contents = try contents(.training, header, bytes)
    guard contents.count <= TrainingRecord.largestSize else {
      throw .longMetadata(MetadataKey.training.rawValue, limit: TrainingRecord.largestSize)
    }
    return try reading(.training) {
      var json = JSONScanner(JSONStringBytes(contents))
      return try TrainingRecord(from: &json)
    }
  }

  /// Does something that can fail with any of the errors of this module, and names the string it was about.
  private static func reading<Value>(
    _ key: MetadataKey, _ body: () throws -> Value
  ) throws(ModelFileError.Problem) -> Value {
    do {
      return try body()
    } catch {
      throw ModelFileError.Problem(error, in: "metadata's \(key.rawValue)")
    }
  }

  /// A string that is there in every model, still escaped, with its closing quote.
  private static func contents(
    _ key: MetadataKey, _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(ModelFileError.Problem) -> UnsafeRawBufferPointer {
    guard let entry = header.entry(key) else { throw .missingMetadata(key.rawValue) }
    return contents(entry, bytes)
  }

  private static func contents(
    _ entry: SafetensorsHeader.MetadataEntry, _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[entry.contents.lowerBound...entry.contents.upperBound])
  }

  /// A string that is there in every model.
  private static func text(
    _ key: MetadataKey, _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer, limit: Int
  ) throws(ModelFileError.Problem) -> String {
    guard let entry = header.entry(key) else { throw .missingMetadata(key.rawValue) }
    return try text(entry, bytes, limit: limit)
  }

  private static func text(
    _ entry: SafetensorsHeader.MetadataEntry, _ bytes: UnsafeRawBufferPointer, limit: Int
  ) throws(ModelFileError.Problem) -> String {
    var text: [UInt8] = []
    var rest = JSONStringBytes(contents(entry, bytes))
    while let byte = rest.next() {
      if text.count == limit { throw .longMetadata(entry.key, limit: limit) }
      text.append(byte)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension SafetensorsHeader {
  fileprivate func entry(_ key: MetadataKey) -> MetadataEntry? {
    metadata.first { $0.key == key.rawValue }
  }

  fileprivate func has(_ key: MetadataKey) -> Bool { entry(key) != nil }
}
