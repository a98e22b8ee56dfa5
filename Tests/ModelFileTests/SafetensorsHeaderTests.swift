// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import ModelFile

@Suite struct SafetensorsHeaderTests {
  static func parse(_ text: String, length: UInt64? = nil, data: Int = 0) throws -> SafetensorsHeader {
    let prefix = withUnsafeBytes(of: (length ?? UInt64(text.utf8.count)).littleEndian) { Array($0) }
    let bytes = prefix + Array(text.utf8) + Array(repeating: 0, count: data)
    return try bytes.withUnsafeBytes {
      let header = try SafetensorsHeader(parsing: $0)
      try header.check(fileSize: $0.count)
      return header
    }
  }

  static func problem(_ text: String, length: UInt64? = nil, data: Int = 0) -> ModelFileError.Problem? {
    do {
      _ = try parse(text, length: length, data: data)
      return nil
    } catch {
      return error as? ModelFileError.Problem
    }
  }

  /// A tensor's member of the header.
  static func line(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  @Test func tensorsAreFoundInTheOrderOfTheirBytes() throws {
    let header = try Self.parse(
      "{" + Self.line("c", "I64", "[1]", "[10,18]") + "," + Self.line("empty", "U8", "[7,0]", "[10,10]") + ","
        + Self.line("a", "BF16", "[2,1,2]", "[0,8]")
        + #","__metadata__":{"format":"pt"},"#
        + #""b" : { "shape":[], "data_offsets":[ 8,10 ], "dtype":"F16" } }   "#, data: 18)
    #expect(header.entries.map(\.name) == ["a", "b", "empty", "c"])
    #expect(header.entries.map(\.type) == [.bfloat16, .float16, .uint8, .int64])
    #expect(header.entries.map(\.shape) == [[2, 1, 2], [], [7, 0], [1]])
    #expect(header.entries.map(\.bytes) == [0..<8, 8..<10, 10..<10, 10..<18])
    #expect(header.metadata.map(\.key) == ["format"])
    #expect(try Self.parse("{}").entries.isEmpty)
  }

  @Test(arguments: ElementType.allCases)
  func everyTypeIsAsLargeAsItIs(type: ElementType) {
    let size = type.size
    #expect(
      Self.problem("{" + Self.line("t", type.rawValue, "[3]", "[0,\(3 * size)]") + "}", data: 3 * size) == nil
    )
    #expect(
      Self.problem(
        "{" + Self.line("t", type.rawValue, "[3]", "[0,\(3 * size - 1)]") + "}", data: 3 * size - 1)
        == .entry("t", .size(between: 3 * size - 1, needed: 3 * size)))
  }

  @Test func lengthsOfTheHeaderAreChecked() {
    #expect(Self.problem("{}", length: .max) == .headerLength(.max, limit: 33_554_432))
    #expect(Self.problem("{}", length: 1 << 63) == .headerLength(1 << 63, limit: 33_554_432))
    #expect(Self.problem("{}", length: 4 << 30) == .headerLength(4 << 30, limit: 33_554_432))
    #expect(Self.problem("{}", length: 33_554_433) == .headerLength(33_554_433, limit: 33_554_432))
    #expect(Self.problem("{}", length: 33_554_432) == .cutShort(at: 10, of: nil))
    #expect(Self.problem("{}", length: 3) == .cutShort(at: 10, of: nil))
    #expect(Self.problem("{}", length: 1) == .syntax(JSONError(problem: .ended, offset: 1), in: "header"))
    #expect(Self.problem("{}", length: 0) == .noHeader)
    #expect(Self.problem(" {}") == .noHeader)
    #expect(Self.problem("") == .noHeader)
    #expect(Self.problem("[]") == .noHeader)
  }

  @Test func sizeOfTheFileIsChecked() {
    let text = "{" + Self.line("t", "F32", "[2]", "[0,8]") + "}"
    let size = 8 + text.utf8.count + 8
    #expect(Self.problem(text, data: 8) == nil)
    #expect(Self.problem(text, data: 7) == .cutShort(at: size - 1, of: size))
    #expect(Self.problem(text, data: 9) == .excess(after: size))
    #expect(Self.problem(text, data: 0) == .cutShort(at: size - 8, of: size))
  }

