// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// A piece of a text to begin from, with what truly follows it.
public struct Excerpt: Equatable, Sendable {
  /// The piece.
  public let seed: [UInt16]
  /// The characters after it.
  public let continuation: [UInt16]

  /// A piece of `ids[range]` at a random place; shorter where the text is.
  public init(
    of ids: IDSequence, in range: Range<Int>, length: Int, continuation: Int,
    using random: inout PhiloxGenerator
  ) {
    let length = min(length, range.count)
    let start = range.lowerBound + random.below(range.count - length + 1)
    seed = ids.ids(in: start..<start + length)
    self.continuation = ids.ids(in: start + length..<min(start + length + continuation, range.upperBound))
  }
}

extension Excerpt {
  /// A given piece, with what follows its first occurrence in `ids`; with nothing where it does not occur.
  public init(finding seed: [UInt16], in ids: IDSequence, continuation: Int) {
    self.seed = seed
    let places = 0..<max(0, ids.count - seed.count + 1)
    let found = places.first { place in seed.indices.allSatisfy { ids[place + $0] == Int(seed[$0]) } }
    self.continuation =
      found.map { ids.ids(in: $0 + seed.count..<min($0 + seed.count + continuation, ids.count)) } ?? []
  }
}
