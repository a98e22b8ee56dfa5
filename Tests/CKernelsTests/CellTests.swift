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

/// cell_forward and cell_backward, of gates that are coupled and of others.
struct CellTests {
  private static let shapes: [(rows: Int, n: Int)] = edgeSizes.flatMap { n in [0, 1, 3, 4].map { ($0, n) } }

  /// One forward and one backward step on random operands, whose rows are further apart than they are long.
  struct Step {
    let rows: Int
    let n: Int
    /// Where in a row of gates f, g and o begin, and i, which coupled gates do not have.
    let places: (i: Int?, f: Int, g: Int, o: Int)
    let gatesBefore: [Float]
    let cellBefore: [Float]
    let hiddenGradient: [Float]
    let cellGradientBefore: [Float]
    var gates: SpacedRows
    var cell: SpacedRows
    var hidden: SpacedRows
    var gateGradient: SpacedRows
    var cellGradient: SpacedRows

    init(_ level: Level, rows: Int, n: Int, within limit: Float, coupled: Bool, inPlace: Bool = false) {
      let kernels = level.kernels
      var random = TestRandom(seed: UInt64(1000 * rows + n))
      self.rows = rows
      self.n = n
      places = coupled ? (nil, 0, n, 2 * n) : (0, n, 2 * n, 3 * n)
      let width = places.o + n
      gatesBefore = random.floats(rows * width, within: limit)
      cellBefore = random.floats(rows * n, within: min(limit, 3))
      hiddenGradient = random.floats(rows * n)
      cellGradientBefore = random.floats(rows * n)

      func vectors(_ values: [Float]) -> SpacedRows { SpacedRows(values, width: n, gap: 3) }
      let nothing = [Float](repeating: untouchable, count: rows * n)
      let before = vectors(cellBefore)
      var gates = SpacedRows(gatesBefore, width: width, gap: 5)
      var cell = inPlace ? before : vectors(nothing)
      var hidden = vectors(nothing)
      let (gateStride, stride) = (gates.stride, cell.stride)
      if inPlace {
        cell.memory.withUnsafeMutableBufferPointer {
          kernels.cell_forward(
            coupled, rows, n, &gates.memory, gateStride, $0.baseAddress, $0.baseAddress, &hidden.memory,
            stride)
        }
      } else {
        kernels.cell_forward(
          coupled, rows, n, &gates.memory, gateStride, before.memory, &cell.memory, &hidden.memory, stride)
      }
      (self.gates, self.cell, self.hidden) = (gates, cell, hidden)
      gateGradient = gates
      cellGradient = vectors(cellGradientBefore)
      kernels.cell_backward(
        coupled, rows, n, &gateGradient.memory, gateStride, before.memory, cell.memory,
        vectors(hiddenGradient).memory, &cellGradient.memory, stride)
    }

    var results: [SpacedRows] { [gates, cell, hidden, gateGradient, cellGradient] }
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
            #expect(
              sameBits(a.values, b.values), "result \(index), rows \(rows), n \(n), within \(limit)")
            #expect(a.gapsAreUntouched, "result \(index), rows \(rows), n \(n)")
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
      #expect(sameBits(apart.cell.values, inPlace.cell.values))
      #expect(sameBits(apart.hidden.values, inPlace.hidden.values))
    }
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test(arguments: Level.all, [false, true])
  func forwardFollowsTheEquations(_ level: Level, coupled: Bool) {
    for (rows, n) in Self.shapes {
      let step = Step(level, rows: rows, n: n, within: 6, coupled: coupled)
      let (places, gates) = (step.places, step.gates.values)
      let (cell, hidden) = (step.cell.values, step.hidden.values)
      for row in 0..<rows {
        for unit in 0..<n {
          let first = row * step.gates.width + unit
          func before(_ gate: Int) -> Double { Double(step.gatesBefore[first + gate]) }
          let (f, g) = (Self.sigmoid(before(places.f)), tanh(before(places.g)))
          let o = Self.sigmoid(before(places.o))
          let i = places.i.map { Self.sigmoid(before($0)) } ?? 1 - f
          let c = f * Double(step.cellBefore[row * n + unit]) + i * g
          let h = o * tanh(c)
          for (gate, expected) in [(places.i, i), (places.f, f), (places.g, g), (places.o, o)] {
            guard let gate else { continue }
            #expect((Double(gates[first + gate]) - expected).magnitude < 3e-7)
          }
          // |c before| <= 3: three errors of a gate, one of tanh and a rounding.
          #expect((Double(cell[row * n + unit]) - c).magnitude < 1e-6)
          #expect((Double(hidden[row * n + unit]) - h).magnitude < 1e-6)
        }
      }
    }
  }

  /// d(hiddenGradient · h + cellGradient · c) by central differences of the equations in double.
  @Test(arguments: Level.all, [false, true])
  func backwardIsTheGradientOfForward(_ level: Level, coupled: Bool) {
    // The last three of the gates `a` are f, g and o.
    func objective(_ a: [Double], _ before: Double, _ dh: Double, _ dc: Double) -> Double {
      let (f, g, o) = (a[a.count - 3], a[a.count - 2], a[a.count - 1])
      let c = Self.sigmoid(f) * before + Self.sigmoid(coupled ? -f : a[0]) * tanh(g)
      return dh * Self.sigmoid(o) * tanh(c) + dc * c
    }
    let h = 1e-6
    for (rows, n) in Self.shapes {
      let step = Step(level, rows: rows, n: n, within: 2, coupled: coupled)
      let (gateGradient, cellGradient) = (step.gateGradient.values, step.cellGradient.values)
      for row in 0..<rows {
        for unit in 0..<n {
          let place = row * n + unit
          let first = row * step.gates.width + unit
          let a = stride(from: 0, to: step.gates.width, by: n).map { Double(step.gatesBefore[first + $0]) }
          let before = Double(step.cellBefore[place])
          let (dh, dc) = (Double(step.hiddenGradient[place]), Double(step.cellGradientBefore[place]))
          for gate in a.indices {
            var (up, down) = (a, a)
            up[gate] += h
            down[gate] -= h
            let slope = (objective(up, before, dh, dc) - objective(down, before, dh, dc)) / (2 * h)
            #expect(
              (Double(gateGradient[first + gate * n]) - slope).magnitude < 2e-6,
              "gate \(gate), rows \(rows), n \(n)")
          }
          let slope = (objective(a, before + h, dh, dc) - objective(a, before - h, dh, dc)) / (2 * h)
          #expect((Double(cellGradient[place]) - slope).magnitude < 2e-6, "cell, rows \(rows), n \(n)")
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
      level.kernels.cell_forward(false, 1, n, &gates, 4 * n, before, &cell, &hidden, n)
      #expect(hidden[16].isNaN)
      #expect(hidden[..<16].allSatisfy { $0.isFinite } && cell[..<16].allSatisfy { $0.isFinite })
    }
  }
}
