// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Sampling

@Suite struct TextBatchTests {
  private func requests(_ count: Int, symbols: Int, longest: Int = 9) -> [TextRequest] {
    (0..<count).map { number in
      TextRequest(
        ticket: number, seed: (0..<number % longest).map { UInt16(($0 * 5 + number) % symbols) },
        stream: UInt64(number))
    }
  }

  private func batch(_ mixture: Mixture, _ ends: TextEnds, threads: Int, isScored: Bool = false) -> TextBatch
  {
    TextBatch(
      mixture, samplers: [Sampler(temperature: 1, kernels: mixture.kernels)], ends: ends, isScored: isScored,
      randomSeed: 11, workers: Workers(count: threads))
  }

  @Test(arguments: [1, 2, 3, 70, 300], [1, 2, 5])
  func textsSideBySideAreThoseWrittenAlone(count: Int, threads: Int) throws {
    for newline in [true, false] {
      let mixture = try Networks.mixture(newline: newline)
      let requests = requests(count, symbols: mixture.symbolCount)
      let together = batch(mixture, TextEnds(length: 15), threads: threads).write(requests)
      #expect(together.count == count)
      for (request, text) in zip(requests, together) {
        #expect(text.stop == .length)
        #expect(text.ids == stream(mixture, seed: request.seed, number: request.stream, length: 15))
      }
    }
  }

  @Test func moreGroupsThanWorkersAreMadeWhereTheirRowsAreFull() throws {
    let mixture = try Networks.mixture()
    let cases = [(1, 300, 1), (2, 1, 1), (2, 128, 2), (2, 129, 3), (2, 400, 4), (3, 193, 4)]
    for (threads, count, groups) in cases {
      let batch = batch(mixture, TextEnds(length: 3), threads: threads)
      for request in requests(count, symbols: mixture.symbolCount) { batch.submit(request) }
      _ = batch.advance(steps: 1)
      #expect(batch.groupCount == groups, "\(count) texts, \(threads) threads")
    }
  }

  @Test func aTextAloneAsksForNoSecondThread() throws {
    let mixture = try Networks.mixture()
    let batch = TextBatch(
      mixture, samplers: [Sampler(temperature: 1, kernels: mixture.kernels)], ends: TextEnds(length: 3),
      randomSeed: 11,
      workers: Workers {
        Issue.record("nobody has use for it")
        return 2
      })
    // One after the other: the memory of the first is there for the next.
    for request in requests(3, symbols: mixture.symbolCount) {
      #expect(batch.write([request])[0].ids.count == 3)
    }
  }

  @Test(arguments: [1, 2, 3, 5])
  func aTextAloneByATeamIsThatOfOneThread(threads: Int) throws {
    let mixture = try Networks.mixture(layerSizes: [180, 180])
    #expect(try mixture.wantsTeam && !Networks.mixture().wantsTeam)
    let batch = batch(mixture, TextEnds(length: 100), threads: threads)
    for request in requests(3, symbols: mixture.symbolCount) {
      let text = batch.write([request])[0]
      #expect(text.ids == stream(mixture, seed: request.seed, number: request.stream, length: 100))
    }
  }

  @Test func seedsOfVeryDifferentLengthsDoNotDisturbEachOther() throws {
    let mixture = try Networks.mixture()
    let requests = requests(150, symbols: mixture.symbolCount, longest: 149)
    for text in zip(requests, batch(mixture, TextEnds(length: 5), threads: 2).write(requests)) {
      #expect(text.1.ids == stream(mixture, seed: text.0.seed, number: text.0.stream, length: 5))
    }
  }

  @Test(arguments: Kernels.levels)
  func everyLevelWritesAndChargesTheSame(level: String) throws {
    func texts(_ kernels: Kernels, _ threads: Int) throws -> [WrittenText] {
      let mixture = try Networks.mixture(kernels: kernels)
      return batch(mixture, TextEnds(length: 20), threads: threads, isScored: true)
        .write(requests(100, symbols: mixture.symbolCount))
    }
    #expect(try texts(Kernels(named: level), 2) == texts(Kernels(named: "portable"), 1))
  }

  @Test func theCostIsThatOfTheTextUnderTheModelItself() throws {
    let mixture = try Networks.mixture()
    var options = SamplingOptions(temperature: 0.5)
    options.topK = 3
    options.repetitionPenalty = 1.3
    let batch = TextBatch(
      mixture, samplers: [Sampler(options, kernels: mixture.kernels)], ends: TextEnds(length: 30),
      isScored: true, randomSeed: 11, workers: Workers(count: 1))
    let requests = requests(70, symbols: mixture.symbolCount)
    for (request, text) in zip(requests, batch.write(requests)) {
      let generator = TextGenerator(mixture)
      generator.read(request.seed)
      #expect(generator.score(text.ids) == text.losses)
      #expect(
        text.ids
          == stream(mixture, seed: request.seed, number: request.stream, length: 30, options: options))
    }
  }

  @Test func aFinishedRowTakesTheNextRequestAtOnce() throws {
    let mixture = try Networks.mixture()
    let batch = batch(mixture, TextEnds(length: 1), threads: 1)
    for request in requests(150, symbols: mixture.symbolCount, longest: 1) { batch.submit(request) }
    // A newline and a symbol make two steps a text, for 64 texts at a time.
    var finished = 0
    for _ in 0..<6 { finished += batch.advance(steps: 1).count }
    #expect(finished == 150)
    #expect(batch.load == 0)
  }

  @Test func anUrgentRequestOvertakes() throws {
    let mixture = try Networks.mixture()
    let batch = batch(mixture, TextEnds(length: 3), threads: 1)
    for request in requests(180, symbols: mixture.symbolCount, longest: 1) { batch.submit(request) }
    _ = batch.advance(steps: 1)
    batch.submit(TextRequest(ticket: 999, seed: [], stream: 5), isUrgent: true)
    var order: [Int] = []
    while batch.load > 0 { order += batch.advance(steps: 1).map(\.ticket) }
    #expect(try #require(order.firstIndex(of: 999)) < 129)
  }

  @Test func noCharactersAreNoText() throws {
    let mixture = try Networks.mixture()
    let batch = batch(mixture, TextEnds(length: 0), threads: 2)
    #expect(batch.write([]).isEmpty)
    #expect(batch.write([TextRequest(ticket: 0, seed: [1], stream: 0)]).map(\.ids) == [[]])
  }

  @Test func aTextCanBeTakenWhileItGrows() throws {
    let mixture = try Networks.mixture()
    let batch = batch(mixture, TextEnds(length: 40), threads: 2)
    let requests = requests(3, symbols: mixture.symbolCount)
    for request in requests { batch.submit(request) }
    var taken: [UInt16] = []
    var rest: [UInt16] = []
    while batch.load > 0 {
      for (ticket, text) in batch.advance(steps: 3) where ticket == 1 { rest = text.ids }
      taken += batch.takeText(of: 1)
    }
    #expect(taken.count > 30)
    #expect(taken + rest == stream(mixture, seed: requests[1].seed, number: 1, length: 40))
  }
}
