// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import Testing

@testable import Sampling

/// A series over a small mixture, and what it should give, found one text after the other.
private struct Trial {
  let mixture: Mixture
  let ends: TextEnds
  let samplers: [Sampler]
  var plan = TextSeries.Plan()

  init(length: Int, temperatures: [Double] = [1]) throws {
    mixture = try Networks.mixture()
    ends = TextEnds(length: length)
    samplers = temperatures.map { [mixture] in Sampler(temperature: $0, kernels: mixture.kernels) }
  }

  func seeds(_ count: Int) -> [Seed] {
    (0..<count).map { number in
      let ids = (0..<number % 4).map { UInt16(($0 + number) % mixture.symbolCount) }
      return Seed(number: UInt64(number), stream: UInt64(number), ids: ids, bytes: text(ids))
    }
  }

  func text(_ ids: [UInt16]) -> [UInt8] { ids.flatMap { mixture.charset.bytes(of: Int($0)) } }

  func batch(threads: Int) -> TextBatch {
    TextBatch(
      mixture, samplers: samplers, ends: ends, isScored: true, randomSeed: 5,
      workers: Workers(count: threads))
  }

  func series(_ seeds: [Seed], threads: Int, steps: Int) -> [Continuation] {
    let series = TextSeries(
      batch(threads: threads), plan: plan, samplerCount: samplers.count, ends: ends, charset: mixture.charset)
    var left = seeds[...]
    var given: [Continuation] = []
    while true {
      while series.hasRoom, let seed = left.popFirst() { series.add(seed) }
      if series.isDone { return given }
      series.advance(steps: steps)
      while let continuation = series.next() { given.append(continuation) }
    }
  }

  func naive(_ seeds: [Seed]) -> [[UInt16]?] {
    let batch = batch(threads: 1)
    var seen: Set<[UInt8]> = []
    func candidate(_ seed: Seed, _ sampler: Int, _ sample: Int, _ number: Int) -> WrittenText {
      let position = UInt64(sample) << 40 | UInt64(number) << 24
      let request = TextRequest(
        ticket: 0, seed: seed.ids, stream: seed.stream, position: position, sampler: sampler)
      return batch.write([request])[0]
    }
    func record(_ seed: Seed, _ ids: [UInt16]) -> [UInt8] {
      let record = text(seed.ids + ids)
      return record.last == 0x0A ? record.dropLast() : record
    }
    func draw(_ seed: Seed, _ sampler: Int, _ sample: Int) -> [UInt16]? {
      for number in 0..<plan.acceptance.mostTries {
        let texts = (0..<plan.bestOf).map { candidate(seed, sampler, sample, number * plan.bestOf + $0) }
          .filter { plan.acceptance.passes(record(seed, $0.ids)) }
        guard let best = texts.min(by: { $0.score.nats < $1.score.nats }) else { continue }
        if !plan.acceptance.isUnique || seen.insert(record(seed, best.ids)).inserted { return best.ids }
      }
      return nil
    }
    return seeds.flatMap { seed in
      samplers.indices.flatMap { sampler in
        (0..<plan.count).map { draw(seed, sampler, $0) }
      }
    }
  }
}

@Suite struct TextSeriesTests {
  @Test(arguments: [1, 2], [1, 7, 50])
  func continuationsComeInTheOrderOfTheirSeeds(threads: Int, steps: Int) throws {
    var trial = try Trial(length: 6, temperatures: [0, 1])
    trial.plan.count = 3
    let seeds = trial.seeds(40)
    let given = trial.series(seeds, threads: threads, steps: steps)
    #expect(given.map(\.seed.number) == seeds.flatMap { [UInt64](repeating: $0.number, count: 6) })
    #expect(given.map(\.sampler) == (0..<40).flatMap { _ in [0, 0, 0, 1, 1, 1] })
    #expect(given.map(\.sample) == (0..<80).flatMap { _ in [0, 1, 2] })
    #expect(given.map(\.text?.ids) == trial.naive(seeds))
  }

