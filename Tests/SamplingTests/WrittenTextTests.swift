// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Sampling

@Suite struct WrittenTextTests {
  private func text(_ ids: [UInt16], _ ends: TextEnds, scored: Bool = true) -> WrittenText {
    var text = WrittenText()
    text.stopIfLongEnough(ends)
    for id in ids where text.stop == nil { text.append(id, loss: scored ? Double(id) : nil, ends: ends) }
    return text
  }

  @Test func lengthsEndATextWhicheverIsReachedFirst() {
    var ends = TextEnds(length: 3)
    #expect(text([1, 2, 3, 4], ends).ids == [1, 2, 3])
    #expect(text([1, 2, 3, 4], ends).stop == .length)
    #expect(text([1, 2], ends).stop == nil)
    ends.maxLength = 2
    #expect(text([1, 2, 3, 4], ends).stop == .maxLength)
    ends.maxLength = 3
    #expect(text([1, 2, 3, 4], ends).stop == .length)
    #expect(text([1], TextEnds(length: 0)).ids == [])
    #expect(text([1], TextEnds(length: 0)).stop == .length)
  }

  @Test func aTextIsWrittenUntilAnotherComesAndThatIsNoPartOfIt() {
    var ends = TextEnds(length: 10)
    ends.until = [[7, 7], [2, 7, 7], [9]]
    let found = text([1, 2, 7, 1, 2, 7, 7, 5], ends)
    #expect(found.ids == [1, 2, 7, 1])
    #expect(found.losses == [1, 2, 7, 1])
    #expect(found.stop == .until)
    #expect(text([9], ends).ids == [])
  }

  @Test func linesAreWholeAndKeepTheirNewlines() {
    var ends = TextEnds()
    ends.lines = (2, 0)
    let lines = text([5, 0, 0, 6], ends)
    #expect(lines.ids == [5, 0, 0])
    #expect(lines.stop == .lines)
  }

  @Test func whatEndsARecordIsChargedButNotWritten() {
    var ends = TextEnds()
    ends.recordEnd = 4
    let record = text([1, 2, 4, 3], ends)
    #expect(record.ids == [1, 2])
    #expect(record.stop == .record)
    #expect(record.score.nats == 7)
    #expect(record.score.count == 3)
  }

  @Test(arguments: [1, 2, 3, 7])
  func takingOutWhatIsDecidedLeavesTheTextAsItWas(period: Int) {
    let ids: [UInt16] = [1, 1, 2, 1, 1, 2, 1, 3, 1, 2, 1, 1, 2, 1, 1, 4]
    var ends = TextEnds(length: 100)
    ends.until = [[1, 1, 2, 1, 1, 4], [2, 1, 3, 9]]
    let whole = text(ids, ends, scored: false)
    var grown = WrittenText()
    var taken: [UInt16] = []
    for (index, id) in ids.enumerated() where grown.stop == nil {
      grown.append(id, loss: nil, ends: ends)
      if index % period == 0 && grown.stop == nil { taken += grown.takeDecided(ends) }
    }
    #expect(whole.stop == .until)
    #expect(taken + grown.ids == whole.ids)
    #expect(taken.count > 4 || period > 3)
  }

  @Test func whatWasTakenOutCountsForTheLength() {
    let ends = TextEnds(length: 5)
    var text = WrittenText()
    for id: UInt16 in 0..<5 {
      #expect(text.stop == nil)
      text.append(id, loss: nil, ends: ends)
      _ = text.takeDecided(ends)
    }
    #expect(text.stop == .length)
  }
}
