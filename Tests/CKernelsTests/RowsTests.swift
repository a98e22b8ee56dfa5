// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

/// scatter_add.
struct RowsTests {
  private static let shapes: [(rows: Int, n: Int)] = edgeSizes.flatMap { n in
    [0, 1, 2, 5, 19].map { ($0, n) }
  }
  private static let symbols = 7

  /// The table after random rows, which are further apart than they are long, have been added to it.
  private static func result(_ level: Level, rows: Int, n: Int) -> SpacedRows {
    let operands = Operands(rows: rows, n: n)
    var table = SpacedRows(operands.table, width: n, gap: 5)
    let matrix = SpacedRows(operands.matrix, width: n, gap: 2)
    level.kernels.scatter_add(
      rows, n, matrix.memory, matrix.stride, operands.ids, &table.memory, table.stride)
    return table
  }

  private struct Operands {
    let table: [Float]
    let matrix: [Float]
    let ids: [UInt16]

    init(rows: Int, n: Int) {
      var random = TestRandom(seed: UInt64(1000 * rows + n))
      table = random.floats(RowsTests.symbols * n)
      matrix = random.floats(rows * n)
      ids = random.ids(rows, below: RowsTests.symbols)
    }
  }

  @Test(arguments: Level.fast)
  func scatterIsThePortableOneToTheBit(_ level: Level) {
    for (rows, n) in Self.shapes {
      let fast = Self.result(level, rows: rows, n: n)
      #expect(sameBits(fast.values, Self.result(.portable, rows: rows, n: n).values), "rows \(rows), n \(n)")
      #expect(fast.gapsAreUntouched, "rows \(rows), n \(n)")
    }
  }

  @Test func scatterAddsRepeatedIDsOnceEach() {
    for (rows, n) in Self.shapes {
      let operands = Operands(rows: rows, n: n)
      let table = Self.result(.portable, rows: rows, n: n).values
      for id in 0..<Self.symbols {
        for column in 0..<n {
          var expected = operands.table[id * n + column]
          for row in 0..<rows where operands.ids[row] == id { expected += operands.matrix[row * n + column] }
          #expect(table[id * n + column] == expected)
        }
      }
    }
  }
}