  /// Expects a tensor, or several, to be refused in a file of 12 bytes of data.
  func expect(
    _ lines: String..., problem: SafetensorsEntry.Problem, _ location: SourceLocation = #_sourceLocation
  ) {
    let found = Self.problem("{" + lines.joined(separator: ",") + "}", data: 12)
    guard case .entry(_, let foundProblem) = found else {
      Issue.record("\(String(describing: found))", sourceLocation: location)
      return
    }
    #expect(foundProblem == problem, sourceLocation: location)
  }

  /// Expects the JSON of a header's members to be refused.
  func expect(_ lines: String..., json: JSONError.Problem, _ location: SourceLocation = #_sourceLocation) {
    let found = Self.problem("{" + lines.joined(separator: ",") + "}", data: 8)
    guard case .syntax(let error, in: "header") = found else {
      Issue.record("\(String(describing: found))", sourceLocation: location)
      return
    }
    #expect(error.problem == json, sourceLocation: location)
  }

  @Test func wrongTensorIsRefused() {
    let first = Self.line("s", "F32", "[1]", "[0,4]")
    #expect(Self.problem("{\(first)," + Self.line("t", "F32", "[2]", "[4,12]") + "}", data: 12) == nil)
    expect(first, Self.line("t", "F32", "[2]", "[5,13]"), problem: .hole)
    expect(first, Self.line("t", "F32", "[2]", "[3,11]"), problem: .overlap)
    expect(first, Self.line("t", "F32", "[1]", "[0,4]"), problem: .overlap)
    expect(first, Self.line("t", "F32", "[2]", "[0,8]"), problem: .overlap)
    expect(Self.line("s", "F32", "[3]", "[0,12]"), Self.line("t", "F32", "[2]", "[4,12]"), problem: .overlap)
    expect(Self.line("t", "F32", "[2]", "[4,12]"), problem: .hole)
    expect(Self.line("t", "F32", "[2]", "[8,0]"), problem: .offsets)
    expect(Self.line("t", "F32", "[2]", "[0,8,8]"), problem: .offsets)
    expect(Self.line("t", "F32", "[2]", "[8]"), problem: .offsets)
    expect(Self.line("t", "F32", "[2]", "[]"), problem: .offsets)
    expect(Self.line("t", "F32", "[3]", "[0,8]"), problem: .size(between: 8, needed: 12))
    expect(Self.line("t", "F32", "[]", "[0,8]"), problem: .size(between: 8, needed: 4))
    expect(Self.line("t", "F32", "[4294967296,4294967296]", "[0,8]"), problem: .tooLarge)
    expect(Self.line("t", "F32", "[2,4611686018427387905]", "[0,8]"), problem: .tooLarge)
    expect(Self.line("t", "F32", "[2147483648,2147483648]", "[0,8]"), problem: .tooLarge)
    expect(Self.line("t", "U8", "[9223372036854775807]", "[0,9223372036854775807]"), problem: .tooLarge)
    expect(Self.line("t", "F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), problem: .rank(limit: 8))
    expect(Self.line("t", "F8", "[2]", "[0,8]"), problem: .unknownType("F8"))
    expect(Self.line("t", "f32", "[2]", "[0,8]"), problem: .unknownType("f32"))
    expect(#""t":{}"#, problem: .missing("dtype"))
    expect(#""t":{"dtype":"F32","data_offsets":[0,8]}"#, problem: .missing("shape"))
    expect(#""t":{"dtype":"F32","shape":[2]}"#, problem: .missing("data_offsets"))
    expect(
      #""t":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"path":"/etc"}"#, problem: .unknownMember("path"))
  }

  @Test func wrongJSONIsRefused() {
    expect(Self.line("t", "F32", "[-2]", "[0,8]"), json: .notWhole)
    expect(Self.line("t", "F32", "[2]", "[-8,0]"), json: .notWhole)
    expect(Self.line("t", "F32", "[2.0]", "[0,8]"), json: .notWhole)
    expect(Self.line("t", "F32", "[2]", "[0,8e0]"), json: .notWhole)
    expect(Self.line("t", "F32", "[0.5]", "[0,2]"), json: .notWhole)
    expect(Self.line("t", "F32", "[\"2\"]", "[0,8]"), json: .expected("a digit"))
    expect(Self.line("t", "F32", "2", "[0,8]"), json: .expected("an array"))
    expect(Self.line("t", "F32", "[[2]]", "[0,8]"), json: .expected("a digit"))
    expect(Self.line("t", "F32", "[18446744073709551618]", "[0,8]"), json: .numberTooLarge)
    expect(Self.line("t", "F32", "[9223372036854775808]", "[0,8]"), json: .numberTooLarge)
    expect(Self.line("t", "F32", "[2]", "[0,99999999999999999999]"), json: .numberTooLarge)
    expect(#""t":[]"#, json: .expected("an object"))
    expect(#""t":null"#, json: .expected("an object"))
    expect(#""t":{"dtype":1}"#, json: .expected("a string"))
    expect(#""__metadata__":[]"#, json: .expected("an object"))
    expect(#""__metadata__":{"a":1}"#, json: .expected("a string"))
    expect(#""__metadata__":{"a":{}}"#, json: .expected("a string"))
    expect(#""__metadata__":{"a":"","a":""}"#, json: .duplicateKey("a"))
    expect(#""__metadata__":{},"__metadata__":{}"#, json: .duplicateKey("__metadata__"))
    expect(
      Self.line("t", "F32", "[2]", "[0,8]"), Self.line("t", "F32", "[2]", "[8,16]"), json: .duplicateKey("t"))
    expect(
      #""t":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, json: .duplicateKey("dtype"))
    expect(#""__metadata__":{"a":"\ud800"}"#, json: .loneSurrogate)
    expect(#""\udfff":{}"#, json: .loneSurrogate)
    expect(#""__metadata__":{"a":\#(String(repeating: "[", count: 100_000))"#, json: .expected("a string"))
    let many = (0...2048).map { Self.line("\($0)", "U8", "[0]", "[0,0]") }.joined(separator: ",")
    expect(many, json: .tooManyMembers(limit: 2048))
  }

  @Test func nothingFollowsTheHeaderButSpace() {
    #expect(
      Self.problem("{}{}") == .syntax(JSONError(problem: .expected("the end"), offset: 2), in: "header"))
    #expect(
      Self.problem("{}\0") == .syntax(JSONError(problem: .expected("the end"), offset: 2), in: "header"))
  }

  @Test func writtenHeaderIsReadBack() throws {
    for count in 0..<70 {
      let header = try SafetensorsHeader.serialized(
        tensors: [("t", .bfloat16, [3, 2]), ("s", .float32, [])],
        metadata: [("key", Array(repeating: UInt8(ascii: "\\"), count: count))])
      #expect(header.count % 64 == 0)
      let parsed = try header.withUnsafeBytes { try SafetensorsHeader(parsing: $0) }
      #expect(parsed.entries.map(\.bytes) == [0..<12, 12..<16])
      #expect(parsed.fileSize == header.count + 16)
      #expect(parsed.metadata[0].contents.count == 2 * count)
    }
  }

  @Test func noHeaderIsWrittenThatIsNotRead() throws {
    let long = Array(repeating: UInt8(ascii: "x"), count: 1000)
    let whole = try SafetensorsHeader.serialized(tensors: [], metadata: [("key", long)])
    _ = try SafetensorsHeader.serialized(tensors: [], metadata: [("key", long)], limit: whole.count - 8)
    #expect(throws: ModelFileError.Problem.headerLength(UInt64(whole.count - 8), limit: 1000)) {
      try SafetensorsHeader.serialized(tensors: [], metadata: [("key", long)], limit: 1000)
    }
  }
}
