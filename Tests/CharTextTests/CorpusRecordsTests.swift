// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

/// The texts of a corpus, split where it says that they begin.
private func texts(_ corpus: Corpus) -> [String] {
  let places = corpus.beginnings.places(in: 0..<corpus.ids.count, of: corpus.ids)
  return zip([0] + places, places + [corpus.ids.count]).map { start, end in
    String(
      decoding: corpus.ids.ids(in: start..<end).flatMap { corpus.charset.bytes(of: Int($0)) }, as: UTF8.self)
  }
}

@Suite struct CorpusRecordsTests {
  @Test func everyLineWithItsEndIsARecord() throws {
    let corpus = try Corpus.read([source("Ada\nGrace\n\nKen")]).ofRecords()
    #expect(texts(corpus) == ["Ada\n", "Grace\n", "\n", "Ken"])
    let several = try Corpus.read([source("a\nb"), source("c\n")]).ofRecords()
    #expect(texts(several) == ["a\n", "b", "c\n"])
  }

  @Test func withoutANewlineThereAreNoRecords() throws {
    #expect(throws: TextError.noRecordEnd) { try Corpus.read([source("Ada")]).ofRecords() }
    // In graphemes CR LF is another character.
    #expect(throws: TextError.noRecordEnd) {
      try Corpus.read([source("Ada\r\nKen\r\n")], unit: .grapheme).ofRecords()
    }
  }

  @Test func shufflingKeepsEveryRecordWhole() throws {
    var random = SteadyRandom(3)
    for round in 0..<40 {
      let sources = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        (0..<Int.random(in: 0...9, using: &random)).map { _ in
          (0..<Int.random(in: 0...3, using: &random)).map { _ in
            ["a", "b", "嬉"].randomElement(using: &random)!
          }
          .joined()
        }.joined(separator: "\n")
      }
      guard sources.joined().contains("\n") else { continue }
      let corpus = try Corpus.read(sources.map { source($0) }).ofRecords()
      let shuffled = try corpus.shufflingRecords { Int.random(in: 0..<$0, using: &random) }
      #expect(texts(shuffled).sorted() == texts(corpus).sorted(), "round \(round)")
      #expect(shuffled.digest == corpus.ids.digest)
      #expect(shuffled.ids.count == corpus.ids.count)
      // Drawing the first of what is left each time changes nothing.
      #expect(texts(try corpus.shufflingRecords { _ in 0 }) == texts(corpus))
    }
  }

  @Test func everyOrderComes() throws {
    let corpus = try Corpus.read([source("a\nb\nc\n")]).ofRecords()
    var random = SteadyRandom(4)
    var orders: [[String]: Int] = [:]
    for _ in 0..<600 {
      orders[texts(try corpus.shufflingRecords { Int.random(in: 0..<$0, using: &random) }), default: 0] += 1
    }
    #expect(orders.count == 6)
    #expect(orders.values.allSatisfy { $0 > 60 && $0 < 140 })
  }
}
