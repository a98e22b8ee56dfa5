// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

/// What a text's logits do not depend on, to the bit: chunks, the rows beside it, and the instruction set.
struct NetworkInvarianceTests {
  /// Sizes that fill no vector and no tile.
  private static let configuration = NaiveCase(rows: 1, steps: 1, symbolCount: 29, layerSizes: [37, 18])
  private static let steps = 23

  private static func text(_ row: Int) -> [UInt16] {
    var random = PhiloxGenerator(seed: 23, stream: UInt64(row))
    return (0..<steps).map { _ in UInt16(random.below(configuration.symbolCount)) }
  }

  /// Logits [rows][steps][V], and the state at the end, of some rows read together in chunks of the given
  /// lengths.
  private static func read(
    _ network: Network, rows: [Int], chunks: [Int]
  ) -> (logits: [[Float]], state: [Float]) {
    precondition(chunks.reduce(0, +) == steps, "chunks that are not the text")
    let texts = rows.map(text)
    let chunk = Chunk(network.configuration, rows: rows.count, capacity: chunks.max()!)
    let width = network.configuration.symbolCount
    var logits = [[Float]](repeating: [], count: rows.count)
    var start = 0
    for length in chunks {
      let ids = (start..<start + length).flatMap { step in texts.map { $0[step] } }
      network.forward(ids, steps: length, chunk: chunk)
      network.decode(steps: 0..<length, chunk: chunk)
      for step in 0..<length {
        for row in rows.indices {
          let first = (step * rows.count + row) * width
          logits[row] += chunk.logits.elements[first..<first + width]
        }
      }
      network.carryState(after: length, chunk: chunk)
      start += length
    }
    return (logits, chunk.state)
  }

  private static func bits(_ x: [Float]) -> [UInt32] { x.map(\.bitPattern) }

  @Test(arguments: Kernels.levels)
  func howATextIsCutIntoChunksChangesNoBit(_ level: String) throws {
    let network = Network(try Self.configuration.parameters(), kernels: try Kernels(named: level))
    for rows in [1, 3, 8] {
      let whole = Self.read(network, rows: Array(0..<rows), chunks: [23])
      let cuts = [[1, 22], [22, 1], [7, 16], [5, 1, 8, 9], [Int](repeating: 1, count: 23), [16, 0, 7]]
      for chunks in cuts {
        let cut = Self.read(network, rows: Array(0..<rows), chunks: chunks)
        for row in 0..<rows {
          #expect(Self.bits(cut.logits[row]) == Self.bits(whole.logits[row]), "\(chunks)")
        }
        #expect(Self.bits(cut.state) == Self.bits(whole.state), "\(chunks)")
      }
    }
  }

  @Test(arguments: Kernels.levels)
  func theRowsBesideATextChangeNoBitOfIt(_ level: String) throws {
    let network = Network(try Self.configuration.parameters(), kernels: try Kernels(named: level))
    let alone = (0..<19).map { Self.read(network, rows: [$0], chunks: [12, 11]).logits[0] }
    for count in [2, 3, 4, 5, 6, 7, 8, 9, 13, 17, 19] {
      // In ascending and in descending order, so that every text stands in many places.
      for rows in [Array(0..<count), Array((19 - count..<19).reversed())] {
        let together = Self.read(network, rows: rows, chunks: [12, 11]).logits
        for (place, row) in rows.enumerated() {
          #expect(Self.bits(together[place]) == Self.bits(alone[row]), "row \(row) of \(count)")
        }
      }
    }
  }

  @Test(arguments: Kernels.levels)
  func aModelGivesTheSameLogitsAtEveryLevel(_ level: String) throws {
    let parameters = try Self.configuration.parameters()
    let network = Network(parameters, kernels: try Kernels(named: level))
    let portable = Network(parameters, kernels: try Kernels(named: "portable"))
    for rows in [1, 7] {
      let found = Self.read(network, rows: Array(0..<rows), chunks: [12, 11])
      let expected = Self.read(portable, rows: Array(0..<rows), chunks: [12, 11])
      #expect(found.logits.map(Self.bits) == expected.logits.map(Self.bits))
      #expect(Self.bits(found.state) == Self.bits(expected.state))
    }
  }

