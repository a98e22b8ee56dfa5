// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The entropies of order 0 to 3 of a text of numbers that comes in pieces.
private func entropies(_ pieces: [[UInt16]], limit: Int = 1000) -> [Double?] {
  var counter = EntropyCounter(limit: limit)
  for piece in pieces { piece.withUnsafeBufferPointer { counter.add($0) } }
  return (0...3).map { counter.entropy(order: $0) }
}

/// The same by the formula as it is written, sequence by sequence.
private func naive(_ text: [UInt16], order: Int) -> Double {
  var followers: [[UInt16]: [UInt16: Double]] = [:]
  for index in order..<text.count {
    followers[Array(text[index - order..<index]), default: [:]][text[index], default: 0] += 1
  }
  var bits = 0.0
  for counts in followers.values {
    let total = counts.values.reduce(0, +)
    for count in counts.values { bits -= count * log2(count / total) }
  }
  return bits / Double(text.count - order)
}

@Suite struct EntropyCounterTests {
  @Test func entropiesAreThoseComputedByHand() throws {
    // abab: half a, half b; after the first symbol everything is certain.
    #expect(entropies([[0, 1, 0, 1]]) == [1, 0, 0, 0])
    // aabb: a is followed once by a and once by b, b by b: 2/3 of a bit a symbol.
    let order1 = try #require(entropies([[0, 0, 1, 1]])[1])
    #expect(abs(order1 - 2.0 / 3) < 1e-12)
    // Four symbols, each as frequent as the others: two bits.
    #expect(entropies([[0, 1, 2, 3]])[0] == 2)
    // aaab: 3/4 log2(4/3) + 1/4 log2(4).
    let order0 = try #require(entropies([[5, 5, 5, 9]])[0])
    #expect(abs(order0 - 0.811_278_124_459_132_8) < 1e-12)
  }

  @Test func entropiesAreThoseOfTheFormulaHoweverTheTextIsCut() throws {
    var random = SteadyRandom(9)
    for length in [4, 5, 17, 400] {
      let text = (0..<length).map { _ in UInt16.random(in: 0...3, using: &random) * 20_000 }
      let whole = entropies([text])
      for order in 0...3 {
        let entropy = try #require(whole[order])
        #expect(abs(entropy - naive(text, order: order)) < 1e-9)
      }
      #expect(entropies(text.map { [$0] }) == whole)
      #expect(entropies([Array(text.prefix(2)), [], Array(text.dropFirst(2))]) == whole)
    }
  }

  @Test func textsNotLongerThanTheOrderHaveNoEntropy() {
    #expect(entropies([]) == [nil, nil, nil, nil])
    #expect(entropies([[7]]) == [0, nil, nil, nil])
    #expect(entropies([[7, 7, 7]]) == [0, 0, 0, nil])
  }

  @Test func tooVariedTextsHaveOnlyTheLowerOrders() throws {
    var random = SteadyRandom(10)
    let text = (0..<2000).map { _ in UInt16.random(in: 0...9, using: &random) }
    let few = entropies([text], limit: 150)
    #expect(few[2] == nil && few[3] == nil)
    #expect(few[1] == entropies([text], limit: 100_000)[1])
  }
}