  @Test func moreSamplesOrTemperaturesDoNotChangeTheOthers() throws {
    var trial = try Trial(length: 12)
    let alone = trial.series(trial.seeds(5), threads: 1, steps: 4).map(\.text?.ids)
    trial.plan.count = 4
    let first = trial.series(trial.seeds(5), threads: 1, steps: 4).filter { $0.sample == 0 }
    #expect(first.map(\.text?.ids) == alone)
    let both = try Trial(length: 12, temperatures: [0.5, 1])
    let second = both.series(both.seeds(5), threads: 1, steps: 4).filter { $0.sampler == 1 }
    #expect(second.map(\.text?.ids) == alone)
  }

  @Test(arguments: [1, 2])
  func theLikeliestOfSeveralIsTaken(threads: Int) throws {
    var trial = try Trial(length: 8)
    trial.plan.bestOf = 5
    let seeds = trial.seeds(30)
    #expect(trial.series(seeds, threads: threads, steps: 3).map(\.text?.ids) == trial.naive(seeds))
  }

  @Test(arguments: [1, 2], [1, 4, 33])
  func whatIsRejectedIsDrawnAgain(threads: Int, steps: Int) throws {
    var trial = try Trial(length: 3)
    trial.plan.acceptance.match = try Regex("^[^ab]*$")
    trial.plan.acceptance.isUnique = true
    trial.plan.acceptance.mostTries = 30
    trial.plan.count = 4
    let seeds = trial.seeds(60).map { Seed(number: $0.number, stream: $0.stream % 7, ids: [3], bytes: []) }
    let given = trial.series(seeds, threads: threads, steps: steps).map(\.text?.ids)
    let expected = trial.naive(seeds)
    #expect(given == expected)
    #expect(expected.contains([]) == false)
    #expect(expected.compactMap { $0 }.count > 20)
    // Seven streams run dry of new texts.
    #expect(expected.contains(nil))
  }

  @Test func theBestOfThoseThatPassIsTaken() throws {
    var trial = try Trial(length: 4)
    trial.plan.bestOf = 3
    trial.plan.acceptance.match = try Regex("e")
    trial.plan.acceptance.mostTries = 10
    let seeds = trial.seeds(30)
    let expected = trial.naive(seeds)
    #expect(trial.series(seeds, threads: 2, steps: 2).map(\.text?.ids) == expected)
    #expect(expected.compactMap { $0 }.count > 10)
  }

  @Test func knownLinesAreDrawnAgain() throws {
    var trial = try Trial(length: 1)
    trial.plan.acceptance.mostTries = 200
    let seeds = (0..<50).map { Seed(number: UInt64($0), stream: UInt64($0), ids: [], bytes: []) }
    func lines() throws -> Set<[UInt8]> {
      Set(
        try trial.series(seeds, threads: 2, steps: 8).map { continuation in
          let text = trial.text(try #require(continuation.text).ids)
          return text == [0x0A] ? [] : text
        })
    }
    let before = try lines()
    #expect(before.count > 5)
    var known = LineSet()
    for line in before.sorted(by: { $0.lexicographicallyPrecedes($1) }).dropLast(3) { _ = known.insert(line) }
    trial.plan.acceptance.known = known
    let after = try lines()
    #expect(!after.isEmpty)
    for line in after { #expect(!known.contains(line)) }
  }

  @Test func memoryIsBoundedByWhatATextMayBecome() throws {
    let trial = try Trial(length: 1 << 21)
    let series = TextSeries(
      trial.batch(threads: 1), plan: trial.plan, samplerCount: 1, ends: trial.ends,
      charset: trial.mixture.charset)
    var added = 0
    for seed in trial.seeds(100) where series.hasRoom {
      series.add(seed)
      added += 1
    }
    #expect((2...3).contains(added))
    #expect(!series.isDone)
  }
}
