// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharLSTM

/// Several chunks that go through a network step by step side by side.
struct PassesTogetherTests {
  /// More steps than a block has on the way forward and back.
  private static let sizes = NaiveCase(rows: 5, steps: 70, symbolCount: 9, layerSizes: [18, 33])
  private static let count = 3

  /// Everything that a pass leaves, as bits.
  private struct Left: Equatable {
    var logits: [UInt32]
    var gradients: [UInt32]
    var state: [UInt32]
  }

  /// Runs the passes in groups of `together`.
  private static func run(
    _ network: Network, dropout: Bool, together: Int, helpers: Helpers? = nil
  ) -> [Left] {
    let ids = (0..<count).map { NetworkRun.timeMajor(sizes.ids(stream: UInt64($0)), 0..<sizes.steps) }
    return stride(from: 0, to: count, by: together).flatMap { first in
      run(network, first..<min(first + together, count), ids, dropout: dropout, helpers)
    }
  }

  private static func run(
    _ network: Network, _ group: Range<Int>, _ ids: [[UInt16]], dropout: Bool, _ helpers: Helpers?
  ) -> [Left] {
    let decoded = 3..<sizes.steps
    let inputs = group.map { index in
      let buffer = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: ids[index].count)
      _ = buffer.initialize(from: ids[index])
      return buffer
    }
    defer { for buffer in inputs { buffer.deallocate() } }
    let passes = zip(group, inputs).map { index, ids in
      let chunk = Chunk(
        network.configuration, rows: sizes.rows, capacity: sizes.steps, forTraining: true, dropout: dropout)
      var random = PhiloxGenerator(seed: 3, stream: UInt64(index))
      chunk.state = chunk.state.map { _ in random.uniform(within: 0.9) }
      let masks = Network.Dropout(
        probability: 0.3, key: 1, firstStream: 0, batchRows: count * sizes.rows, firstRow: index * sizes.rows)
      // Texts begin at other places in each pass, and in the last one nowhere.
      let places = index == count - 1 ? [] : [index, 7 + 5 * index, 8 + 5 * index, 5 * 66 + index]
      return Network.Pass(
        ids.baseAddress!, resets: StateResets(places, silent: index == 0 ? [30] : []), chunk: chunk,
        dropout: dropout ? masks : nil)
    }
    let gradients = passes.map { _ in Parameters(network.configuration) }
    for gradient in gradients {
      for part in network.parts { gradient.values.elements[part.range].update(repeating: .nan) }
    }
    network.forward(passes, steps: sizes.steps)
    let rows = decoded.count * sizes.rows
    let logits = passes.map { pass in
      network.decode(steps: decoded, chunk: pass.chunk, underDropout: dropout)
      let logits = pass.chunk.logits.elements[..<(rows * sizes.symbolCount)].map(\.bitPattern)
      var losses = [Double](repeating: .nan, count: rows)
      network.crossEntropy(
        [UInt16](repeating: 2, count: rows), rows: rows, scale: 0.1, chunk: pass.chunk, losses: &losses)
      return logits
    }
    helpers?.waitForFree(1)
    network.backward(
      passes, steps: sizes.steps, decoded: decoded, gradients: gradients, helpers: helpers)
    return passes.indices.map { index in
      network.carryState(after: sizes.steps, chunk: passes[index].chunk)
      return Left(
        logits: logits[index],
        gradients: gradients[index].layout.tensors.flatMap { gradients[index][$0].map(\.bitPattern) },
        state: passes[index].chunk.state.map(\.bitPattern))
    }
  }

  @Test(arguments: Kernels.levels, [false, true])
  func passesMadeTogetherAreWhatTheyAreAlone(_ level: String, dropout: Bool) throws {
    let kernels = try Kernels(named: level)
    for precision in Precision.allCases where kernels.has(precision) {
      for isCoupled in [false, true] {
        let parameters = try Self.sizes.parameters()
        if isCoupled { parameters.couple() }
        let network = Network(parameters, kernels: kernels, precision: precision, forTraining: true)
        let alone = Self.run(network, dropout: dropout, together: 1)
        #expect(Set(alone.map(\.gradients)).count == Self.count)
        #expect(alone.allSatisfy { left in left.gradients.allSatisfy { Float(bitPattern: $0).isFinite } })
        for together in [2, 3] {
          #expect(Self.run(network, dropout: dropout, together: together) == alone, "\(precision)")
        }
      }
    }
  }

  @Test(arguments: Kernels.levels, [false, true])
  func helpersChangeNothing(_ level: String, dropout: Bool) throws {
    let kernels = try Kernels(named: level)
    for precision in Precision.allCases where kernels.has(precision) {
      let network = Network(
        try Self.sizes.parameters(), kernels: kernels, precision: precision, forTraining: true)
      for together in [1, 2] {
        let alone = Self.run(network, dropout: dropout, together: together)
        let helped = withHelpers(1) {
          Self.run(network, dropout: dropout, together: together, helpers: $0)
        }
        #expect(helped == alone, "\(precision), \(together)")
      }
    }
  }

  @Test func passesAreBetterTogetherWhereACacheDoesNotHoldTheWeights() throws {
    func isBetterTogether(_ layerSizes: [Int]) throws -> Bool {
      let parameters = Parameters(try Configuration(symbolCount: 3, layerSizes: layerSizes))
      return Network(parameters, kernels: .best, forTraining: true, isCoupled: false).isBetterTogether
    }
    #expect(try !isBetterTogether([256, 256]))
    #expect(try isBetterTogether([512]))
    #expect(try isBetterTogether([8, 512]))
  }
}
