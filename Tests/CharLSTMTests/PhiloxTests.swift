// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import CharLSTM
import Testing

struct PhiloxTests {
  private static func numbers(_ generator: PhiloxGenerator, _ count: Int) -> [UInt64] {
    var generator = generator
    return (0..<count).map { _ in generator.next() }
  }

  /// Two 64-bit numbers a block, the block's number and the stream in the counter, the seed in the key.
  @Test func numbersAreTheBlocksOfPhilox4x32() {
    let (seed, stream): (UInt64, UInt64) = (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210)
    let found = Self.numbers(PhiloxGenerator(seed: seed, stream: stream), 10)
    for block in 0..<5 {
      var out: [UInt32] = [0, 0, 0, 0]
      ck_philox([UInt32(block), 0, 0x7654_3210, 0xFEDC_BA98], [0x89AB_CDEF, 0x0123_4567], &out)
      #expect(found[2 * block] == UInt64(out[1]) << 32 | UInt64(out[0]))
      #expect(found[2 * block + 1] == UInt64(out[3]) << 32 | UInt64(out[2]))
    }
    // The published vector for a counter and a key of zeros.
    #expect(Self.numbers(PhiloxGenerator(seed: 0), 2) == [0xE169_C58D_6627_E8D5, 0x9B00_DBD8_BC57_AC4C])
  }

  @Test func goingOnFromAPositionIsGoingOn() {
    let all = Self.numbers(PhiloxGenerator(seed: 3, stream: 4), 41)
    var generator = PhiloxGenerator(seed: 3, stream: 4)
    for position in 0...40 {
      #expect(generator.position == UInt64(position))
      let resumed = PhiloxGenerator(seed: 3, stream: 4, position: UInt64(position))
      #expect(resumed == generator)
      #expect(Self.numbers(resumed, 41 - position) == Array(all[position...]))
      _ = generator.next()
    }
    // Far out, where the block's number no longer fits into 32 bits.
    let far: UInt64 = 0x1_0000_0000 * 2 - 1
    let first = Self.numbers(PhiloxGenerator(seed: 3, stream: 4, position: far), 3)
    #expect(first[1...] == Self.numbers(PhiloxGenerator(seed: 3, stream: 4, position: far + 1), 2)[...])
    #expect(first[1] != all[0])
  }

  @Test func generatorsThatGoOnDifferentlyAreNotEqual() {
    let generator = PhiloxGenerator(seed: 3, stream: 4, position: 5)
    #expect(generator != PhiloxGenerator(seed: 2, stream: 4, position: 5))
    #expect(generator != PhiloxGenerator(seed: 3, stream: 5, position: 5))
    #expect(generator != PhiloxGenerator(seed: 3, stream: 4, position: 6))
  }

  @Test func everyBitOfSeedAndStreamGivesOtherNumbers() {
    var seen = Set(Self.numbers(PhiloxGenerator(seed: 0, stream: 0), 8))
    for bit in 0..<64 {
      seen.formUnion(Self.numbers(PhiloxGenerator(seed: 1 << bit, stream: 0), 8))
      seen.formUnion(Self.numbers(PhiloxGenerator(seed: 0, stream: 1 << bit), 8))
    }
    // 1032 numbers of 64 bits: two alike would be a one in 10¹³ chance.
    #expect(seen.count == 8 * 129)
  }

  @Test func streamsAreIndependentOfEachOther() {
    // Neighbouring streams, as records of a batch have them: about half of the bits differ, and products of
    // their uniform numbers have no mean.
    var differing = 0
    var correlation = 0.0
    let count = 4000
    for stream in 0..<8 as Range<UInt64> {
      var a = PhiloxGenerator(seed: 9, stream: stream)
      var b = PhiloxGenerator(seed: 9, stream: stream + 1)
      for _ in 0..<count / 8 {
        differing += (a.next() ^ b.next()).nonzeroBitCount
        correlation += (2 * a.uniform() - 1) * (2 * b.uniform() - 1)
      }
    }
    // Five standard deviations: √(64 · 4000) / 2 bits, and 1/3 for each product.
    #expect((Double(differing) - 32 * Double(count)).magnitude < 5 * (16 * Double(count)).squareRoot())
    #expect(correlation.magnitude < 5 * Double(count).squareRoot() / 3)
  }

  @Test func uniformNumbersLieInTheirRangeAndFillIt() {
    var generator = PhiloxGenerator(seed: 11)
    var (sum, squares) = (0.0, 0.0)
    var tenths = [Int](repeating: 0, count: 10)
    let count = 40_000
    for _ in 0..<count {
      let x = generator.uniform()
      #expect(x >= 0 && x < 1)
      // A multiple of 2⁻⁵³.
      #expect((x * 0x1p53).rounded() == x * 0x1p53)
      sum += x
      squares += x * x
      tenths[Int(10 * x)] += 1
      #expect(generator.uniform(within: 0.25).magnitude <= 0.25)
    }
    let n = Double(count)
    #expect((sum / n - 0.5).magnitude < 5 * (1 / 12 / n).squareRoot())
    #expect((squares / n - 1 / 3).magnitude < 5 * (4 / 45 / n).squareRoot())
    for tenth in tenths { #expect((Double(tenth) - n / 10).magnitude < 5 * (0.09 * n).squareRoot()) }
  }

  @Test func numbersBelowABoundAreEquallyLikely() {
    for bound in [1, 2, 3, 7, 10, 97] {
      var generator = PhiloxGenerator(seed: 12, stream: UInt64(bound))
      var counts = [Int](repeating: 0, count: bound)
      let n = 300 * bound
      for _ in 0..<n { counts[generator.below(bound)] += 1 }
      let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 300) * (Double($1) - 300) / 300 }
      // Mean bound - 1, variance 2 (bound - 1).
      #expect(chiSquare <= Double(bound - 1) + 6 * (2 * Double(bound - 1)).squareRoot(), "bound \(bound)")
    }
  }

  /// With a bound of 3 · 2⁶¹ the product alone would give the residues 0, 1 and 2 in the proportion 3 : 3 :
  /// 2.
  @Test func boundsThatDoNotDivideAPowerOfTwoHaveNoBias() {
    let bound = 3 << 61
    var generator = PhiloxGenerator(seed: 13)
    var counts = [0, 0, 0]
    let n = 6000
    for _ in 0..<n {
      let x = generator.below(bound)
      #expect(x >= 0 && x < bound)
      counts[x % 3] += 1
    }
    for count in counts { #expect((Double(count) - 2000).magnitude < 5 * (Double(n) * 2 / 9).squareRoot()) }
    // A quarter of the draws has to be thrown away for that.
    #expect(generator.position > UInt64(n) * 5 / 4)
  }

  @Test func normalNumbersHaveTheMomentsOfTheNormalDistribution() {
    var generator = PhiloxGenerator(seed: 14)
    let count = 40_000
    var moments = [0.0, 0.0, 0.0, 0.0]
    var beyondTwo = 0
    for _ in 0..<count {
      let x = generator.normal()
      for power in 0..<4 {
        moments[power] += (0...power).reduce(1) { product, _ in product * x } / Double(count)
      }
      if x.magnitude > 2 { beyondTwo += 1 }
    }
    // Variances of x, x², x³ and x⁴: 1, 2, 15 and 96.
    for (moment, (expected, variance)) in zip(moments, [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      #expect((moment - expected).magnitude < 5 * (variance / Double(count)).squareRoot())
    }
    #expect(
      (Double(beyondTwo) / Double(count) - 0.0455).magnitude < 5 * (0.0434 / Double(count)).squareRoot())
  }
}
