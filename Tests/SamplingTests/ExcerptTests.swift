// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Sampling

@Suite struct ExcerptTests {
  private let ids = (0..<100).map { UInt16($0) }

  @Test func anExcerptIsAPieceOfTheTextWithWhatFollows() throws {
    let sequence = try IDSequence(ids)
    var random = PhiloxGenerator(seed: 1)
    var starts: Set<UInt16> = []
    for _ in 0..<200 {
      let excerpt = Excerpt(of: sequence, in: 10..<60, length: 8, continuation: 5, using: &random)
      let start = try #require(excerpt.seed.first)
      starts.insert(start)
      #expect(excerpt.seed == Array(start..<start + 8))
      #expect(excerpt.continuation == Array(start + 8..<min(start + 13, 60)))
    }
    #expect(starts.count > 30)
    #expect(starts.allSatisfy { (10...52).contains($0) })
  }

  @Test func aShortTextIsItsOwnExcerpt() throws {
    var random = PhiloxGenerator(seed: 1)
    let excerpt = Excerpt(of: try IDSequence(ids), in: 0..<3, length: 8, continuation: 5, using: &random)
    #expect(excerpt.seed == [0, 1, 2])
    #expect(excerpt.continuation.isEmpty)
  }

  @Test func aGivenPieceIsFoundWhereItFirstStands() throws {
    let sequence = try IDSequence([1, 2, 1, 2, 3, 1, 2, 3, 9])
    #expect(Excerpt(finding: [2, 3], in: sequence, continuation: 2).continuation == [1, 2])
    #expect(Excerpt(finding: [3, 9], in: sequence, continuation: 2).continuation == [])
    #expect(Excerpt(finding: [7], in: sequence, continuation: 2).continuation == [])
  }
}
