// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Training

/// Kneser-Ney by dictionaries, as the formula is written: probabilities of the held-out characters by order.
private func naive(_ training: [Int], _ heldOut: [Int], kinds: Int, beginning: Int?) -> [[Double]] {
  let depth = SortedContexts.depth
  let lead = [Int](repeating: -1, count: depth) + (beginning.map { [$0] } ?? [])
  let (training, heldOut) = (lead + training, lead + heldOut)
  typealias Tables = [[Int]: [Int: Int]]

  func discounts(_ tables: Tables) -> [Double] {
    let numbers = (1...4).map { count in
      Double(tables.values.reduce(0) { $0 + $1.values.filter { $0 == count }.count })
    }
    let share = numbers[0] / (numbers[0] + 2 * numbers[1])
    let values = [
      1 - 2 * share * numbers[1] / numbers[0], 2 - 3 * share * numbers[2] / numbers[1],
      3 - 4 * share * numbers[3] / numbers[2],
    ]
    let isUsable = values[0] > 0 && values[1] > 0 && values[2] > 0 && values[0] <= 1 && values[1] <= 2
    return isUsable && values[2] <= 3 ? values : [0.5, 1, 1.5]
  }
  func estimate(_ tables: Tables, _ place: Int, order: Int, lower: Double) -> Double {
    guard let table = tables[Array(heldOut[place - order..<place])] else { return lower }
    let taken = discounts(tables)
    let total = Double(table.values.reduce(0, +))
    let freed = table.values.reduce(0) { $0 + taken[min($1, 3) - 1] }
    let count = table[heldOut[place]] ?? 0
    return ((count > 0 ? Double(count) - taken[min(count, 3) - 1] : 0) + freed * lower) / total
  }

  let charged = lead.count..<heldOut.count
  var lower = charged.map { _ in 1 / Double(kinds) }
  return (0...depth).map { order in
    var counts: Tables = [:]
    var grams: Set<[Int]> = []
    for place in lead.count..<training.count {
      counts[Array(training[place - order..<place]), default: [:]][training[place], default: 0] += 1
      if order < depth { grams.insert(Array(training[place - order - 1...place])) }
    }
    var varieties: Tables = [:]
    for gram in grams {
      varieties[Array(gram.dropFirst().dropLast()), default: [:]][gram[order + 1], default: 0] += 1
    }
    let answer = charged.map {
      estimate(counts, $0, order: order, lower: lower[$0 - lead.count])
    }
    lower = charged.map { estimate(varieties, $0, order: order, lower: lower[$0 - lead.count]) }
    return answer
  }
}

private func probabilities(_ training: [Int], _ heldOut: [Int], kinds: Int, beginning: Int?) -> [[Double]] {
  let contexts = SortedContexts(
    training: training.map { UInt16($0) }, heldOut: heldOut.map { UInt16($0) }, symbolCount: kinds,
    beginning: beginning)
  var model = KneserNey(contexts, symbolCount: kinds)
  return (0...SortedContexts.depth).map { _ in model.next() }
}

/// Characters that are not equally frequent and depend a little on the one before.
private func text(_ count: Int, kinds: Int, seed: UInt64) -> [Int] {
  var random = PhiloxGenerator(seed: seed)
  var last = 0
  return (0..<count).map { _ in
    last = random.below(3) == 0 ? (last + 1) % kinds : random.below(1 + random.below(kinds))
    return last
  }
}

/// What Tests/Reference/ngrams.py makes with `--made`.
private func madeText() -> String {
  let words = ["the ", "cat ", "sat ", "on ", "a ", "mat.\n", "dog "]
  var state = 1
  var text = ""
  while text.utf8.count < 3000 {
    state = state * 16807 % 2_147_483_647
    text += words[state / 7 % 7]
  }
  return String(text.prefix(3000))
}

private func split(_ text: String, heldOut: Double = 0.1) throws -> TextSplit {
  let scalars = Set(text.unicodeScalars.map(\.value)).sorted()
  let charset = try Charset(
    unit: .scalar, symbols: scalars.map { Symbol(scalar: $0) }, hasUnknown: false, counts: nil)
  let ids = text.unicodeScalars.map { UInt16(scalars.firstIndex(of: $0.value)!) }
  let sequence = try IDSequence(ids)
  let learned = ids.count - Int(Double(ids.count) * heldOut)
  return TextSplit(
    charset: charset, trainingIDs: sequence, training: 0..<learned, heldOutIDs: sequence,
    heldOut: learned..<ids.count)
}

