// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

/// Products whose operands are rounded to bfloat16 are held against fp32 products of operands that were
/// rounded before.
struct BFloat16ProductsTests {
  /// x to the nearest number with eight bits of significand, ties to even.
  static func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }

  @Test func theTestsOwnRoundingIsToNearestEven() {
    #expect(Self.rounded(1) == 1)
    #expect(Self.rounded(-0x1.02p0) == -0x1.02p0)
    #expect(Self.rounded(0x1.01p0) == 1)  // a tie: down to the even one
    #expect(Self.rounded(0x1.03p0) == 0x1.04p0)  // a tie: up to the even one
    #expect(Self.rounded(0x1.0101p0) == 0x1.02p0)
    #expect(Self.rounded(0x1.fffp0) == 2)
  }

  @Test(.enabled(if: !ProductSet.bfloat16.isEmpty), arguments: ProductSet.bfloat16)
  func areTheProductsOfRoundedOperands(_ set: ProductSet) {
    var random = TestRandom(seed: 21)
    for shape in ProductShape.selection(120, using: &random) {
      for (transposedA, accumulate) in [(false, false), (false, true), (true, false), (true, true)] {
        var product = ProductCase(shape, transposedA: transposedA, accumulate: accumulate, using: &random)
        let result = transposedA ? product.multiplyTransposed(set) : product.multiply(set)
        #expect(product.leavesTheRestAlone(result), "\(shape)")
        product.a = product.a.map { isUntouched($0) ? $0 : Self.rounded($0) }
        product.b = product.b.map { isUntouched($0) ? $0 : Self.rounded($0) }
        if shape.m == 0 || shape.n == 0 { continue }
        for _ in 0..<12 {
          let i = random.pick(Array(0..<shape.m))
          let j = random.pick(Array(0..<shape.n))
          // Sums are fp32, in whatever order the instruction takes them.
          let (value, size) = product.exact(i, j, transposedA: transposedA)
          let error = (Double(result[i * product.ldc + j]) - value).magnitude
          #expect(error <= Double(shape.k + 2) * 0x1p-23 * size, "\(shape), transposed \(transposedA)")
        }
      }
    }
  }
}
