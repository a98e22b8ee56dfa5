// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

struct DropoutTests {
  private static func mask(
    _ level: Level, _ n: Int, _ probability: Float, key: UInt64 = 1, stream: UInt64 = 2
  ) -> [Float] {
    var out = [Float](repeating: untouchable, count: n + 16)
    level.kernels.dropout(n, [Float](repeating: 1, count: n), &out, probability, key, stream)
    return out
  }

  @Test(arguments: Level.fast)
  func isThePortableOneToTheBit(_ level: Level) {
    for n in edgeSizes + [1000] {
      for probability: Float in [0, 0.1, 0.5, 0.9] {
        let fast = Self.mask(level, n, probability)
        #expect(sameBits(fast, Self.mask(.portable, n, probability)), "n \(n)")
        #expect(fast.suffix(16).allSatisfy(isUntouched), "n \(n)")
      }
    }
  }

  @Test(arguments: Level.all)
  func keepsTheExpectedFractionAndScalesItUp(_ level: Level) {
    let n = 200_000
    for probability: Float in [0.05, 0.2, 0.5, 0.75] {
      let mask = Self.mask(level, n, probability)[..<n]
      #expect(mask.allSatisfy { $0 == 0 || $0 == 1 / (1 - probability) })
      let dropped = Double(mask.count { $0 == 0 })
      let p = Double(probability)
      // Five standard deviations.
      #expect((dropped - p * Double(n)).magnitude < 5 * (p * (1 - p) * Double(n)).squareRoot(), "p \(p)")
    }
  }

  @Test(arguments: Level.all)
  func probabilityZeroCopies(_ level: Level) {
    var random = TestRandom(seed: 51)
    let x = random.floats(77)
    var out = [Float](repeating: untouchable, count: 77)
    level.kernels.dropout(77, x, &out, 0, 5, 6)
    #expect(sameBits(out, x))
  }

  @Test(arguments: Level.all)
  func theMaskDependsOnKeyStreamAndIndexOnly(_ level: Level) {
    let n = 203
    let mask = Self.mask(level, n, 0.3)[..<n]
    // Not on how many elements there are…
    for fewer in [0, 1, 7, 8, 9, 100] { #expect(Self.mask(level, fewer, 0.3)[..<fewer] == mask[..<fewer]) }
    // …nor on what they are, nor on whether they are changed in place.
    var random = TestRandom(seed: 52)
    let x = random.floats(n).map { $0 == 0 ? 1 : $0 }
    var out = x
    out.withUnsafeMutableBufferPointer { level.kernels.dropout(n, $0.baseAddress, $0.baseAddress, 0.3, 1, 2) }
    for index in 0..<n { #expect(out[index] == x[index] * mask[index]) }
    // Every bit of key and stream counts.
    for bit in 0..<64 {
      for (key, stream) in [(1 ^ (1 << bit), 2), (1, 2 ^ (1 << bit))] as [(UInt64, UInt64)] {
        let other = Self.mask(level, n, 0.3, key: key, stream: stream)[..<n]
        let agreement = zip(mask, other).count { $0 == $1 }
        // Independent masks agree in 0.3² + 0.7² = 58 % of the places, 117.7 with a deviation of 7.
        #expect((75...160).contains(agreement), "bit \(bit)")
      }
    }
  }

  @Test(arguments: Level.all)
  func droppedElementsAndNoOthersAreMinusZero(_ level: Level) {
    let mask = Self.mask(level, 300, 0.3)[..<300]
    // Products that vanish, and one that would be too small for a float, among them.
    for value: Float in [0, -0.0, 1, -1, -.leastNonzeroMagnitude, .infinity, .nan] {
      var out = [Float](repeating: untouchable, count: 300)
      level.kernels.dropout(300, [Float](repeating: value, count: 300), &out, 0.3, 1, 2)
      for (element, factor) in zip(out, mask) {
        #expect((element.bitPattern == 0x8000_0000) == (factor == 0), "\(value)")
      }
    }
  }

  @Test(arguments: Level.all)
  func theGradientGoesThroughTheSameMask(_ level: Level) {
    var random = TestRandom(seed: 53)
    for n in edgeSizes + [1000] {
      let mask = Self.mask(level, n, 0.3)
      let x = random.floats(n)
      var dropped = x
      level.kernels.dropout(n, x, &dropped, 0.3, 1, 2)
      let before = random.floats(n)
      var gradient = before + [untouchable]
      level.kernels.dropout_backward(n, dropped, 0.3, &gradient)
      for index in 0..<n { #expect(gradient[index] == before[index] * mask[index], "n \(n)") }
      #expect(isUntouched(gradient[n]), "n \(n)")
    }
  }

  /// A checkpoint is resumed by later versions too, so what a mask is made of may not change.
  @Test func eightElementsTakeAPhiloxBlockSixteenBitsEach() {
    let mask = Self.mask(.portable, 100, 0.4, key: 0x1234_5678_9ABC_DEF0, stream: 0xFEDC_BA98_7654_3210)
    for j in 0..<100 {
      var out: [UInt32] = [0, 0, 0, 0]
      ck_philox([UInt32(j / 8), 0, 0x7654_3210, 0xFEDC_BA98], [0x9ABC_DEF0, 0x1234_5678], &out)
      let draw = out[j % 8 / 2] >> (j % 2 == 0 ? 0 : 16) & 0xFFFF
      #expect((mask[j] == 0) == (Double(draw) < 0.4 * 65_536), "element \(j)")
    }
  }
}