@Suite struct NGramBaselinesTests {
  @Test(arguments: [(1, 3), (2, 9), (3, 40), (5, 300), (7, 900), (40, 1500)], [true, false])
  func everyProbabilityIsThatOfDictionaries(size: (kinds: Int, count: Int), hasNewline: Bool) {
    let training = text(size.count, kinds: size.kinds, seed: 1)
    let heldOut = text(size.count / 3, kinds: size.kinds, seed: 2)
    let beginning = hasNewline ? size.kinds - 1 : nil
    let expected = naive(training, heldOut, kinds: size.kinds, beginning: beginning)
    let found = probabilities(training, heldOut, kinds: size.kinds, beginning: beginning)
    for (order, (expected, found)) in zip(expected, found).enumerated() {
      #expect(expected.count == heldOut.count && found.count == heldOut.count)
      for (expected, found) in zip(expected, found) {
        #expect(abs(expected - found) < 1e-12, "order \(order)")
      }
    }
  }

  @Test func theProbabilitiesOfAllCharactersAddUpToOne() {
    let kinds = 9
    let training = text(700, kinds: kinds - 1, seed: 3)
    // One context that is known, one that is not, and characters that never come: the last.
    for context in [Array(training[100..<110]), [8, 8, 8, 0, 1, 2, 3, 4, 5]] {
      let all = (0..<kinds).map { probabilities(training, context + [$0], kinds: kinds, beginning: 3) }
      for order in 0...SortedContexts.depth {
        let last = all.map { $0[order].last ?? 0 }
        #expect(abs(last.reduce(0, +) - 1) < 1e-12)
        #expect(last.allSatisfy { $0 > 0 })
      }
    }
  }

  @Test func withoutContextACharacterCostsWhatItsFrequencySays() throws {
    // Six times a, four times b, and a c that is only held out. Each that was seen gives up 1.5 of its count.
    let split = try split("aaaaaabbbb" + "abc", heldOut: 0.25)
    #expect(split.heldOut.count == 3)
    func cost(_ kept: Double) -> Double {
      // Twice 1.5 of ten counts are for all three alike.
      let probability: Double = kept / 10 + 0.3 / 3
      return -logarithm(probability)
    }
    let expected: Double = (cost(4.5) + cost(2.5) + cost(0)) / 3
    let found = try #require(NGramBaselines.costs(split, orders: [0])?[0])
    #expect(abs(found - expected) < 1e-12)
  }

  @Test func theFiguresAreThoseOfTheReference() throws {
    let costs = try #require(NGramBaselines.costs(split(madeText()), orders: Array(0...6)))
    let reference = [
      2.316508615, 0.864782340, 0.627740852, 0.559486804, 0.564015612, 0.569973665, 0.568574362,
    ]
    for (order, nats) in reference.enumerated() {
      #expect(abs(try #require(costs[order]) - nats) < 1e-8, "order \(order)")
    }
  }

  @Test func textOfAnotherKindIsHarderAndTextOfTheSameKindIsNot() throws {
    let text = madeText()
    let other = String(text.dropLast(300)) + String(repeating: "god a tam ", count: 30)
    #expect(abs(try #require(NGramBaselines.hardness(split(text)))) < 0.1)
    #expect(try #require(NGramBaselines.hardness(split(other))) > 0.5)
    #expect(NGramBaselines.hardness(try split("abc", heldOut: 0.4)) == nil)
  }

  @Test func thereIsNoneForNothing() throws {
    #expect(NGramBaselines.costs(try split("abc", heldOut: 0)) == nil)
    #expect(NGramBaselines.costs(try split("abc", heldOut: 1)) == nil)
    #expect(NGramBaselines.costs(try split("abcd", heldOut: 0.5)) != nil)
    #expect(NGramBaselines.costs(try split("abcd", heldOut: 0.5), shouldStop: { true }) == nil)
  }
}

/// ln x of its series, so that the test has nothing in common with what it tests.
private func logarithm(_ x: Double) -> Double {
  // x = 1 / y; ln x = -2 artanh((y - 1) / (y + 1)).
  let z: Double = (1 / x - 1) / (1 / x + 1)
  var sum = 0.0
  var power = z
  for n in stride(from: 1.0, to: 400, by: 2) {
    sum += power / n
    power *= z * z
  }
  return -2 * sum
}
