// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import CharLSTM
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A chunk with texts that begin inside it.
struct ResetCase: CustomTestStringConvertible, Sendable {
  let sizes: NaiveCase
  /// (step, row) of the beginnings.
  let places: [(step: Int, row: Int)]

  var testDescription: String { "\(sizes.testDescription), \(places)" }

  var resets: StateResets { StateResets(places.map { $0.step * sizes.rows + $0.row }) }
  func begins(_ row: Int, _ step: Int) -> Bool { places.contains { $0 == (step, row) } }

  private static let small = NaiveCase(rows: 3, steps: 5, symbolCount: 6, layerSizes: [7, 4])
  /// More rows than a block of steps on the way forward has, and more steps than one on the way back.
  private static let long = NaiveCase(rows: 2, steps: 150, symbolCount: 5, layerSizes: [3])
  private static let wide = NaiveCase(rows: 70, steps: 3, symbolCount: 9, layerSizes: [18, 33])

  static let all = [
    ResetCase(sizes: small, places: [(0, 1)]),
    ResetCase(sizes: small, places: [(4, 2)]),
    ResetCase(sizes: small, places: [(2, 0), (2, 1), (2, 2)]),
    ResetCase(sizes: small, places: [(3, 2), (0, 0), (4, 0), (3, 1), (2, 2)]),
    ResetCase(sizes: small, places: (0..<5).flatMap { step in (0..<3).map { (step, $0) } }),
    ResetCase(sizes: long, places: [(31, 0), (32, 1), (64, 0), (127, 1), (128, 0), (128, 1), (149, 0)]),
    ResetCase(sizes: wide, places: (0..<70).map { ($0 % 3, $0) }),
  ]
}

struct StateResetsTests {
  @Test(arguments: ResetCase.all, NaiveObjective.allCases)
  func forwardAndBackwardAreTheNaiveOnes(_ sample: ResetCase, _ objective: NaiveObjective) throws {
    let sizes = sample.sizes
    let parameters = try sizes.parameters()
    let (ids, targets, state) = (sizes.ids(stream: 2), sizes.ids(stream: 3), sizes.state())
    let naive = NaiveLSTM(parameters).run(
      ids, targets: targets, state: state, objective: objective, begins: sample.begins)
    var logits: [[UInt32]] = []
    for level in Kernels.levels {
      let run = try NetworkRun(
        parameters, level: level, ids: ids, targets: targets, state: state, objective: objective,
        resets: sample.resets)
      expectSame(run, naive, level)
      logits.append(run.logits.map(\.bitPattern))
    }
    #expect(Set(logits).count == 1, "levels differ")
  }

  @Test(arguments: ResetCase.all.filter { $0.sizes.layerSizes.count > 1 })
  func underDropoutToo(_ sample: ResetCase) throws {
    let sizes = sample.sizes
    let parameters = try sizes.parameters()
    let (ids, targets, state) = (sizes.ids(stream: 2), sizes.ids(stream: 3), sizes.state())
    let dropout = Network.Dropout(
      probability: 0.4, key: 77, firstStream: 1000, batchRows: sizes.rows, firstRow: 0)
    let kernels = try #require(ck_kernels_named("portable")).pointee
    func mask(_ layer: Int, _ row: Int, _ step: Int) -> [Float] {
      var mask = [Float](repeating: .nan, count: sizes.layerSizes[layer])
      let stream = 1000 + UInt64((layer * sizes.steps + step) * sizes.rows + row)
      kernels.dropout(mask.count, [Float](repeating: 1, count: mask.count), &mask, 0.4, 77, stream)
      return mask
    }
    let masks = (0..<sizes.rows).map { row in (0..<sizes.steps).map { mask(0, row, $0) } }
    let naive = NaiveLSTM(parameters).run(
      ids, targets: targets, state: state, objective: .every, begins: sample.begins,
      mask: { Double(masks[$1][$2][$3]) })
    for level in Kernels.levels {
      let run = try NetworkRun(
        parameters, level: level, ids: ids, targets: targets, state: state, objective: .every,
        resets: sample.resets, dropout: dropout)
      expectSame(run, naive, level)
    }
  }

  private func expectSame(_ run: NetworkRun, _ naive: NaiveLSTM.Outcome, _ level: String) {
    #expect((run.loss - naive.loss).magnitude < 2e-6, "\(level)")
    #expect(distance(run.state, chunkState(naive.state), relative: 1e-5, absolute: 2e-6) <= 1, "\(level)")
    for (tensor, expected) in zip(run.gradients.layout.tensors, naive.gradient.tensors) {
      let apart = distance(Array(run.gradients[tensor]), expected.elements, relative: 1e-5, absolute: 1e-6)
      #expect(apart <= 1, "gradient of \(tensor.name), \(level)")
    }
  }

