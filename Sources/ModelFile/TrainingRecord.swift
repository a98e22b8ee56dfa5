// SPDX-License-Identifier: GPL-3.0-or-later

/// What a model file tells of how the model was trained.
///
/// What is not known is nil. Nothing in it depends on the clock, the machine, threads or paths, so that the same
/// training gives the same file.
public struct TrainingRecord: Equatable, Sendable {
  /// The options and their values as they can be typed, such as `layers` and `128,128`.
  ///
  /// At most 128, with names of at most 64 bytes; of a value, the first 1024 bytes are written.
  public var options: [String: String]
  /// The checksum of the corpus's ids: `xxh64:` and 16 hexadecimal digits.
  public var corpusDigest: String?
  /// The corpus's length in characters, the held-out part with it.
  public var corpusLength: Int?
  /// The length of the held-out part in characters.
  public var heldOutLength: Int?
  /// Updates of the parameters.
  public var steps: Int?
  /// Passes over the training part.
  public var epochs: Double?
  /// The training loss at the end in nats per character.
  public var trainNats: Double?
  /// The saved model's loss over the whole held-out part in nats per character.
  public var heldOutNats: Double?
  /// The same in bits per character.
  public var heldOutBits: Double?
  /// What the held-out part costs under simpler models of the same training part, in nats per character, by their
  /// names, such as `order-2`: at most 64, with names of at most 64 bytes.
  public var baselines: [String: Double]
  /// The random seed of the training.
  public var seed: UInt64?
  /// The version of the program that trained the model.
  public var programVersion: String?

  /// Options of a training and what is known of it.
  public init(
    options: [String: String], corpusDigest: String? = nil, corpusLength: Int? = nil,
    heldOutLength: Int? = nil,
    steps: Int? = nil, epochs: Double? = nil, trainNats: Double? = nil, heldOutNats: Double? = nil,
    heldOutBits: Double? = nil, baselines: [String: Double] = [:], seed: UInt64? = nil,
    programVersion: String? = nil
  ) {
    self.options = options
    self.corpusDigest = corpusDigest
    self.corpusLength = corpusLength
    self.heldOutLength = heldOutLength
    self.steps = steps
    self.epochs = epochs
    self.trainNats = trainNats
    self.heldOutNats = heldOutNats
    self.heldOutBits = heldOutBits
    self.baselines = baselines
    self.seed = seed
    self.programVersion = programVersion
  }
}

extension TrainingRecord {
  /// The longest record that is read, in bytes as it stands in the file; no writer makes a longer one.
  static let largestSize = 1 << 20

  private static let mostOptions = 128
  private static let mostBaselines = 64
  private static let longestName = 64
  private static let longestValue = 1024

  /// Reads the JSON object; members that this version does not know are skipped, and options and baselines that no
  /// writer writes because they are too many or their names too long.
  ///
  /// - Throws: `JSONError`.
  init(from json: inout JSONScanner<some IteratorProtocol<UInt8>>) throws(JSONError) {
    self.init(options: [:])
    var hasOptions = false
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "options":
        hasOptions = true
        try json.enterObject()
        while let name = try json.nextKey() {
          let value = try json.readString(limit: Self.longestValue)
          if options.count < Self.mostOptions, name.utf8.count <= Self.longestName { options[name] = value }
        }
      case "corpus_digest": corpusDigest = try json.readString(limit: Self.longestValue)
      case "corpus_length": corpusLength = try json.readCount()
      case "heldout_length": heldOutLength = try json.readCount()
      case "steps": steps = try json.readCount()
      case "epochs": epochs = try json.readDouble()
      case "train_nats": trainNats = try json.readDouble()
      case "heldout_nats": heldOutNats = try json.readDouble()
      case "heldout_bits": heldOutBits = try json.readDouble()
      case "baselines":
        try json.enterObject()
        while let name = try json.nextKey() {
          let nats = try json.readDouble()
          if baselines.count < Self.mostBaselines, name.utf8.count <= Self.longestName {
            baselines[name] = nats
          }
        }
      case "seed": seed = try json.readUInt64()
      case "program_version": programVersion = try json.readString(limit: Self.longestValue)
      default: try json.skipValue()
      }
    }
    try json.finish()
    if !hasOptions { throw JSONError(problem: .expected("\"options\""), offset: json.offset) }
  }

  /// The record as a JSON object: options in the order of their names' bytes; what is nil or not finite is left out.
  func serialized() -> [UInt8] {
    var json = JSONWriter()
    write(to: &json)
    return json.bytes
  }

  /// Writes the record as it stands in a file, as the next value of some JSON.
  public func write(to json: inout JSONWriter) {
    precondition(options.count <= Self.mostOptions, "\(options.count) options are more than a record takes")
    json.beginObject()
    json.key("options")
    json.beginObject()
    for (name, value) in Self.inOrder(options) {
      json.key(name)
      json.string(Self.cut(value))
    }
    json.endObject()
    json.member("corpus_digest", corpusDigest)
    json.member("corpus_length", corpusLength)
    json.member("heldout_length", heldOutLength)
    json.member("steps", steps)
    json.member("epochs", finite(epochs))
    json.member("train_nats", finite(trainNats))
    json.member("heldout_nats", finite(heldOutNats))
    json.member("heldout_bits", finite(heldOutBits))
    if !baselines.isEmpty {
      precondition(baselines.count <= Self.mostBaselines, "\(baselines.count) baselines are too many")
      json.key("baselines")
      json.beginObject()
      for (name, nats) in Self.inOrder(baselines) { json.member(name, finite(nats)) }
      json.endObject()
    }
    json.member("seed", seed)
    json.member("program_version", programVersion)
    json.endObject()
  }

  /// By the bytes of the names, which must not be too long.
  private static func inOrder<Value>(_ members: [String: Value]) -> [(key: String, value: Value)] {
    for name in members.keys { precondition(name.utf8.count <= longestName, "the name \(name) is too long") }
    return members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  private func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }

  /// The whole scalars in the first bytes of a value.
  private static func cut(_ value: String) -> String {
    if value.utf8.count <= longestValue { return value }
    var kept = String.UnicodeScalarView()
    var size = 0
    for scalar in value.unicodeScalars {
      size += UTF8.width(scalar)
      if size > longestValue { break }
      kept.append(scalar)
    }
    return String(kept)
  }
}
