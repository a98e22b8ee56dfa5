// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import Testing

@testable import ModelFile

/// Without it a test that takes a charset prints its whole table of code points.
extension Charset: CustomTestStringConvertible {
  /// The unit and how many symbols there are.
  public var testDescription: String {
    "\(unit), \(symbols.count) symbols\(hasUnknown ? " and unknown" : "")"
  }
}

/// Numbers that look random and are the same in every run.
struct Numbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
  }
}

/// A network of these sizes with a value between -2 and 2 everywhere.
func makeParameters(symbolCount: Int, layers: [Int], seed: UInt64 = 1) throws -> Parameters {
  let parameters = Parameters(try Configuration(symbolCount: symbolCount, layerSizes: layers))
  var numbers = Numbers(state: seed)
  for tensor in parameters.layout.tensors {
    for index in 0..<tensor.count { parameters[tensor][index] = .random(in: -2...2, using: &numbers) }
  }
  return parameters
}

/// A model of these characters and sizes.
func makeModel(
  _ charset: Charset, layers: [Int], training: TrainingRecord? = nil, extraTensors: [NamedTensor] = [],
  extraMetadata: [String: String] = [:]
) throws -> Model {
  Model(
    charset: charset, parameters: try makeParameters(symbolCount: charset.count, layers: layers),
    training: training, extraTensors: extraTensors, extraMetadata: extraMetadata)
}

/// A charset of the scalars of a text, which ascend.
func scalars(_ text: String, hasUnknown: Bool = false) throws -> Charset {
  try Charset(unit: .scalar, symbols: text.unicodeScalars.map(Symbol.init(scalar:)), hasUnknown: hasUnknown)
}

/// Opens a model that is in memory.
func read(_ bytes: [UInt8], keepingExtras: Bool = false) throws(ModelFileError) -> Model {
  try bytes.withUnsafeBufferPointer { (buffer) throws(ModelFileError) in
    try ModelReader.read(UnsafeRawBufferPointer(buffer), name: "model", keepingExtras: keepingExtras)
  }
}

/// What a reader has against these bytes; nil if it takes them.
func refusal(of bytes: [UInt8]) -> ModelFileError.Problem? {
  do {
    _ = try read(bytes)
    return nil
  } catch {
    return error.problem
  }
}

/// Whether two networks have the same sizes and the same bits everywhere.
func areSame(_ left: Parameters, _ right: Parameters) -> Bool {
  left.configuration == right.configuration
    && left.layout.tensors.allSatisfy { left[$0].map(\.bitPattern) == right[$0].map(\.bitPattern) }
}

/// A model file put together by hand, so that anything in it can be wrong.
///
/// As it is made, it is a right one: the characters a and b, one layer of one unit, values 0, 0.5, 1, 1.5 …
struct Forgery {
  typealias TensorLine = (name: String, type: String, shape: String, offsets: String)

  static let blankDigest = "xxh64:0000000000000000"

  /// Keys and values under `__metadata__`, the values as the contents of JSON strings.
  var metadata: [(key: String, value: String)] = [
    ("format", "chartools"), ("version", "1"), ("unit", "scalar"), ("charset", #"[\"a\",\"b\"]"#),
    ("layers", "[1]"), ("training", #"{\"options\":{}}"#), ("digest", blankDigest),
  ]
  /// What the header says of each tensor.
  var tensors: [TensorLine] = [
    ("lstm.weight_ih_l0", "F32", "[4,2]", "[0,32]"), ("lstm.weight_hh_l0", "F32", "[4,1]", "[32,48]"),
    ("lstm.bias_ih_l0", "F32", "[4]", "[48,64]"), ("lstm.bias_hh_l0", "F32", "[4]", "[64,80]"),
    ("decoder.weight", "F32", "[2,1]", "[80,88]"), ("decoder.bias", "F32", "[2]", "[88,96]"),
  ]
  /// The values as the file has them.
  var values: [Float] = (0..<24).map { Float($0) / 2 }
  /// Other bytes in place of the values.
  var data: [UInt8]?
  /// Another header in place of the one that the above makes.
  var header: String?
  /// What stands behind the header, to make it longer.
  var padding = ""
  /// Another length of the header than the true one.
  var headerLength: UInt64?

  init(_ change: (inout Forgery) -> Void = { _ in }) {
    change(&self)
  }

  /// Gives a string under `__metadata__` another value, or none.
  mutating func set(_ key: String, _ value: String?) {
    guard let index = metadata.firstIndex(where: { $0.key == key }) else { return }
    if let value { metadata[index].value = value } else { metadata.remove(at: index) }
  }

  /// The file's header.
  var text: String {
    if let header { return header + padding }
    let strings = metadata.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
    let lines = tensors.map {
      #","\#($0.name)":{"dtype":"\#($0.type)","shape":\#($0.shape),"data_offsets":\#($0.offsets)}"#
    }
    return #"{"__metadata__":{\#(strings)}\#(lines.joined())}"# + padding
  }

  /// The file, with the digest that its bytes ask for.
  var bytes: [UInt8] {
    let header = Array(text.utf8)
    let length = headerLength ?? UInt64(header.count)
    var bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + header
    bytes += data ?? values.withUnsafeBytes { Array($0) }
    Self.sign(&bytes)
    return bytes
  }

  /// Puts a right digest in the place of a blank one, if there is one.
  static func sign(_ bytes: inout [UInt8]) {
    let blank = Array(blankDigest.utf8)
    guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }) else { return }
    let digits = String(XXH64.hash(bytes), radix: 16)
    let padded = String(repeating: "0", count: 16 - digits.count) + digits
    bytes.replaceSubrange(start + 6..<start + 22, with: padded.utf8)
  }
}
