// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Training

/// Some texts, one behind the other, in which records end with 0; with the beginnings that they have.
private struct Sample {
  let ids: IDSequence
  let beginnings: TextBeginnings
  let places: Set<Int>

  init(seed: UInt64, count: Int, records: Bool, documents: Bool) throws {
    var random = PhiloxGenerator(seed: seed)
    let ids = (0..<count).map { _ in UInt16(random.below(4)) }
    let known = documents ? (1..<count).filter { _ in random.below(5) == 0 } : []
    beginnings = TextBeginnings(documents: known, recordEnd: records ? 0 : nil)
    places = Set((1..<count).filter { known.contains($0) || records && ids[$0 - 1] == 0 })
    self.ids = try IDSequence(ids)
  }

  static func all() throws -> [Sample] {
    try (0..<20).flatMap { seed in
      try [(true, false), (false, true), (true, true)].map {
        try Sample(seed: seed, count: 2 + Int(seed) * 7, records: $0.0, documents: $0.1)
      }
    }
  }
}

@Suite struct BeginningsTests {
  @Test(arguments: [nil, 9])
  func aStreamIsResetWhereTextsBegin(_ beginning: Int?) throws {
    for sample in try Sample.all() {
      let count = sample.ids.count
      let streams = StreamBatches(
        sample.ids, in: 0..<count, beginnings: sample.beginnings, beginning: beginning, batchSize: 3,
        sequenceLength: 4)
      let first = beginning == nil ? 1 : 0
      for offset in 0..<streams.offsetCount {
        // The place of each row's next target.
        var places = (0..<streams.rows).map { row in
          first + offset + row * ((count - first) / streams.rows)
        }
        for chunk in 0..<streams.chunkCount {
          let steps = streams.steps(ofChunk: chunk).count
          var inputs = [UInt16](repeating: 77, count: steps * streams.rows)
          var targets = inputs
          let begun = streams.fill(
            chunk: chunk, rows: 0..<streams.rows, offset: offset, inputs: &inputs, targets: &targets)
          for step in 0..<steps {
            for row in 0..<streams.rows {
              let (place, index) = (places[row], step * streams.rows + row)
              let begins = sample.places.contains(place)
              #expect(Int(targets[index]) == sample.ids[place])
              if let beginning {
                #expect(Int(inputs[index]) == (begins || place == 0 ? beginning : sample.ids[place - 1]))
                #expect(begun.resets.places.contains(index) == begins)
              } else {
                // What is read before a beginning does not matter: nothing comes of it, and then all is new.
                if !begins { #expect(Int(inputs[index]) == sample.ids[place - 1]) }
                #expect(begun.resets.silent.contains(index) == begins)
                #expect(begun.resets.places.contains(index) == sample.places.contains(place - 1))
              }
              places[row] += 1
            }
          }
          #expect(begun.uncharged.isEmpty && (beginning == nil || begun.resets.silent.isEmpty))
        }
      }
    }
  }

  @Test func aWindowIsResetWhereATextBeginsInIt() throws {
    for sample in try Sample.all() where sample.ids.count > 20 {
      let windows = WindowBatches(
        sample.ids, in: 0..<sample.ids.count, beginnings: sample.beginnings, length: 6, sampleStep: 1,
        examplesPerEpoch: 1, batchSize: 4)
      let starts = [0, 3, 11, 14]
      var inputs = [UInt16](repeating: 77, count: 24)
      var targets = [UInt16](repeating: 77, count: 4)
      let begun = windows.fill(starts: starts[...], inputs: &inputs, targets: &targets)
      for (column, start) in starts.enumerated() {
        for step in 0..<6 {
          #expect(
            begun.resets.places.contains(step * 4 + column)
              == (step > 0 && sample.places.contains(start + step)))
        }
        #expect(begun.uncharged.contains(column) == sample.places.contains(start + 6))
      }
    }
  }

  @Test func aTextWithoutBeginningsIsFilledAsEver() throws {
    let ids = try Sample(seed: 1, count: 50, records: false, documents: false).ids
    let streams = StreamBatches(ids, in: 0..<50, beginning: 9, batchSize: 3, sequenceLength: 4)
    var inputs = [UInt16](repeating: 0, count: 12)
    var targets = inputs
    #expect(
      streams.fill(chunk: 0, rows: 0..<3, offset: 0, inputs: &inputs, targets: &targets) == ChunkBeginnings())
  }
}
