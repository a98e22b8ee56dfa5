// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import ModelFile
import Testing

@testable import Exchange

@Suite struct ONNXWriterTests {
  /// The fields of a message: numbers, or bytes, by the field's number, in order.
  func fields(_ message: [UInt8]) -> [UInt64: [Field]] {
    var fields: [UInt64: [Field]] = [:]
    var place = 0
    func varint() -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 70, by: 7) {
        let byte = message[place]
        place += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { break }
      }
      return value
    }
    while place < message.count {
      let tag = varint()
      if tag & 7 == 0 {
        fields[tag >> 3, default: []].append(Field(number: varint()))
      } else {
        let size = Int(varint())
        fields[tag >> 3, default: []].append(Field(bytes: Array(message[place..<place + size])))
        place += size
      }
    }
    return fields
  }

  struct Field {
    var number: UInt64 = 0
    var bytes: [UInt8] = []
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  func model(_ model: Model) throws -> [UInt64: [Field]] {
    fields(try written { try ONNXWriter.write(model, programVersion: "1.2", to: $0) })
  }

  @Test func graphReadsIdsAndGivesLogits() throws {
    let file = try model(makeModel("ab\u{e9}", layers: [3, 2], isOfRecords: false))
    #expect(file[1]?.first?.number == 7)
    #expect(file[2]?.first?.text == "chartools" && file[3]?.first?.text == "1.2")
    #expect(fields(try #require(file[8]?.first).bytes)[2]?.first?.number == 14)
    let metadata = try #require(file[14]).map { fields($0.bytes) }
    #expect(metadata.map { $0[1]?.first?.text } == ["unit", "charset"])
    #expect(metadata.map { $0[2]?.first?.text } == ["scalar", #"["a","b","é"]"#])
    let graph = fields(try #require(file[7]?.first).bytes)
    func names(_ field: UInt64) -> [String] {
      (graph[field] ?? []).map { fields($0.bytes)[1]?.first?.text ?? "" }
    }
    #expect(names(11) == ["ids", "h0", "c0", "h1", "c1"])
    #expect(names(12) == ["logits", "h0_out", "c0_out", "h1_out", "c1_out"])
    let operations = (graph[1] ?? []).map { fields($0.bytes)[4]?.first?.text ?? "" }
    #expect(operations == ["OneHot", "LSTM", "Squeeze", "LSTM", "Squeeze", "MatMul", "Add"])
    // axis -1 is written as a two's complement of 64 bits.
    let oneHot = fields(try #require(graph[1]?.first).bytes)
    #expect(fields(try #require(oneHot[5]?.first).bytes)[3]?.first?.number == .max)
  }

  @Test func modelsOfRecordsSaySo() throws {
    let file = try model(makeModel("\nab", layers: [1], isOfRecords: true))
    #expect(
      try #require(file[14]).map { fields($0.bytes)[1]?.first?.text } == ["unit", "charset", "records"])
  }

  @Test func gatesAreInONNXsOrder() throws {
    let source = try makeModel("abc", layers: [2])
    let graph = fields(try #require(model(source)[7]?.first).bytes)
    let tensors = (graph[5] ?? []).map { fields($0.bytes) }
    func tensor(_ name: String) throws -> [UInt8] {
      try #require(tensors.first { $0[8]?.first?.text == name }?[9]?.first).bytes
    }
    let parameters = source.parameters
    let layer = parameters.layout.layers[0]
    // Ours are i, f, g, o in rows of two units each; ONNX has i, o, f, c.
    let rows = [0, 1, 6, 7, 2, 3, 4, 5]
    let recurrent = rows.flatMap { row in (0..<2).map { parameters[layer.recurrent][row * 2 + $0] } }
    #expect(try tensor("R0") == bytes(recurrent))
    let input = rows.flatMap { row in (0..<3).map { parameters[layer.input][$0 * 8 + row] } }
    #expect(try tensor("W0") == bytes(input))
    let bias = rows.map { parameters[layer.bias][$0] } + [Float](repeating: 0, count: 8)
    #expect(try tensor("B0") == bytes(bias))
  }
}
