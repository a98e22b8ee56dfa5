// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import CharLSTM
import Testing

struct NetworkDropoutTests {
  private static let sizes = NaiveCase(rows: 6, steps: 3, symbolCount: 5, layerSizes: [9, 7, 4])
  private static let dropout = Network.Dropout(
    probability: 0.4, key: 77, firstStream: 1000, batchRows: 6, firstRow: 0)

  /// The masks [layer][step][row][unit] of a batch: the dropout kernel on ones.
  private static func masks(_ sizes: NaiveCase, _ dropout: Network.Dropout) -> [[[[Double]]]] {
    let kernels = ck_kernels_named("portable")!.pointee
    return sizes.layerSizes.enumerated().map { layer, size in
      (0..<sizes.steps).map { step in
        (0..<sizes.rows).map { row in
          var mask = [Float](repeating: .nan, count: size)
          let number = (layer * sizes.steps + step) * dropout.batchRows + dropout.firstRow + row
          kernels.dropout(
            size, [Float](repeating: 1, count: size), &mask, dropout.probability, dropout.key,
            dropout.firstStream + UInt64(number))
          return mask.map(Double.init)
        }
      }
    }
  }

  @Test(arguments: NaiveObjective.allCases)
  func underDropoutEverythingIsTheNaiveNetworksUnderTheSameMasks(_ objective: NaiveObjective) throws {
    let sizes = Self.sizes
    let parameters = try sizes.parameters()
    let (ids, targets, state) = (sizes.ids(stream: 2), sizes.ids(stream: 3), sizes.state())
    let masks = Self.masks(sizes, Self.dropout)
    let all = masks.joined().joined().joined()
    #expect(all.contains(0) && all.contains { $0 > 1 })
    let naive = NaiveLSTM(parameters).run(
      ids, targets: targets, state: state, objective: objective, mask: { masks[$0][$2][$1][$3] })
    for level in Kernels.levels {
      let run = try NetworkRun(
        parameters, level: level, ids: ids, targets: targets, state: state, objective: objective,
        dropout: Self.dropout)
      #expect((run.loss - naive.loss).magnitude < 2e-6, "\(level)")
      #expect(distance(run.state, chunkState(naive.state), relative: 1e-5, absolute: 2e-6) <= 1, "\(level)")
      for (tensor, expected) in zip(run.gradients.layout.tensors, naive.gradient.tensors) {
        let apart = distance(Array(run.gradients[tensor]), expected.elements, relative: 1e-5, absolute: 1e-6)
        #expect(apart <= 1, "gradient of \(tensor.name), \(level)")
      }
    }
  }

  @Test func dropoutChangesTheResultAndEveryStreamDiffers() throws {
    let sizes = Self.sizes
    let parameters = try sizes.parameters()
    func loss(_ dropout: Network.Dropout?) throws -> Double {
      try NetworkRun(
        parameters, level: "portable", ids: sizes.ids(stream: 2), targets: sizes.ids(stream: 3),
        state: sizes.state(), objective: .every, dropout: dropout
      ).loss
    }
    var none = Self.dropout
    none.probability = 0
    var next = Self.dropout
    next.firstStream += UInt64(sizes.layerSizes.count * sizes.steps * sizes.rows)
    var otherKey = Self.dropout
    otherKey.key += 1
    let losses = [try loss(Self.dropout), try loss(none), try loss(next), try loss(otherKey)]
    #expect(Set(losses).count == 4)
    #expect(try loss(none) == loss(nil))
    #expect(try loss(Self.dropout) == losses[0])
  }

  @Test func masksOfDifferentLayersStepsAndRowsDiffer() {
    let masks = Self.masks(
      NaiveCase(rows: 6, steps: 4, symbolCount: 2, layerSizes: [64, 64, 64]), Self.dropout)
    let all = masks.joined().joined()
    #expect(Set(all).count == 3 * 4 * 6)
  }

  /// Six rows in one chunk, and three rows in each of two chunks: the batch is the same, however threads
  /// share it.
  @Test(arguments: Kernels.levels)
  func theMasksDoNotDependOnHowABatchIsShared(_ level: String) throws {
    let sizes = Self.sizes
    let network = Network(try sizes.parameters(), kernels: try Kernels(named: level))
    let ids = sizes.ids(stream: 2)
    func logits(_ rows: Range<Int>, _ dropout: Network.Dropout) -> [[Float]] {
      let chunk = Chunk(network.configuration, rows: rows.count, capacity: sizes.steps, dropout: true)
      network.forward(
        NetworkRun.timeMajor(Array(ids[rows]), 0..<sizes.steps), steps: sizes.steps, chunk: chunk,
        dropout: dropout)
      network.decode(steps: 0..<sizes.steps, chunk: chunk, underDropout: true)
      let width = sizes.symbolCount
      return rows.indices.map { row in
        (0..<sizes.steps).flatMap { step in
          let first = (step * rows.count + row - rows.lowerBound) * width
          return Array(chunk.logits.elements[first..<first + width])
        }
      }
    }
    var second = Self.dropout
    second.firstRow = 3
    let together = logits(0..<6, Self.dropout)
    #expect(logits(0..<3, Self.dropout) + logits(3..<6, second) == together)
    // The other rows' masks would have given something else.
    #expect(logits(3..<6, Self.dropout) != Array(together[3...]))
  }
}