  /// One row of three texts, beside rows of one: each text has the bits that it has by itself.
  @Test(arguments: Kernels.levels)
  func aChunkWithResetsIsItsPiecesToTheBit(_ level: String) throws {
    let sizes = NaiveCase(rows: 3, steps: 40, symbolCount: 29, layerSizes: [37, 18])
    let network = Network(try sizes.parameters(), kernels: try Kernels(named: level))
    let ids = sizes.ids(stream: 2)
    func logits(_ ids: [Int]) -> [UInt32] {
      let chunk = Chunk(network.configuration, rows: 1, capacity: ids.count)
      network.forward(ids.map { UInt16($0) }, steps: ids.count, chunk: chunk)
      network.decode(steps: 0..<ids.count, chunk: chunk)
      return chunk.logits.elements.map(\.bitPattern)
    }
    let chunk = Chunk(network.configuration, rows: 3, capacity: 40)
    network.forward(
      NetworkRun.timeMajor(ids, 0..<40), steps: 40, resets: StateResets([33 * 3 + 1, 17 * 3 + 1]),
      chunk: chunk)
    network.decode(steps: 0..<40, chunk: chunk)
    let found = (0..<3).map { row in
      (0..<40).flatMap { step in
        let first = (step * 3 + row) * 29
        return chunk.logits.elements[first..<first + 29].map(\.bitPattern)
      }
    }
    #expect(found[0] == logits(ids[0]) && found[2] == logits(ids[2]))
    let pieces = [0..<17, 17..<33, 33..<40].map { logits(Array(ids[1][$0])) }
    #expect(found[1] == Array(pieces.joined()))
    #expect(found[1] != logits(ids[1]))
  }

  /// Where nothing is read before a character, the decoder's bias alone is charged and learns.
  @Test(arguments: Kernels.levels)
  func aSilentRowTeachesTheDecodersBiasOnly(_ level: String) throws {
    let sizes = NaiveCase(rows: 2, steps: 4, symbolCount: 5, layerSizes: [4, 6])
    let network = Network(try sizes.parameters(), kernels: try Kernels(named: level), forTraining: true)
    let ids = NetworkRun.timeMajor(sizes.ids(stream: 2), 0..<4)
    let targets = NetworkRun.timeMajor(sizes.ids(stream: 3), 0..<4)
    // The second row's text begins at step 1: there a character follows nothing, and at step 2 it is read.
    func run(_ resets: StateResets, charged: Bool) -> (
      losses: [Double], gradients: Parameters, state: [Float]
    ) {
      let chunk = Chunk(network.configuration, rows: 2, capacity: 4, forTraining: true)
      network.forward(ids, steps: 4, resets: resets, chunk: chunk)
      network.decode(steps: 0..<4, chunk: chunk)
      var losses = [Double](repeating: 0, count: 8)
      network.crossEntropy(targets, rows: 8, scale: 1, chunk: chunk, losses: &losses)
      if !charged { network.clearLogits(row: 3, chunk: chunk) }
      let gradients = Parameters(network.configuration)
      network.backward(ids, steps: 4, resets: resets, decoded: 0..<4, chunk: chunk, gradients: gradients)
      network.carryState(after: 4, chunk: chunk)
      return (losses, gradients, chunk.state)
    }
    let silent = run(StateResets([5], silent: [3]), charged: true)
    let without = run(StateResets([5]), charged: false)
    let layout = network.parameters.layout
    for tensor in layout.tensors where tensor.name != layout.decoderBias.name {
      #expect(Array(silent.gradients[tensor]) == Array(without.gradients[tensor]), "\(tensor.name)")
    }
    #expect(silent.state == without.state)
    let bias = network.parameters[layout.decoderBias].map(Double.init)
    let logSum = logSumOfExponentials(bias)
    for symbol in 0..<5 {
      let expected = exp(bias[symbol] - logSum) - (symbol == Int(targets[3]) ? 1 : 0)
      let found =
        silent.gradients[layout.decoderBias][symbol] - without.gradients[layout.decoderBias][symbol]
      #expect((Double(found) - expected).magnitude < 1e-5)
    }
    #expect((silent.losses[3] - (logSum - bias[Int(targets[3])])).magnitude < 1e-6)
    for row in 0..<8 where row != 3 { #expect(silent.losses[row] == without.losses[row]) }
  }

  @Test func aTargetTakenOutHasNoPartInTheGradient() throws {
    let sizes = NaiveCase(rows: 2, steps: 3, symbolCount: 5, layerSizes: [4])
    let network = Network(try sizes.parameters(), kernels: .best, forTraining: true)
    let chunk = Chunk(network.configuration, rows: 2, capacity: 3, forTraining: true)
    let ids = NetworkRun.timeMajor(sizes.ids(stream: 2), 0..<3)
    func gradients(_ targets: [UInt16]) -> [UInt32] {
      chunk.resetState()
      network.forward(ids, steps: 3, chunk: chunk)
      network.decode(steps: 0..<3, chunk: chunk)
      var losses = [Double](repeating: 0, count: 6)
      network.crossEntropy(targets, rows: 6, scale: 1, chunk: chunk, losses: &losses)
      network.clearLogits(row: 3, chunk: chunk)
      let gradients = Parameters(network.configuration)
      network.backward(ids, steps: 3, decoded: 0..<3, chunk: chunk, gradients: gradients)
      return gradients.values.elements.map(\.bitPattern)
    }
    #expect(gradients([0, 1, 2, 3, 4, 0]) == gradients([0, 1, 2, 1, 4, 0]))
    #expect(gradients([0, 1, 2, 3, 4, 0]) != gradients([0, 1, 2, 3, 4, 1]))
  }
}
