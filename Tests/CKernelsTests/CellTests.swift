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

/// cell_forward and cell_backward, and those of coupled gates.
struct CellTests {
  private static let shapes: [(rows: Int, n: Int)] = edgeSizes.flatMap { n in [0, 1, 3, 4].map { ($0, n) } }

  /// One forward and one backward step on random operands.
  struct Step {
    let rows: Int
    let n: Int
    let gatesBefore: [Float]
    let cellBefore: [Float]
    let hiddenGradient: [Float]
    let cellGradientBefore: [Float]
    var gates: [Float]
    var cell: [Float]
    var hidden: [Float]
    var gateGradient: [Float]
    var cellGradient: [Float]

    init(_ level: Level, rows: Int, n: Int, within limit: Float, coupled: Bool, inPlace: Bool = false) {
      let kernels = level.kernels
      guard let forward = coupled ? kernels.coupled_forward : kernels.cell_forward,
        let backward = coupled ? kernels.coupled_backward : kernels.cell_backward
      else { preconditionFailure("no cells at level \(level)") }
      var random = TestRandom(seed: UInt64(1000 * rows + n))
      let guards = [Float](repeating: untouchable, count: 16)
      self.rows = rows
      self.n = n
      gatesBefore = random.floats(rows * 4 * n, within: limit)
      cellBefore = random.floats(rows * n, within: min(limit, 3))
      hiddenGradient = random.floats(rows * n)
      cellGradientBefore = random.floats(rows * n)
      var gates = gatesBefore + guards
      var cell = (inPlace ? cellBefore : [Float](repeating: untouchable, count: rows * n)) + guards
      var hidden = [Float](repeating: untouchable, count: rows * n + 16)
      if inPlace {
        cell.withUnsafeMutableBufferPointer { cell in
          forward(rows, n, &gates, cell.baseAddress, cell.baseAddress, &hidden)
        }
      } else {
        forward(rows, n, &gates, cellBefore, &cell, &hidden)
      }
      (self.gates, self.cell, self.hidden) = (gates, cell, hidden)
      gateGradient = gates
      cellGradient = cellGradientBefore + guards
      backward(rows, n, &gateGradient, cellBefore, cell, hiddenGradient, &cellGradient)
    }

    var results: [[Float]] { [gates, cell, hidden, gateGradient, cellGradient] }
  }

  @Test(arguments: Level.fast, [false, true])
  func areThePortableOnesToTheBit(_ level: Level, coupled: Bool) {
    inBothDenormalModes { _ in
      for (rows, n) in Self.shapes {
        // The larger range saturates the gates, down to denormal ones.
        for limit: Float in [3, 95] {
          let fast = Step(level, rows: rows, n: n, within: limit, coupled: coupled)
          let portable = Step(.portable, rows: rows, n: n, within: limit, coupled: coupled)
          for (index, (a, b)) in zip(fast.results, portable.results).enumerated() {
            #expect(sameBits(a, b), "result \(index), rows \(rows), n \(n), within \(limit)")
            #expect(a.suffix(16).allSatisfy(isUntouched), "result \(index), rows \(rows), n \(n)")
          }
        }
      }
    }
  }

  @Test(arguments: Level.all, [false, true])
  func theNewCellMayTakeThePlaceOfTheOldOne(_ level: Level, coupled: Bool) {
    for n in [1, 16, 17, 33] {
      let apart = Step(level, rows: 3, n: n, within: 2, coupled: coupled)
      let inPlace = Step(level, rows: 3, n: n, within: 2, coupled: coupled, inPlace: true)
      #expect(sameBits(apart.cell, inPlace.cell) && sameBits(apart.hidden, inPlace.hidden))
    }
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test(arguments: Level.all, [false, true])
  func forwardFollowsTheEquations(_ level: Level, coupled: Bool) {
    for (rows, n) in Self.shapes {
      let step = Step(level, rows: rows, n: n, within: 6, coupled: coupled)
      for row in 0..<rows {
        for unit in 0..<n {
          let a = (0..<4).map { Double(step.gatesBefore[row * 4 * n + $0 * n + unit]) }
          let (f, g, o) = (Self.sigmoid(a[1]), tanh(a[2]), Self.sigmoid(a[3]))
          let i = coupled ? 1 - f : Self.sigmoid(a[0])
          let c = f * Double(step.cellBefore[row * n + unit]) + i * g
          let h = o * tanh(c)
          for (gate, expected) in [i, f, g, o].enumerated() {
            #expect((Double(step.gates[row * 4 * n + gate * n + unit]) - expected).magnitude < 3e-7)
          }
          // |c before| <= 3: three errors of a gate, one of tanh and a rounding.
          #expect((Double(step.cell[row * n + unit]) - c).magnitude < 1e-6)
          #expect((Double(step.hidden[row * n + unit]) - h).magnitude < 1e-6)
        }
      }
    }
  }

  /// d(hiddenGradient · h + cellGradient · c) by central differences of the equations in double.
  @Test(arguments: Level.all, [false, true])
  func backwardIsTheGradientOfForward(_ level: Level, coupled: Bool) {
    func objective(_ a: [Double], _ before: Double, _ dh: Double, _ dc: Double) -> Double {
      let c = Self.sigmoid(a[1]) * before + Self.sigmoid(coupled ? -a[1] : a[0]) * tanh(a[2])
      return dh * Self.sigmoid(a[3]) * tanh(c) + dc * c
    }
    let h = 1e-6
    for (rows, n) in Self.shapes {
      let step = Step(level, rows: rows, n: n, within: 2, coupled: coupled)
      for row in 0..<rows {
        for unit in 0..<n {
          let place = row * n + unit
          let a = (0..<4).map { Double(step.gatesBefore[row * 4 * n + $0 * n + unit]) }
          let before = Double(step.cellBefore[place])
          let (dh, dc) = (Double(step.hiddenGradient[place]), Double(step.cellGradientBefore[place]))
          for gate in 0..<4 {
            var (up, down) = (a, a)
            up[gate] += h
            down[gate] -= h
            let slope = (objective(up, before, dh, dc) - objective(down, before, dh, dc)) / (2 * h)
            let found = Double(step.gateGradient[row * 4 * n + gate * n + unit])
            #expect((found - slope).magnitude < 2e-6, "gate \(gate), rows \(rows), n \(n)")
          }
          let slope = (objective(a, before + h, dh, dc) - objective(a, before - h, dh, dc)) / (2 * h)
          #expect((Double(step.cellGradient[place]) - slope).magnitude < 2e-6, "cell, rows \(rows), n \(n)")
        }
      }
    }
  }

  @Test(arguments: Level.all)
  func aNaNSpoilsItsOwnUnitOnly(_ level: Level) {
    for gate in 0..<4 {
      let n = 17
      var gates = [Float](repeating: 0.25, count: 4 * n)
      gates[gate * n + 16] = .nan
      let before = [Float](repeating: 1, count: n)
      var cell = before
      var hidden = before
      level.kernels.cell_forward(1, n, &gates, before, &cell, &hidden)
      #expect(hidden[16].isNaN)
      #expect(hidden[..<16].allSatisfy { $0.isFinite } && cell[..<16].allSatisfy { $0.isFinite })
    }
  }
}
