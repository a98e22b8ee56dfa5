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

/// exp, sigmoid and tanh, seen through the kernels that use them.
struct VectorsTests {
  /// The activated gates i, f, g, o and what else `cell_forward` makes of one row of pre-activations.
  struct Cell {
    var gates: [Float]
    var cell: [Float]
    var hidden: [Float]

    init(_ level: Level, gates: [Float], before: [Float]) {
      let n = before.count
      self.gates = gates
      cell = [Float](repeating: 0, count: n)
      hidden = cell
      level.kernels.cell_forward(false, 1, n, &self.gates, 4 * n, before, &cell, &hidden, n)
    }
  }

  /// σ and tanh of each x.
  private static func activations(_ level: Level, of x: [Float]) -> (sigmoid: [Float], tanh: [Float]) {
    let gates = Cell(level, gates: x + x + x + x, before: x).gates
    return (Array(gates[..<x.count]), Array(gates[2 * x.count..<3 * x.count]))
  }

  /// `count` numbers from -limit to limit at equal distances.
  private static func range(_ limit: Double, _ count: Int) -> [Float] {
    (0..<count).map { Float(limit * (2 * Double($0) / Double(count - 1) - 1)) }
  }

  /// Numbers of both signs at equal ratios, from tiny to large.
  private static func magnitudes(_ from: Double, _ to: Double, _ count: Int) -> [Float] {
    (0..<count).flatMap { index -> [Float] in
      let x = from * pow(to / from, Double(index) / Double(count - 1))
      return [Float(x), Float(-x)]
    }
  }

  private static let inputs =
    range(1, 20_001) + range(12, 20_001) + range(110, 20_001) + magnitudes(1e-42, 1e38, 4001)

  @Test(arguments: Level.all)
  func sigmoidIsRightToOneAndAHalfTenMillionths(_ level: Level) {
    var worst = 0.0
    for (x, y) in zip(Self.inputs, Self.activations(level, of: Self.inputs).sigmoid) {
      worst = max(worst, (Double(y) - 1 / (1 + exp(-Double(x)))).magnitude)
      #expect(y >= 0 && y <= 1, "at \(x)")
    }
    #expect(worst < 1.5e-7)
  }

  @Test(arguments: Level.all)
  func tanhIsRightToThreeTenMillionths(_ level: Level) {
    var worst = 0.0
    for (x, y) in zip(Self.inputs, Self.activations(level, of: Self.inputs).tanh) {
      worst = max(worst, (Double(y) - tanh(Double(x))).magnitude)
      #expect(y.magnitude <= 1, "at \(x)")
    }
    #expect(worst < 3e-7)
  }

  @Test(arguments: Level.all)
  func tanhIsOddAndKeepsItsDigitsNearZero(_ level: Level) {
    let small = Self.magnitudes(1e-30, 0.5, 4001)
    for (index, (x, y)) in zip(small, Self.activations(level, of: small).tanh).enumerated() {
      #expect((Double(y) / tanh(Double(x)) - 1).magnitude < 5e-7, "at \(x)")
      if index % 2 == 1 { #expect(y == -Self.activations(level, of: [small[index - 1]]).tanh[0]) }
    }
  }

  /// Softmax of a 0 and an x gives p(x) / p(0) = e^x, each p being rounded once more.
  @Test(arguments: Level.all)
  func expIsRightToAboutAUnitInTheLastPlace(_ level: Level) {
    var worst = 0.0
    var p: [Float] = [0, 0]
    for x in Self.range(43.3, 40_001).map({ $0 - 43.3 }) where x > -86 {
      level.kernels.softmax(2, [0, x], 1, &p)
      worst = max(worst, (Double(p[1]) / Double(p[0]) / exp(Double(x)) - 1).magnitude)
    }
    // The two products with the factor are rounded too, by half a unit each at most.
    #expect(worst < 1.25 * 0x1p-23)
  }

  @Test(arguments: Level.fast)
  func exponentialFunctionsAreThePortableOnesToTheBit(_ level: Level) {
    inBothDenormalModes { _ in
      let fast = Self.activations(level, of: Self.inputs)
      let portable = Self.activations(.portable, of: Self.inputs)
      #expect(sameBits(fast.sigmoid, portable.sigmoid))
      #expect(sameBits(fast.tanh, portable.tanh))
    }
  }

  @Test(arguments: Level.all)
  func limitsAreReachedAndNaNStaysNaN(_ level: Level) {
    let x: [Float] = [.infinity, -.infinity, .nan, 1e38, -1e38, 0, -0.0, .leastNonzeroMagnitude]
    let (sigmoid, tanh) = Self.activations(level, of: x)
    for index in [0, 3] {
      #expect((0...1.5e-7).contains(1 - sigmoid[index]) && (0...3e-7).contains(1 - tanh[index]))
    }
    for index in [1, 4] {
      #expect((0...1.5e-7).contains(sigmoid[index]) && (0...3e-7).contains(1 + tanh[index]))
    }
    #expect(sigmoid[2].isNaN && tanh[2].isNaN)
    for index in 5...7 { #expect(sigmoid[index] == 0.5 && tanh[index] == 0) }
  }
}
