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
    #expect(Self.problem("{" + Self.line("t", type.rawValue, "[3]", "[0,\(3 * size)]") + "}", data: 3 * size) == nil)
    #expect(
      Self.problem("{" + Self.line("t", type.rawValue, "[3]", "[0,\(3 * size - 1)]") + "}", data: 3 * size - 1)
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

  @Test(arguments: [
    (line("t", "F32", "[2]", "[1,9]"), SafetensorsEntry.Problem.hole), (line("t", "F32", "[2]", "[8,0]"), .offsets),
    (line("t", "F32", "[2]", "[0,8,8]"), .offsets), (line("t", "F32", "[2]", "[8]"), .offsets),
    (line("t", "F32", "[2]", "[]"), .offsets), (line("t", "F32", "[3]", "[0,8]"), .size(between: 8, needed: 12)),
    (line("t", "F32", "[]", "[0,8]"), .size(between: 8, needed: 4)),
    (line("t", "F32", "[4294967296,4294967296]", "[0,8]"), .tooLarge),
    (line("t", "F32", "[2,4611686018427387905]", "[0,8]"), .tooLarge),
    (line("t", "F32", "[2147483648,2147483648]", "[0,8]"), .tooLarge),
    (line("t", "U8", "[9223372036854775807]", "[0,9223372036854775807]"), .tooLarge),
    (line("t", "F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), .rank(limit: 8)),
    (line("t", "F8", "[2]", "[0,8]"), .unknownType("F8")), (line("t", "f32", "[2]", "[0,8]"), .unknownType("f32")),
    (#""t":{}"#, .missing("dtype")), (#""t":{"dtype":"F32","data_offsets":[0,8]}"#, .missing("shape")),
    (#""t":{"dtype":"F32","shape":[2]}"#, .missing("data_offsets")),
    (#""t":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"path":"/etc"}"#, .unknownMember("path")),
    (line("s", "F32", "[1]", "[0,4]") + "," + line("t", "F32", "[2]", "[4,12]"), nil),
    (line("s", "F32", "[1]", "[0,4]") + "," + line("t", "F32", "[2]", "[5,13]"), .hole),
    (line("s", "F32", "[1]", "[0,4]") + "," + line("t", "F32", "[2]", "[3,11]"), .overlap),
    (line("s", "F32", "[2]", "[0,8]") + "," + line("t", "F32", "[2]", "[0,8]"), .overlap),
    (line("s", "F32", "[4]", "[0,16]") + "," + line("t", "F32", "[2]", "[4,12]"), .overlap),
  ])
  func wrongTensorIsRefused(lines: String, problem: SafetensorsEntry.Problem?) {
    let found = Self.problem("{\(lines)}", data: 12)
    guard let problem else {
      #expect(found == nil)
      return
    }
    guard case .entry(_, problem) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  @Test(arguments: [
    (line("t", "F32", "[-2]", "[0,8]"), JSONError.Problem.notWhole), (line("t", "F32", "[2]", "[-8,0]"), .notWhole),
    (line("t", "F32", "[2.0]", "[0,8]"), .notWhole), (line("t", "F32", "[2]", "[0,8e0]"), .notWhole),
    (line("t", "F32", "[0.5]", "[0,2]"), .notWhole), (line("t", "F32", "[\"2\"]", "[0,8]"), .expected("a digit")),
    (line("t", "F32", "2", "[0,8]"), .expected("an array")), (line("t", "F32", "[[2]]", "[0,8]"), .expected("a digit")),
    (line("t", "F32", "[18446744073709551618]", "[0,8]"), .numberTooLarge),
    (line("t", "F32", "[9223372036854775808]", "[0,8]"), .numberTooLarge),
    (line("t", "F32", "[2]", "[0,99999999999999999999]"), .numberTooLarge),
    (#""t":[]"#, .expected("an object")), (#""t":null"#, .expected("an object")),
    (#""t":{"dtype":1}"#, .expected("a string")), (#""__metadata__":[]"#, .expected("an object")),
    (#""__metadata__":{"a":1}"#, .expected("a string")), (#""__metadata__":{"a":{}}"#, .expected("a string")),
    (#""__metadata__":{"a":"","a":""}"#, .duplicateKey("a")), (#""__metadata__":{},"__metadata__":{}"#,
      .duplicateKey("__metadata__")),
    (line("t", "F32", "[2]", "[0,8]") + "," + line("t", "F32", "[2]", "[8,16]"), .duplicateKey("t")),
    (#""t":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, .duplicateKey("dtype")),
    (#""__metadata__":{"a":"\ud800"}"#, .loneSurrogate), (#""\udfff":{}"#, .loneSurrogate),
  ])
  func wrongJSONIsRefused(lines: String, problem: JSONError.Problem) {
    guard case .syntax(let error, in: "header") = Self.problem("{\(lines)}", data: 8), error.problem == problem else {
      Issue.record("\(String(describing: Self.problem("{\(lines)}", data: 8)))")
      return
    }
  }

  @Test func nothingFollowsTheHeaderButSpace() {
    #expect(Self.problem("{}{}") == .syntax(JSONError(problem: .expected("the end"), offset: 2), in: "header"))
    #expect(Self.problem("{}\0") == .syntax(JSONError(problem: .expected("the end"), offset: 2), in: "header"))
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

  @Test func noHeaderIsWrittenThatIsNotRead() {
    let huge = Array(repeating: UInt8(ascii: "x"), count: SafetensorsHeader.largestLength)
    #expect(throws: ModelFileError.Problem.self) {
      try SafetensorsHeader.serialized(tensors: [], metadata: [("key", huge)])
    }
  }
}