  @Test(arguments: Kernels.levels)
  func weightsOfUpperHalvesAloneTakeHalfTheMemoryAndChangeNoBit(_ level: String) throws {
    let kernels = try Kernels(named: level)
    let parameters = try Self.configuration.parameters()
    func readsAsWholeFloatsDo(_ network: Network, size: Int) -> Bool {
      // Weights that are packed for training are whole floats.
      let whole = Network(parameters, kernels: kernels, forTraining: true)
      return network.weightSize == size
        && [1, 3, 8, 19].allSatisfy { count in
          let (found, expected) = (
            Self.read(network, rows: Array(0..<count), chunks: [22, 1]),
            Self.read(whole, rows: Array(0..<count), chunks: [22, 1])
          )
          return found.logits.map(Self.bits) == expected.logits.map(Self.bits)
            && Self.bits(found.state) == Self.bits(expected.state)
        }
    }
    let network = Network(parameters, kernels: kernels)
    let size = network.weightSize
    #expect(readsAsWholeFloatsDo(network, size: size))
    for index in parameters.values.elements.indices {
      parameters.values.elements[index] = Float(
        bitPattern: parameters.values.elements[index].bitPattern & 0xFFFF_0000)
    }
    network.pack(workers: Workers(count: 1))
    #expect(readsAsWholeFloatsDo(network, size: size / 2))
    // The last weight of all that products read has one bit too many.
    let last = parameters[parameters.layout.decoderWeight].count - 1
    parameters[parameters.layout.decoderWeight][last] = 1 + .ulpOfOne
    network.pack(workers: Workers(count: 1))
    #expect(readsAsWholeFloatsDo(network, size: size))
  }

  @Test(arguments: Kernels.levels)
  func decodingSomeStepsGivesTheirLogitsOnly(_ level: String) throws {
    let network = Network(try Self.configuration.parameters(), kernels: try Kernels(named: level))
    let chunk = Chunk(network.configuration, rows: 3, capacity: 5)
    let ids = (0..<5).flatMap { step in (0..<3).map { Self.text($0)[step] } }
    network.forward(ids, steps: 5, chunk: chunk)
    network.decode(steps: 0..<5, chunk: chunk)
    let all = Array(chunk.logits.elements)
    let width = 3 * network.configuration.symbolCount
    for steps in [4..<5, 1..<3, 0..<1, 2..<2] {
      network.decode(steps: steps, chunk: chunk)
      let found = Array(chunk.logits.elements[..<(steps.count * width)])
      #expect(Self.bits(found) == Self.bits(Array(all[steps.lowerBound * width..<steps.upperBound * width])))
    }
  }

  @Test(arguments: Kernels.levels)
  func decodingTheStateGivesTheLogitsOfTheLastStep(_ level: String) throws {
    let network = Network(try Self.configuration.parameters(), kernels: try Kernels(named: level))
    let chunk = Chunk(network.configuration, rows: 3, capacity: 5)
    let ids = (0..<5).flatMap { step in (0..<3).map { Self.text($0)[step] } }
    let width = 3 * network.configuration.symbolCount
    network.forward(ids, steps: 5, chunk: chunk)
    network.decode(steps: 4..<5, chunk: chunk)
    let last = Array(chunk.logits.elements[..<width])
    network.carryState(after: 5, chunk: chunk)
    network.decodeState(of: chunk)
    #expect(Self.bits(Array(chunk.logits.elements[..<width])) == Self.bits(last))
    // Of the zero state, the decoder's bias is all there is.
    chunk.resetState()
    network.decodeState(of: chunk)
    let bias = Array(network.parameters[network.parameters.layout.decoderBias])
    #expect(Array(chunk.logits.elements[..<width]) == bias + bias + bias)
  }
}
