// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import ModelFile
import Testing

@testable import Exchange

@Suite struct KerasArchiveTests {
  func read(_ bytes: [UInt8]) throws -> Parameters {
    try bytes.withUnsafeBytes { try KerasArchive.read($0, name: "file") }
  }

  func expect(
    _ problem: ExchangeError.Problem, _ bytes: [UInt8], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: ExchangeError(problem, source: "file"), sourceLocation: location) { try read(bytes) }
  }

  /// An archive of these arrays.
  func archive(_ arrays: [(shape: [Int], values: [Float])]) throws -> [UInt8] {
    try written { output in
      var archive = ZipWriter(output)
      for (index, array) in arrays.enumerated() {
        try array.values.withUnsafeBytes {
          try archive.add("arr_\(index).npy", NPYHeader.serialized(shape: array.shape), $0)
        }
      }
      try archive.finish()
    }
  }

  /// One array each of the right sizes: V = 2, H = 1.
  let shapes = [[2, 4], [1, 4], [4], [1, 2], [2]]

  func archive(_ shapes: [[Int]], value: Float = 0) throws -> [UInt8] {
    try archive(shapes.map { ($0, [Float](repeating: value, count: $0.reduce(1, *))) })
  }

  @Test func whatIsWrittenIsReadToTheBit() throws {
    for layers in [[3], [2, 4], [5, 5, 5]] {
      let model = try makeModel(layers: layers)
      let file = try written { try KerasArchive.write(model, to: $0) }
      #expect(areSame(try read(file), model.parameters))
      #expect(try written { try KerasArchive.write(model, to: $0) } == file)
    }
  }

  @Test func arraysAreKerasLayout() throws {
    let model = try makeModel(layers: [3, 2])
    let parts = KerasLayout.parts(of: model.parameters.layout)
    #expect(parts.map(\.shape) == [[6, 12], [3, 12], [12], [3, 8], [2, 8], [8], [2, 6], [6]])
    // kernel[i, g H + u] is PyTorch's weight_ih[g H + u, i].
    let recurrent = model.parameters.layout.layers[1].recurrent
    let kernel = parts[4].values(in: model.parameters)
    for row in 0..<8 {
      for column in 0..<2 {
        #expect(kernel[column * 8 + row] == model.parameters[recurrent][row * 2 + column])
      }
    }
  }

  @Test func archivesThatMakeNoNetworkAreRefused() throws {
    expect(.arrayCount(0), try archive([]))
    expect(.arrayCount(4), try archive(Array(shapes.dropLast())))
    expect(.arrayCount(2), try archive(Array(shapes.suffix(2))))
    expect(.arrayCount(6), try archive(shapes + [[1]]))
    expect(
      .shape("arr_0.npy", found: [3, 4], expected: [2, 4]), try archive([[3, 4]] + shapes.dropFirst()))
    expect(
      .rank("arr_1.npy", found: [4], expected: "[H, 4H], a recurrent kernel"),
      try archive([[2, 4], [4], [4], [1, 2], [2]]))
    expect(
      .rank("arr_4.npy", found: [], expected: "[V], the dense layer's bias"),
      try archive([[2, 4], [1, 4], [4], [1, 2], []]))
    expect(.configuration(.layerSize(0)), try archive([[2, 0], [0, 0], [0], [0, 2], [2]]))
    expect(.configuration(.symbolCount(0)), try archive([[0, 4], [1, 4], [4], [1, 0], [0]]))
    expect(.notFinite("arr_0.npy"), try archive(shapes, value: .nan))
    expect(.notFinite("arr_0.npy"), try archive(shapes, value: -.infinity))
  }

  // MARK: Hostile archives

  @Test func filesThatAreNoArchiveAreRefused() throws {
    expect(.archive(.noDirectory), [])
    expect(.archive(.noDirectory), Array("PK".utf8))
    expect(.archive(.noDirectory), [UInt8](repeating: 0x50, count: 100_000))
    let file = try archive(shapes)
    for count in stride(from: 0, to: file.count, by: 7) {
      expect(.archive(.noDirectory), Array(file.prefix(count)))
    }
  }

  /// A right archive but for one number at this offset of the first directory entry, or of another record.
  func archive(changing record: UInt32, _ offset: Int, to number: some FixedWidthInteger) throws -> [UInt8] {
    var file = try archive(shapes)
    let signature = withUnsafeBytes(of: record.littleEndian) { Array($0) }
    let start = record == ZipFormat.endSignature ? file.last(signature) : file.first(signature)
    file.set(number, at: try #require(start) + offset)
    return file
  }

  @Test func lyingArchivesAreRefused() throws {
    func directory(_ offset: Int, _ number: some FixedWidthInteger) throws -> [UInt8] {
      try archive(changing: ZipFormat.directorySignature, offset, to: number)
    }
    func end(_ offset: Int, _ number: some FixedWidthInteger) throws -> [UInt8] {
      try archive(changing: ZipFormat.endSignature, offset, to: number)
    }
    let name = "arr_0.npy"
    expect(.member(name, .checksum), try directory(16, UInt32(1)))
    expect(.archive(.compressed), try directory(10, UInt16(8)))
    expect(.archive(.compressed), try directory(8, UInt16(1)))
    expect(.archive(.compressed), try directory(20, UInt32(1)))
    expect(.archive(.compressed), try directory(24, UInt32(1)))
    expect(.archive(.tooLarge), try directory(24, UInt32.max))
    expect(.archive(.tooLarge), try directory(42, UInt32.max))
    expect(.member(name, .record(offset: 1)), try directory(42, UInt32(1)))
    expect(.member(name, .record(offset: 0xFFFF_FFF0)), try directory(42, UInt32(0xFFFF_FFF0)))
    // The second file's name and place for the first, too.
    let second = try #require(try archive(shapes).first(Array("PK\u{3}\u{4}".utf8).map { $0 }))
    #expect(second == 0)
    expect(.archive(.tooLarge), try end(16, UInt32.max))
    expect(.archive(.noDirectory), try end(8, UInt16(6)))
    expect(.archive(.noDirectory), try end(4, UInt16(1)))
    let file = try archive(shapes)
    let start = try #require(file.first([0x50, 0x4B, 1, 2]))
    expect(.archive(.record(offset: start + 1)), try end(16, UInt32(start + 1)))
    expect(.archive(.record(offset: 0)), try end(16, UInt32(0)))
  }

  @Test func sizesBeyondTheArchiveAreRefused() throws {
    var file = try archive(shapes)
    let start = try #require(file.first([0x50, 0x4B, 1, 2]))
    for size in [UInt32(file.count), 0x7FFF_FFFF, 0xFFFF_FFFE] {
      file.set(size, at: start + 20)
      file.set(size, at: start + 24)
      expect(.member("arr_0.npy", .extent), file)
    }
  }

  @Test func filesThatShareBytesAreRefused() throws {
    // Every file of the directory is the first one, which would let a small archive fill the memory.
    var file = try archive([
      ([1000], [Float](repeating: 0, count: 1000)), ([1000], [Float](repeating: 0, count: 1000)),
    ])
    let first = try #require(file.first([0x50, 0x4B, 1, 2]))
    let second = try #require(file.last([0x50, 0x4B, 1, 2]))
    #expect(second > first)
    file.set(UInt32(0), at: second + 42)
    expect(.member("arr_1.npy", .extent), file)
    // The same name twice.
    var twice = try archive(shapes)
    let place = try #require(twice.last(Array("arr_4.npy".utf8)))
    twice[place + 4] = UInt8(ascii: "0")
    expect(.member("arr_0.npy", .duplicate), twice)
  }

  @Test func everyChangedByteIsNoticedOrHarmless() throws {
    // No change crashes or hangs, and none passes that changes a value: checksums cover all of them.
    let parameters = try makeParameters(symbolCount: 2, layers: [1])
    let model = try makeModel("ab", layers: [1])
    let file = try written { try KerasArchive.write(model, to: $0) }
    for index in file.indices {
      var changed = file
      changed[index] ^= 0x41
      guard let read = try? read(changed) else { continue }
      #expect(areSame(read, parameters))
    }
  }
}
