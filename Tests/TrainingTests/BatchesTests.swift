// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Training

/// ids 0, 1, 2 …: a place is its own id.
private func counting(_ count: Int) throws -> IDSequence {
  try IDSequence((0..<count).map { UInt16($0) })
}

@Suite struct StreamBatchesTests {
  @Test(arguments: [(100, 4, 7), (33, 32, 5), (2, 8, 8), (257, 3, 64), (64, 1, 1)])
  func everyCharacterIsATargetOnceAndItsInputIsTheOneBefore(count: Int, batchSize: Int, length: Int) throws {
    let beginning = 999
    let streams = StreamBatches(
      try counting(count), in: 0..<count, beginning: beginning, batchSize: batchSize, sequenceLength: length)
    #expect(streams.rows <= batchSize)
    for offset in 0..<streams.offsetCount {
      var targets: [Int] = []
      for chunk in 0..<streams.chunkCount {
        let steps = streams.steps(of: chunk..<chunk + 1).count
        #expect((1...length).contains(steps))
        var inputIDs = [UInt16](repeating: 0, count: steps * streams.rows)
        var targetIDs = inputIDs
        streams.fill(
          chunk..<chunk + 1, rows: 0..<streams.rows, offset: offset, inputs: &inputIDs, targets: &targetIDs)
        for (input, target) in zip(inputIDs, targetIDs) {
          #expect(Int(input) == (target == 0 ? beginning : Int(target) - 1))
        }
        targets += targetIDs.map(Int.init)
      }
      let left = count - targets.count
      #expect(left == streams.offsetCount - 1)
      #expect(targets.sorted() == Array(offset..<offset + targets.count))
    }
  }

  @Test(arguments: [(100, 4, 7), (33, 32, 5), (2, 8, 8), (257, 3, 64), (1003, 7, 10), (997, 1, 13)])
  func someChunksTogetherTakeTheMostStepsThatTheyEverDo(count: Int, batchSize: Int, length: Int) throws {
    let streams = StreamBatches(
      try counting(count), in: 0..<count, beginning: 999, batchSize: batchSize, sequenceLength: length)
    for together in 1...streams.chunkCount + 1 {
      let all = (0..<streams.chunkCount).map {
        streams.steps(of: $0..<min($0 + together, streams.chunkCount)).count
      }
      #expect(streams.mostSteps(chunks: together) == all.max())
    }
  }

  @Test func withoutABeginningTheFirstCharacterIsOnlyRead() throws {
    let streams = StreamBatches(
      try counting(5), in: 0..<5, beginning: nil, batchSize: 1, sequenceLength: 10)
    var inputs = [UInt16](repeating: 0, count: 4)
    var targets = inputs
    streams.fill(0..<1, rows: 0..<1, offset: 0, inputs: &inputs, targets: &targets)
    #expect(inputs == [0, 1, 2, 3])
    #expect(targets == [1, 2, 3, 4])
  }

  @Test func aStreamGoesOnFromChunkToChunk() throws {
    let streams = StreamBatches(
      try counting(40), in: 0..<40, beginning: 0, batchSize: 4, sequenceLength: 3)
    var last: [UInt16]?
    for chunk in 0..<streams.chunkCount {
      let steps = streams.steps(of: chunk..<chunk + 1).count
      var inputs = [UInt16](repeating: 0, count: steps * 4)
      var targets = inputs
      streams.fill(chunk..<chunk + 1, rows: 0..<4, offset: 0, inputs: &inputs, targets: &targets)
      if let last { #expect(Array(inputs.prefix(4)) == last) }
      last = Array(targets.suffix(4))
    }
  }

  @Test func aShardGetsItsRowsOfTheBatch() throws {
    let streams = StreamBatches(
      try counting(60), in: 0..<60, beginning: 0, batchSize: 5, sequenceLength: 6)
    let steps = streams.steps(of: 1..<2).count
    var all = [UInt16](repeating: 0, count: steps * 5)
    var unused = all
    streams.fill(1..<2, rows: 0..<5, offset: 0, inputs: &all, targets: &unused)
    var some = [UInt16](repeating: 0, count: steps * 2)
    streams.fill(1..<2, rows: 3..<5, offset: 0, inputs: &some, targets: &unused)
    for step in 0..<steps { #expect(some[step * 2..<step * 2 + 2] == all[step * 5 + 3..<step * 5 + 5]) }
  }
}

@Suite struct WindowBatchesTests {
  @Test func eachWindowIsDrawnOnceBeforeAnyIsDrawnAgain() throws {
    let windows = WindowBatches(
      try counting(100), in: 10..<100, length: 6, sampleStep: 3, examplesPerEpoch: 50, batchSize: 4)
    let all = WindowBatches.starts(in: 10..<100, length: 6, sampleStep: 3)
    #expect(all == Array(stride(from: 10, to: 94, by: 3)))
    #expect(windows.batchCount == 13)
    var order = WindowBatches.Order()
    var random = PhiloxGenerator(seed: 3)
    var drawn: [Int] = []
    while drawn.count < 2 * all.count { drawn += order.nextStarts(windows, using: &random) }
    #expect(drawn.prefix(all.count).sorted() == all)
    #expect(drawn[all.count..<2 * all.count].sorted() == all)
    #expect(drawn.prefix(all.count) != all[...])
  }

  @Test func aWindowHoldsItsCharactersAndTheOneAfter() throws {
    let windows = WindowBatches(
      try counting(50), in: 0..<50, length: 4, sampleStep: 1, examplesPerEpoch: 1, batchSize: 2)
    var inputs = [UInt16](repeating: 0, count: 8)
    var targets = [UInt16](repeating: 0, count: 2)
    windows.fill(starts: [7, 20], inputs: &inputs, targets: &targets)
    #expect(inputs == [7, 20, 8, 21, 9, 22, 10, 23])
    #expect(targets == [11, 24])
  }

  @Test func aTextShorterThanAWindowIsOneWindow() throws {
    let windows = WindowBatches(
      try counting(5), in: 0..<5, length: 60, sampleStep: 3, examplesPerEpoch: 10, batchSize: 4)
    #expect(windows.length == 4)
    #expect(WindowBatches.starts(in: 0..<5, length: 60, sampleStep: 3) == [0])
    #expect(WindowBatches.starts(in: 0..<1, length: 60, sampleStep: 3) == [])
  }
}
