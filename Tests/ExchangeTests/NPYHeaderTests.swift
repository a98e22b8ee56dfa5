// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Exchange

@Suite struct NPYHeaderTests {
  /// A file with this header, and data of so many bytes.
  func file(_ text: String, dataCount: Int, version: UInt8 = 1) -> [UInt8] {
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    let length = text.utf8.count
    header += [UInt8(length & 0xFF), UInt8(length >> 8)] + (version > 1 ? [0, 0] : [])
    return header + Array(text.utf8) + [UInt8](repeating: 0, count: dataCount)
  }

  func parse(_ file: [UInt8]) -> Result<NPYHeader, NPYProblem> {
    file.withUnsafeBytes { bytes in Result { () throws(NPYProblem) in try NPYHeader(parsing: bytes) } }
  }

  func header(type: String = "<f4", order: String = "False", shape: String = "(2, 3)") -> String {
    "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
  }

  func expect(_ problem: NPYProblem, _ file: [UInt8], _ location: SourceLocation = #_sourceLocation) {
    #expect(throws: problem, sourceLocation: location) { try parse(file).get() }
  }

  @Test func whatIsWrittenIsRead() throws {
    for shape in [[], [5], [2, 3], [2, 3, 4]] {
      let written = NPYHeader.serialized(shape: shape)
      #expect(written.count % 64 == 0)
      let file = written + [UInt8](repeating: 0, count: 4 * shape.reduce(1, *))
      let header = try parse(file).get()
      #expect(header.shape == shape && header.dataOffset == written.count)
      #expect(header.format == .float32 && !header.isBigEndian && !header.isFortranOrder)
    }
  }

  @Test func headersThatNumPyWritesAreRead() throws {
    let double = try parse(file(header(type: ">f8", order: "True"), dataCount: 48)).get()
    #expect(double.format == .float64 && double.isBigEndian && double.isFortranOrder)
    let half = try parse(file(header(type: "<f2", shape: "(7,)"), dataCount: 14, version: 3)).get()
    #expect(half.format == .float16 && half.shape == [7])
    let single = try parse(file(header(shape: "()"), dataCount: 4, version: 2)).get()
    #expect(single.shape == [])
    let other = #"{"shape": (1,2), "fortran_order": False, "descr": "<f4"}"#
    #expect(try parse(file(other, dataCount: 8)).get().shape == [1, 2])
  }

  @Test func otherFilesAreRefused() {
    expect(.notNPY, [])
    expect(.notNPY, Array("NUMPY and more".utf8))
    expect(.notNPY, [0x93] + Array("NUMPY".utf8) + [1, 0])
    expect(.version(4), file(header(), dataCount: 24, version: 4))
    expect(.header, Array(file(header(), dataCount: 0).prefix(40)))
  }

  @Test func wrongHeadersAreRefused() {
    let whole = header()
    let broken = [
      "", "{}", "{", "'descr'", String(whole.dropLast(3)), whole + "x", whole + "{}",
      whole.replacing("'shape': (2, 3)", with: "'shape': (2, -3)"),
      whole.replacing("(2, 3)", with: "(2 3)"), whole.replacing("(2, 3)", with: "[2, 3]"),
      whole.replacing("(2, 3)", with: "(99999999999999999999,)"),
      whole.replacing("(2, 3)", with: "(1, 1, 1, 1, 1, 1, 1, 2, 3)"),
      whole.replacing("False", with: "0"), whole.replacing("False", with: "__import__('os')"),
      whole.replacing("'shape'", with: "'descr'"), whole.replacing("'shape'", with: "'form'"),
      whole.replacing("'<f4'", with: "[('a', '<f4')]"),
    ]
    for text in broken { expect(.header, file(text, dataCount: 24)) }
  }

  @Test func otherTypesAreRefused() {
    for type in ["<i4", "|u1", "<c8", "=f4", "f4", "|O", ">f16", ""] {
      expect(.type(type), file(header(type: type), dataCount: 24))
    }
  }

  @Test func sizesMustFit() {
    expect(.size(shape: [2, 3], byteCount: 23), file(header(), dataCount: 23))
    expect(.size(shape: [2, 3], byteCount: 25), file(header(), dataCount: 25))
    expect(.size(shape: [2, 3], byteCount: 0), file(header(), dataCount: 0))
    let huge = [4_611_686_018_427_387_904, 4_611_686_018_427_387_904]
    expect(.size(shape: huge, byteCount: 0), file(header(shape: "(\(huge[0]), \(huge[1]))"), dataCount: 0))
    expect(.fortranOrder, file(header(order: "True", shape: "(1, 2, 3)"), dataCount: 24))
  }
}
