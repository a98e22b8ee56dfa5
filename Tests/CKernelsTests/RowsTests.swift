// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

/// gather and scatter_add.
struct RowsTests {
  private static let shapes: [(rows: Int, n: Int)] = edgeSizes.flatMap { n in
    [0, 1, 2, 5, 19].map { ($0, n) }
  }
  private static let symbols = 7

  /// Both results on the same random operands, whose rows are further apart than they are long.
  private static func results(_ level: Level, rows: Int, n: Int) -> [SpacedRows] {
    let operands = Operands(rows: rows, n: n)
    var table = SpacedRows(operands.table, width: n, gap: 5)
    var gathered = SpacedRows([Float](repeating: untouchable, count: rows * n), width: n, gap: 3)
    level.kernels.gather(
      rows, n, table.memory, table.stride, operands.ids, operands.bias, &gathered.memory, gathered.stride)
    let matrix = SpacedRows(operands.matrix, width: n, gap: 2)
    level.kernels.scatter_add(
      rows, n, matrix.memory, matrix.stride, operands.ids, &table.memory, table.stride)
    return [gathered, table]
  }

  private struct Operands {
    let table: [Float]
    let bias: [Float]
    let matrix: [Float]
    let ids: [UInt16]

    init(rows: Int, n: Int) {
      var random = TestRandom(seed: UInt64(1000 * rows + n))
      table = random.floats(RowsTests.symbols * n)
      bias = random.floats(n)
      matrix = random.floats(rows * n)
      ids = random.ids(rows, below: RowsTests.symbols)
    }
  }

  @Test(arguments: Level.fast)
  func areThePortableOnesToTheBit(_ level: Level) {
    for (rows, n) in Self.shapes {
      let fast = Self.results(level, rows: rows, n: n)
      let portable = Self.results(.portable, rows: rows, n: n)
      for (index, (a, b)) in zip(fast, portable).enumerated() {
        #expect(sameBits(a.values, b.values), "function \(index), rows \(rows), n \(n)")
        #expect(a.gapsAreUntouched, "function \(index), rows \(rows), n \(n)")
      }
    }
  }

  @Test func gatherTakesTheRowOfEachIDAndAddsTheBias() {
    for (rows, n) in Self.shapes {
      let operands = Operands(rows: rows, n: n)
      let gathered = Self.results(.portable, rows: rows, n: n)[0].values
      for (row, id) in operands.ids.enumerated() {
        for column in 0..<n {
          #expect(gathered[row * n + column] == operands.table[Int(id) * n + column] + operands.bias[column])
        }
      }
    }
  }

  @Test func scatterAddsRepeatedIDsOnceEach() {
    for (rows, n) in Self.shapes {
      let operands = Operands(rows: rows, n: n)
      let table = Self.results(.portable, rows: rows, n: n)[1].values
      for id in 0..<Self.symbols {
        for column in 0..<n {
          var expected = operands.table[id * n + column]
          for row in 0..<rows where operands.ids[row] == id { expected += operands.matrix[row * n + column] }
          #expect(table[id * n + column] == expected)
        }
      }
    }
  }

  @Test func gatherReachesTheLastOf65535Symbols() {
    let table = (0..<65_536).map { Float($0) }
    for level in Level.all {
      var out: [Float] = [0, 0, 0]
      level.kernels.gather(3, 1, table, 1, [65_535, 0, 32_768], [0.5], &out, 1)
      #expect(out == [65_535.5, 0.5, 32_768.5], "\(level.name)")
    }
  }
}
