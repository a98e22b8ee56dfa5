// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Training

/// A corpus of lines, one character each: `\n` is 0, and ids stand for themselves from 1 on.
private func lines(_ text: [UInt16]) throws -> Corpus {
  let charset = try Charset(
    unit: .scalar, symbols: [Symbol(scalar: "\n")] + (0..<26).map { Symbol(scalar: Unicode.Scalar(97 + $0)!) }
  )
  return Corpus(charset: charset, ids: try IDSequence(text))
}

private func options(records: Bool = true, shuffle: Bool = true, seed: UInt64 = 0) -> TrainingOptions {
  var request = TrainingRequest()
  (request.records, request.shuffle, request.seed) = (records, shuffle, seed)
  return Recipe.standard.options(request, characterCount: 100, best: .fp32)
}

@Suite struct PreparedCorpusTests {
  @Test func theOrderFollowsFromTheSeed() throws {
    let corpus = try lines((1...20).flatMap { [UInt16($0), 0] })
    func order(_ options: TrainingOptions) throws -> [UInt16] {
      let prepared = try corpus.prepared(for: options)
      #expect(prepared.digest == corpus.ids.digest)
      return prepared.ids.ids(in: 0..<40)
    }
    let given = corpus.ids.ids(in: 0..<40)
    let drawn = try order(options())
    #expect(drawn != given && drawn.sorted() == given.sorted())
    #expect(try order(options()) == drawn)
    #expect(try order(options(seed: 1)) != drawn)
    #expect(try order(options(shuffle: false)) == given)
    #expect(try order(options(records: false)) == given)
    #expect(try corpus.prepared(for: options(records: false)).beginnings.isEmpty)
  }

  @Test func noRecordIsCutWhereTheEndIsHeldOut() throws {
    // Records begin at 0, 3, 4 and 9.
    let corpus = try lines([1, 2, 0, 0, 1, 2, 3, 4, 0, 1, 0]).prepared(for: options(shuffle: false))
    let splits = (0...9).map { corpus.trainingCount(holdingOut: $0) }
    #expect(splits == [11, 9, 9, 4, 4, 4, 4, 4, 3, 3])
    #expect(try lines([1, 2, 3, 4, 0]).prepared(for: options()).trainingCount(holdingOut: 2) == 5)
    #expect(try lines([1, 2, 3, 4, 0]).trainingCount(holdingOut: 2) == 3)
  }

  @Test func whatWasAskedForIsTold() {
    #expect(options().described["records"] == "true" && options().described["shuffle"] == "true")
    #expect(options(shuffle: false).described["shuffle"] == "false")
    #expect(options(records: false).described["records"] == nil)
    #expect(options(records: false).described["shuffle"] == nil)
    #expect(options(records: false).shuffle == false)
  }
}
