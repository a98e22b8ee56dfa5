// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct DispatchTests {
  @Test func theBestLevelIsTheFirstThatRunsAndThePortableOneAlwaysDoes() {
    let best = ck_kernels_named(nil).map { String(cString: $0.pointee.name) }
    #expect(best == Level.all.first?.name)
    #expect(Level.all.last?.name == "portable")
    #expect(ck_kernels_named("pdp11") == nil)
    #expect(ck_kernels_named("") == nil)
    for level in Level.all { #expect(String(cString: level.kernels.name) == level.name) }
    #expect(ck_level_name(1000) == nil)
  }

  /// The vectors of `kat_vectors` in Random123, for philox4x32 with ten rounds.
  @Test func philoxGivesThePublishedNumbers() {
    let known: [(counter: [UInt32], key: [UInt32], out: [UInt32])] = [
      ([0, 0, 0, 0], [0, 0], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
      (
        [.max, .max, .max, .max], [.max, .max], [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
      ),
      (
        [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0],
        [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
      ),
    ]
    for (counter, key, expected) in known {
      var out = [UInt32](repeating: 0, count: 4)
      ck_philox(counter, key, &out)
      #expect(out == expected)
    }
  }

  @Test func logIsTheCLibrarysToTheFourteenthDigit() {
    var random = TestRandom(seed: 31)
    var inputs: [Double] = [.leastNormalMagnitude, .greatestFiniteMagnitude, 2, 0.5, 10, 1.4142135623730951]
    for _ in 0..<20_000 {
      // Every exponent, and the neighbourhood of 1, where the result is small and cancellation would show.
      let bits = random.next()
      inputs.append(Double(bitPattern: (bits & 0x000F_FFFF_FFFF_FFFF) | ((bits >> 53 % 2046 + 1) << 52)))
      inputs.append(1 + Double(Int64(bitPattern: random.next()) >> 11) * 0x1p-55)
      inputs.append(1 + Double(random.next() >> 40))
    }
    for offset in 1...60 { inputs += [1 + Double(offset) * 0x1p-52, 1 - Double(offset) * 0x1p-53] }
    var worst = 0.0
    for x in inputs {
      let error = (ck_log(x) - log(x)).magnitude / log(x).magnitude
      worst = max(worst, error)
      #expect(error <= 1e-14, "at \(x)")
    }
    #expect(ck_log(1) == 0)
  }

  @Test func flushingMakesDenormalsZeroOnTheThreadThatAsked() {
    /// x + y by a kernel, so that nothing is worked out by the compiler.
    func sum(_ x: Float, _ y: Float) -> Float {
      var sum = [x]
      Level.portable.kernels.add([[y]], to: &sum)
      return sum[0]
    }
    let smallest = Float.leastNormalMagnitude
    let denormal = Float.leastNonzeroMagnitude
    inBothDenormalModes { flushed in
      // A result that would be denormal, and operands that are; bits, since comparing flushes as well.
      #expect(sum(1.5 * smallest, -smallest).bitPattern == (flushed ? 0 : 0x0040_0000))
      #expect(sum(smallest, denormal).bitPattern == smallest.bitPattern + (flushed ? 0 : 1))
      #expect(sum(smallest, smallest) == 2 * smallest)
    }
  }
}
