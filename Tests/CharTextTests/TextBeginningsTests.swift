// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct TextBeginningsTests {
  /// Records end with 0; what `beginnings` must say of a sequence, place by place.
  private static func reference(_ ids: [UInt16], documents: [Int], recordEnd: UInt16?) -> [Int] {
    ids.indices.dropFirst().filter { documents.contains($0) || ids[$0 - 1] == recordEnd }
  }

  private static func texts() -> [(ids: [UInt16], documents: [Int], recordEnd: UInt16?)] {
    var random = SteadyRandom(5)
    return (0..<60).flatMap { _ -> [(ids: [UInt16], documents: [Int], recordEnd: UInt16?)] in
      let ids = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        UInt16.random(in: 0...5, using: &random)
      }
      let documents = (1..<max(ids.count, 2)).filter { _ in Int.random(in: 0...4, using: &random) == 0 }
        .filter { $0 < ids.count }
      return [(ids, documents, nil), (ids, [], 0), (ids, documents, 0)]
    }
  }

  @Test func placesOfARangeAreThoseThatBegin() throws {
    for (ids, documents, recordEnd) in Self.texts() {
      let sequence = try IDSequence(ids)
      let beginnings = TextBeginnings(documents: documents, recordEnd: recordEnd.map(Int.init))
      let all = Self.reference(ids, documents: documents, recordEnd: recordEnd)
      for low in ids.indices {
        #expect(beginnings.begins(at: low, of: sequence) == all.contains(low))
        for high in low...ids.count {
          #expect(beginnings.places(in: low..<high, of: sequence) == all.filter { low <= $0 && $0 < high })
        }
      }
      #expect(!beginnings.begins(at: ids.count, of: sequence) && !beginnings.begins(at: -1, of: sequence))
      for place in 0...ids.count {
        #expect(
          beginnings.beginning(near: place, of: sequence) == all.last { $0 <= place } ?? all.first)
      }
    }
  }

  @Test func oneTextBeginsNowhereElse() throws {
    let ids = try IDSequence([0, 1, 0, 0, 2])
    #expect(TextBeginnings.none.isEmpty)
    #expect(TextBeginnings.none.places(in: 0..<5, of: ids) == [])
    #expect(TextBeginnings.none.beginning(near: 3, of: ids) == nil)
    #expect(!TextBeginnings(documents: [], recordEnd: 3).isEmpty)
    #expect(TextBeginnings(documents: [], recordEnd: 3).beginning(near: 3, of: ids) == nil)
  }
}
