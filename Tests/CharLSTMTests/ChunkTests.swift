// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct ChunkTests {
  private static func configuration() throws -> Configuration {
    try Configuration(symbolCount: 11, layerSizes: [6, 4])
  }

  @Test func aStateThatIsSetIsTheStateThatIsRead() throws {
    let chunk = Chunk(try Self.configuration(), rows: 3, capacity: 2)
    #expect(chunk.state == [Float](repeating: 0, count: 2 * 3 * 10))
    let state = (1...60).map { Float($0) }
    chunk.state = state
    #expect(chunk.state == state)
    chunk.resetState()
    #expect(chunk.state.allSatisfy { $0 == 0 })
  }

  @Test func oneRowsStateIsResetAndNoOther() throws {
    let chunk = Chunk(try Self.configuration(), rows: 3, capacity: 2)
    chunk.state = [Float](repeating: 1, count: 60)
    chunk.resetState(row: 1)
    func rows(_ size: Int) -> [Float] { (0..<3).flatMap { [Float](repeating: $0 == 1 ? 0 : 1, count: size) } }
    // Hidden, then cell, of each layer.
    #expect(chunk.state == rows(6) + rows(6) + rows(4) + rows(4))
  }

  @Test func anInterruptedTextGoesOnInAnotherChunk() throws {
    let configuration = try Self.configuration()
    let parameters = Parameters(configuration)
    var random = PhiloxGenerator(seed: 5)
    parameters.initialize(.scaled, using: &random)
    let network = Network(parameters, kernels: .best)
    let ids: [UInt16] = (0..<14).map { UInt16($0 * 5 % 11) }
    func logits(_ chunk: Chunk, _ ids: ArraySlice<UInt16>) -> [Float] {
      let steps = ids.count / chunk.rows
      network.forward(Array(ids), steps: steps, chunk: chunk)
      network.decode(steps: 0..<steps, chunk: chunk)
      network.carryState(after: steps, chunk: chunk)
      return Array(chunk.logits.elements[..<(ids.count * 11)])
    }
    let whole = logits(Chunk(configuration, rows: 2, capacity: 7), ids[...])
    let first = Chunk(configuration, rows: 2, capacity: 4)
    let second = Chunk(configuration, rows: 2, capacity: 9, forTraining: true)
    let start = logits(first, ids[..<8])
    second.state = first.state
    #expect(start + logits(second, ids[8...]) == whole)
    #expect(first.state != second.state)
  }

  @Test func carryingNoStepsChangesNothing() throws {
    let configuration = try Self.configuration()
    let chunk = Chunk(configuration, rows: 3, capacity: 2)
    chunk.state = (1...60).map { Float($0) }
    Network(Parameters(configuration), kernels: .best).carryState(after: 0, chunk: chunk)
    #expect(chunk.state == (1...60).map { Float($0) })
  }

  @Test func logitsMayHaveFewerRowsThanTheChunk() throws {
    let configuration = try Self.configuration()
    #expect(Chunk(configuration, rows: 3, capacity: 5).logits.count == 3 * 5 * 11)
    #expect(Chunk(configuration, rows: 3, capacity: 5, logitRows: 3).logits.count == 3 * 11)
  }

  @Test func fewerRowsInUseAreComputedAsIfThereWereNoOthers() throws {
    let configuration = try Self.configuration()
    let parameters = Parameters(configuration)
    var random = PhiloxGenerator(seed: 5)
    parameters.initialize(.scaled, using: &random)
    let network = Network(parameters, kernels: .best)
    func run(_ chunk: Chunk, _ ids: [UInt16]) -> [Float] {
      let steps = ids.count / chunk.rows
      network.forward(ids, steps: steps, chunk: chunk)
      network.carryState(after: steps, chunk: chunk)
      return chunk.state
    }
    let chunk = Chunk(configuration, rows: 5, capacity: 2, logitRows: 5)
    _ = run(chunk, [1, 2, 3, 4, 5])
    // Row 3 takes the place of row 0, and of five rows two stay.
    chunk.copyState(ofRow: 3, to: 0)
    chunk.use(rows: 2)
    #expect(chunk.rows == 2 && chunk.capacity == 5)
    let pair = Chunk(configuration, rows: 2, capacity: 6)
    _ = run(pair, [4, 2])
    #expect(chunk.state == pair.state)
    let ids: [UInt16] = [7, 8, 9, 0, 1, 10, 3, 3, 5, 6]
    #expect(run(chunk, ids) == run(pair, ids))
    // A row that comes into use again begins where it is put.
    chunk.use(rows: 3)
    chunk.resetState(row: 2)
    let three = run(chunk, [1, 2, 6])
    let lone = run(Chunk(configuration, rows: 1, capacity: 1), [6])
    #expect(Array(three[12..<18]) == Array(lone[..<6]))
  }
}
