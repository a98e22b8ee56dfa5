// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

/// adam, rmsprop, add and sum_of_squares: the loops over flat arrays.
struct OptimizersTests {
  private static let sizes = edgeSizes + [4095, 4096, 4097, 10_000]

  /// Arrays of one update, each followed by elements that may not be touched.
  private struct Arrays {
    var parameters: [Float]
    let gradients: [Float]
    var m: [Float]
    var v: [Float]

    init(_ n: Int) {
      var random = TestRandom(seed: UInt64(n))
      let guards = [Float](repeating: untouchable, count: 16)
      parameters = random.floats(n, within: 2) + guards
      // Gradients of all magnitudes, some zero.
      gradients = random.floats(n).map { $0.magnitude < 0.05 ? 0 : $0 * $0 * $0 * $0 * $0 * 10 }
      m = random.floats(n, within: 0.1) + guards
      v = random.floats(n, within: 0.1).map { $0 * $0 } + guards
    }

    var all: [[Float]] { [parameters, m, v] }
  }

  private static let optionSets: [ck_adam_options] = [
    ck_adam_options(
      rate: 0.01, beta1: 0.9, beta2: 0.999, left1: 0.1, left2: 0.001, epsilon: 1e-8, correction2: 1000,
      weight_decay: 0,
      gradient_scale: 1),
    ck_adam_options(
      rate: 0.003, beta1: 0, beta2: 0.99, left1: 1, left2: 0.01, epsilon: 1e-5, correction2: 1.25,
      weight_decay: 0,
      gradient_scale: 0.125),
    ck_adam_options(
      rate: 0.1, beta1: 0.5, beta2: 0.9, left1: 0.5, left2: 0.1, epsilon: 1e-7, correction2: 1,
      weight_decay: 0.01, gradient_scale: 3
    ),
  ]

  private static func adam(_ level: Level, _ n: Int, _ options: ck_adam_options) -> Arrays {
    var arrays = Arrays(n)
    var options = options
    level.kernels.adam(n, &arrays.parameters, arrays.gradients, &arrays.m, &arrays.v, &options)
    return arrays
  }

  private static func rmsprop(_ level: Level, _ n: Int, gradientScale: Float) -> Arrays {
    var arrays = Arrays(n)
    level.kernels.rmsprop(
      n, &arrays.parameters, arrays.gradients, &arrays.v, 0.01, 0.9, 0.1, 1e-7, gradientScale)
    return arrays
  }

  @Test(arguments: Level.fast)
  func anAverageIsThePortableOneToTheBit(_ level: Level) {
    for n in Self.sizes {
      let arrays = Arrays(n)
      var averages = arrays.m
      var expected = arrays.m
      level.kernels.average(n, arrays.gradients, 0.037, &averages)
      Level.portable.kernels.average(n, arrays.gradients, 0.037, &expected)
      #expect(averages.map(\.bitPattern) == expected.map(\.bitPattern), "size \(n)")
      #expect(averages[n...].allSatisfy { $0.bitPattern == untouchable.bitPattern })
    }
  }

  @Test(arguments: Level.fast)
  func areThePortableOnesToTheBit(_ level: Level) {
    inBothDenormalModes { _ in
      for n in Self.sizes {
        for options in Self.optionSets {
          let fast = Self.adam(level, n, options).all
          #expect(zip(fast, Self.adam(.portable, n, options).all).allSatisfy(sameBits), "adam, n \(n)")
          #expect(fast.allSatisfy { $0.suffix(16).allSatisfy(isUntouched) }, "adam, n \(n)")
        }
        let fast = Self.rmsprop(level, n, gradientScale: 0.5).all
        #expect(
          zip(fast, Self.rmsprop(.portable, n, gradientScale: 0.5).all).allSatisfy(sameBits),
          "rmsprop, n \(n)")
        #expect(fast.allSatisfy { $0.suffix(16).allSatisfy(isUntouched) }, "rmsprop, n \(n)")
        let arrays = Arrays(n)
        var (x, y) = (arrays.parameters, arrays.parameters)
        level.kernels.add([arrays.m, arrays.v, arrays.gradients], count: n, to: &x)
        Level.portable.kernels.add([arrays.m, arrays.v, arrays.gradients], count: n, to: &y)
        #expect(sameBits(x, y) && x.suffix(16).allSatisfy(isUntouched), "add, n \(n)")
        #expect(
          level.kernels.sum_of_squares(n, arrays.parameters).bitPattern
            == Level.portable.kernels.sum_of_squares(n, arrays.parameters).bitPattern,
          "sum of squares, n \(n)")
      }
    }
  }

  /// |found - expected| in parts of the larger of |expected| and `scale`.
  private static func error(_ found: Float, _ expected: Double, scale: Double = 0) -> Double {
    (Double(found) - expected).magnitude / max(expected.magnitude, scale, 1e-30)
  }

  @Test(arguments: Level.all)
  func adamFollowsKingmaAndBaWithDecoupledDecay(_ level: Level) {
    for options in Self.optionSets {
      let n = 999
      let before = Arrays(n)
      let after = Self.adam(level, n, options)
      let (beta1, beta2) = (Double(options.beta1), Double(options.beta2))
      let (left1, left2) = (Double(options.left1), Double(options.left2))
      for index in 0..<n {
        let g = Double(before.gradients[index]) * Double(options.gradient_scale)
        let m = beta1 * Double(before.m[index]) + left1 * g
        let v = beta2 * Double(before.v[index]) + left2 * g * g
        let decayed = Double(before.parameters[index]) * (1 - Double(options.weight_decay))
        let step =
          Double(options.rate) * m
          / ((v * Double(options.correction2)).squareRoot() + Double(options.epsilon))
        if beta1 > 0 {
          #expect(Self.error(after.m[index], m, scale: g.magnitude) < 5e-7)
        } else {
          #expect(after.m[index] == before.m[index], "a first moment that is not wanted was touched")
        }
        #expect(Self.error(after.v[index], v) < 5e-7)
        #expect(Self.error(after.parameters[index], decayed - step, scale: 0.1) < 1e-5)
      }
    }
  }

  @Test(arguments: Level.all)
  func withoutBeta1NoFirstMomentIsNeeded(_ level: Level) {
    let n = 37
    var options = Self.optionSets[1]
    var arrays = Arrays(n)
    level.kernels.adam(n, &arrays.parameters, arrays.gradients, nil, &arrays.v, &options)
    #expect(sameBits(arrays.parameters, Self.adam(level, n, options).parameters))
  }

  @Test(arguments: Level.all)
  func rmspropFollowsTensorFlowJS(_ level: Level) {
    let n = 999
    for gradientScale: Float in [1, 0.25] {
      let before = Arrays(n)
      let after = Self.rmsprop(level, n, gradientScale: gradientScale)
      for index in 0..<n {
        let g = Double(before.gradients[index]) * Double(gradientScale)
        let v = 0.9 * Double(before.v[index]) + 0.1 * g * g
        let p = Double(before.parameters[index]) - 0.01 * g / (v + 1e-7).squareRoot()
        #expect(Self.error(after.v[index], v) < 1e-6)
        #expect(Self.error(after.parameters[index], p, scale: 0.1) < 1e-6)
      }
    }
  }

  @Test(arguments: Level.all)
  func addAndSumOfSquaresAreRight(_ level: Level) {
    for n in Self.sizes {
      let arrays = Arrays(n)
      var x = arrays.parameters
      level.kernels.add([arrays.m, arrays.v], count: n, to: &x)
      #expect((0..<n).allSatisfy { x[$0] == arrays.parameters[$0] + arrays.m[$0] + arrays.v[$0] }, "n \(n)")
      let exact = arrays.parameters[..<n].reduce(0.0) { $0 + Double($1) * Double($1) }
      let found = level.kernels.sum_of_squares(n, arrays.parameters)
      // At most 256 roundings in a chain of fp32, all terms positive.
      #expect((found - exact).magnitude <= 260 * 0x1p-24 * exact, "n \(n)")
    }
    #expect(level.kernels.sum_of_squares(3, [1, .nan, 2]).isNaN)
  }

  @Test(arguments: Level.all)
  func anUpdateByNothingButNaNSpoilsItsOwnParameterOnly(_ level: Level) {
    let n = 20
    var options = Self.optionSets[0]
    var p = [Float](repeating: 1, count: n)
    var g = [Float](repeating: 0.5, count: n)
    var m = [Float](repeating: 0, count: n)
    var v = m
    g[17] = .nan
    level.kernels.adam(n, &p, g, &m, &v, &options)
    for index in 0..<n { #expect(p[index].isNaN == (index == 17)) }
  }
}
