// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

/// A product's sizes: C [m, n] of operands that share k.
struct ProductShape: CustomStringConvertible {
  let m: Int
  let n: Int
  let k: Int

  var description: String { "m \(m), n \(n), k \(k)" }

  /// Sizes at the edges of tiles, all small row counts, and depths on both sides of a depth block of 256.
  static func selection(_ count: Int, using random: inout TestRandom) -> [ProductShape] {
    var shapes: [ProductShape] = []
    for m in 1...17 {
      let k = random.pick(edgeSizes)
      shapes.append(ProductShape(m: m, n: random.pick([1, 16, 33, 65, 127, 128, 160, 240]), k: k))
    }
    for k in [255, 256, 257, 300, 511, 512, 513, 600] {
      shapes.append(ProductShape(m: random.pick([1, 5, 7, 9, 17]), n: random.pick([1, 17, 32, 49]), k: k))
    }
    // More rows than a block of rows: 96 and 128 at the widest tiles.
    for m in [96, 97, 128, 129, 200] { shapes.append(ProductShape(m: m, n: random.pick([15, 33]), k: 17)) }
    while shapes.count < count {
      shapes.append(
        ProductShape(m: random.pick(edgeSizes), n: random.pick(edgeSizes), k: random.pick(edgeSizes)))
    }
    return shapes
  }
}

/// The operands of one product: matrices inside wider ones whose other elements may be neither read nor
/// written.
struct ProductCase {
  let shape: ProductShape
  let lda: Int
  let ldc: Int
  let accumulate: Bool
  /// A, [m, k], or [k, m] where it is used transposed.
  var a: [Float]
  /// B, [k, n], element (p, j) at `p * rowStride + j * columnStride`.
  var b: [Float]
  let rowStride: Int
  let columnStride: Int
  /// What C holds before the product.
  var c: [Float]

  init(_ shape: ProductShape, transposedA: Bool, accumulate: Bool, using random: inout TestRandom) {
    let (rowsA, columnsA) = transposedA ? (shape.k, shape.m) : (shape.m, shape.k)
    // A product with Aᵀ takes a plain B; one with a packed B takes any strides.
    let transposedB = !transposedA && random.next() % 2 == 0
    let (rowsB, columnsB) = transposedB ? (shape.n, shape.k) : (shape.k, shape.n)
    let ldb = columnsB + random.pick([0, 1, 5])
    self.shape = shape
    self.accumulate = accumulate
    lda = columnsA + random.pick([0, 1, 3])
    ldc = shape.n + random.pick([0, 1, 19])
    a = Self.matrix(rowsA, columnsA, lda, using: &random)
    b = Self.matrix(rowsB, columnsB, ldb, using: &random)
    rowStride = transposedB ? 1 : ldb
    columnStride = transposedB ? ldb : 1
    // Where nothing is accumulated, what C held must not matter.
    c =
      accumulate
      ? Self.matrix(shape.m, shape.n, ldc, using: &random)
      : [Float](repeating: untouchable, count: shape.m * ldc)
  }

  private static func matrix(_ rows: Int, _ columns: Int, _ width: Int, using random: inout TestRandom)
    -> [Float]
  {
    var elements = random.floats(rows * width)
    for row in 0..<rows where columns < width {
      for column in columns..<width { elements[row * width + column] = untouchable }
    }
    return elements
  }

  /// C = A B by one level.
  func multiply(_ set: ProductSet) -> [Float] {
    let packed = AlignedBytes(set.products.packed_size(shape.k, shape.n))
    set.products.pack(shape.k, shape.n, b, rowStride, columnStride, into: packed.pointer)
    var result = c
    result.withUnsafeMutableBufferPointer { c in
      let start = accumulate ? c.baseAddress.map { UnsafePointer($0) } : nil
      a.withUnsafeBufferPointer { a in
        let rows = ck_rows(m: shape.m, a: a.baseAddress, start: start, ids: nil, c: c.baseAddress)
        set.products.multiply(shape.n, shape.k, [rows], 1, lda, packed.pointer, ldc, nil, ldc)
      }
    }
    return result
  }

  /// C = Aᵀ B by one level.
  func multiplyTransposed(_ set: ProductSet) -> [Float] {
    multiplyTransposed(set, columns: [shape.n]).products[0]
  }

  /// What one level makes of A and each of the first so many columns of B, and of the sums of A's columns, which begin
  /// with what C's first column holds.
  func multiplyTransposed(_ set: ProductSet, columns: [Int]) -> (products: [[Float]], sums: [Float]) {
    let scratch = AlignedBytes(columns.reduce(64) { $0 + ck_scratch_size($1) })
    let size = c.count
    var results = Array(repeating: c, count: columns.count).flatMap { $0 }
    var sums = self.sums + [untouchable]
    results.withUnsafeMutableBufferPointer { results in
      b.withUnsafeBufferPointer { b in
        let wanted = columns.enumerated().map { index, n in
          ck_transposed_product(
            n: n, b: b.baseAddress, ldb: rowStride, c: results.baseAddress.map { $0 + index * size }, ldc: ldc
          )
        }
        set.products.multiply_transposed(
          shape.m, shape.k, a, lda, wanted, wanted.count, &sums, accumulate, scratch.pointer)
      }
    }
    return (columns.indices.map { Array(results[$0 * size..<($0 + 1) * size]) }, sums)
  }

  /// What sums of A's columns begin with: C's first column.
  var sums: [Float] { (0..<shape.m).map { shape.n > 0 ? c[$0 * ldc] : 0 } }

  /// Element (i, j) in double, and the sum of the absolute values of what it is the sum of.
  func exact(_ i: Int, _ j: Int, transposedA: Bool) -> (value: Double, size: Double) {
    var value = accumulate ? Double(c[i * ldc + j]) : 0
    var size = value.magnitude
    for p in 0..<shape.k {
      let left = a[transposedA ? p * lda + i : i * lda + p]
      let product = Double(left) * Double(b[p * rowStride + j * columnStride])
      value += product
      size += product.magnitude
    }
    return (value, size)
  }

  /// Whether all elements of `result` behind column n still hold what they held.
  func leavesTheRestAlone(_ result: [Float]) -> Bool {
    (0..<shape.m).allSatisfy { row in (shape.n..<ldc).allSatisfy { isUntouched(result[row * ldc + $0]) } }
  }
}

struct ProductsTests {
  private static let shapeCount = 240

  /// Calls `body` for every shape, with and without accumulation.
  private static func forEachCase(
    transposedA: Bool, seed: UInt64, _ body: (ProductCase, inout TestRandom) -> Void
  ) {
    var random = TestRandom(seed: seed)
    for shape in ProductShape.selection(shapeCount, using: &random) {
      for accumulate in [false, true] {
        body(ProductCase(shape, transposedA: transposedA, accumulate: accumulate, using: &random), &random)
      }
    }
  }

  @Test func portableProductsAreRightToTheRoundingOfAChain() {
    for transposedA in [false, true] {
      Self.forEachCase(transposedA: transposedA, seed: 1) { product, random in
        let result = transposedA ? product.multiplyTransposed(.portable) : product.multiply(.portable)
        #expect(product.leavesTheRestAlone(result), "\(product.shape)")
        if product.shape.m == 0 || product.shape.n == 0 { return }
        for _ in 0..<6 {
          let i = random.pick(Array(0..<product.shape.m))
          let j = random.pick(Array(0..<product.shape.n))
          let (value, size) = product.exact(i, j, transposedA: transposedA)
          // k roundings, each of at most half a unit of a partial sum no larger than `size` (Higham 2002, §
          // 3.1).
          let bound = Double(product.shape.k + 1) * 0x1p-24 * size
          let error = (Double(result[i * product.ldc + j]) - value).magnitude
          #expect(error <= bound, "\(product.shape), transposed \(transposedA), at \(i), \(j)")
        }
      }
    }
  }

  @Test(arguments: ProductSet.fast)
  func productsAreThePortableOnesToTheBit(_ set: ProductSet) {
    Self.forEachCase(transposedA: false, seed: 2) { product, _ in
      let result = product.multiply(set)
      #expect(
        sameBits(result, product.multiply(.portable)), "\(product.shape), accumulate \(product.accumulate)")
      #expect(product.leavesTheRestAlone(result), "\(product.shape)")
    }
  }

  @Test(arguments: ProductSet.halves)
  func halvesGiveTheBitsOfTheWholeFloats(_ set: ProductSet) {
    Self.forEachCase(transposedA: false, seed: 8) { product, _ in
      var product = product
      product.b = product.b.map { isUntouched($0) ? $0 : Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
      let result = product.multiply(set)
      #expect(
        sameBits(result, product.multiply(.portable)), "\(product.shape), accumulate \(product.accumulate)")
      #expect(product.leavesTheRestAlone(result), "\(product.shape)")
    }
  }

  @Test(arguments: ProductSet.fast)
  func productsWithATransposedOperandAreThePortableOnesToTheBit(_ set: ProductSet) {
    Self.forEachCase(transposedA: true, seed: 3) { product, _ in
      let result = product.multiplyTransposed(set)
      #expect(
        sameBits(result, product.multiplyTransposed(.portable)),
        "\(product.shape), accumulate \(product.accumulate)")
      #expect(product.leavesTheRestAlone(result), "\(product.shape)")
    }
  }

  @Test(arguments: ProductSet.all)
  func severalProductsWithATransposedOperandAreThoseOfEachAlone(_ set: ProductSet) {
    Self.forEachCase(transposedA: true, seed: 9) { product, _ in
      let columns = [product.shape.n, (product.shape.n + 1) / 2, product.shape.n]
      let together = product.multiplyTransposed(set, columns: columns)
      for (n, result) in zip(columns, together.products) {
        let alone = product.multiplyTransposed(set, columns: [n])
        #expect(sameBits(result, alone.products[0]), "\(product.shape), \(n) columns")
        #expect(sameBits(together.sums, alone.sums), "\(product.shape)")
      }
    }
  }

  @Test(arguments: ProductSet.all)
  func columnSumsAreSumsOverAscendingRows(_ set: ProductSet) {
    Self.forEachCase(transposedA: true, seed: 10) { product, _ in
      let sums = product.multiplyTransposed(set, columns: [product.shape.n]).sums
      for column in 0..<product.shape.m {
        var expected = product.accumulate ? product.sums[column] : 0
        for row in 0..<product.shape.k { expected += product.a[row * product.lda + column] }
        #expect(sums[column] == expected, "\(product.shape), column \(column)")
      }
      #expect(isUntouched(sums[product.shape.m]), "\(product.shape)")
    }
  }

  /// As many groups of `size` as there are in `count`, and one of what is left.
  private static func groups(of size: Int, in count: Int) -> [Int] {
    stride(from: 0, to: count, by: size).map { min(size, count - $0) }
  }

  @Test(arguments: ProductSet.all)
  func aRowsProductDoesNotDependOnTheRowsBesideIt(_ set: ProductSet) {
    var random = TestRandom(seed: 4)
    for shape in [
      ProductShape(m: 19, n: 65, k: 33), ProductShape(m: 131, n: 17, k: 300),
      ProductShape(m: 340, n: 49, k: 35),
    ] {
      let product = ProductCase(shape, transposedA: false, accumulate: true, using: &random)
      let packed = AlignedBytes(set.products.packed_size(shape.k, shape.n))
      set.products.pack(
        shape.k, shape.n, product.b, product.rowStride, product.columnStride, into: packed.pointer)
      let together = product.multiply(set)
      let groups = (Array(1...11) + [15, 16, 17, 31, 64, 65]).map { Self.groups(of: $0, in: shape.m) }
      // Where other parts go on, some end a few rows behind a whole block of tiles.
      let ends = [100, 102, 132, 135].filter { $0 < shape.m }.flatMap {
        [[$0, shape.m - $0], [shape.m - $0, $0]]
      }
      for group in groups + ends {
        var apart = product.c
        var inParts = product.c
        product.a.withUnsafeBufferPointer { a in
          func parts(_ c: UnsafeMutablePointer<Float>) -> [ck_rows] {
            var first = 0
            return group.map { count in
              defer { first += count }
              let to = c + first * product.ldc
              return ck_rows(m: count, a: a.baseAddress! + first * product.lda, start: to, ids: nil, c: to)
            }
          }
          func multiply(_ parts: [ck_rows]) {
            set.products.multiply(
              shape.n, shape.k, parts, parts.count, product.lda, packed.pointer, product.ldc, nil, product.ldc
            )
          }
          apart.withUnsafeMutableBufferPointer { c in
            for part in parts(c.baseAddress!) { multiply([part]) }
          }
          inParts.withUnsafeMutableBufferPointer { c in multiply(parts(c.baseAddress!)) }
        }
        #expect(sameBits(apart, together), "\(shape), one by one: \(group)")
        #expect(sameBits(inParts, together), "\(shape), together: \(group)")
      }
    }
  }

  /// What a product may begin with beside C itself.
  private struct Start {
    /// Which rows of the table; nil where they stand one after the other, or there are none.
    let ids: [UInt16]?
    let hasRows: Bool
    let hasBias: Bool
    let table: [Float]
    let stride: Int
    let bias: [Float]

    init(_ shape: ProductShape, choosing: Bool, hasRows: Bool, hasBias: Bool, using random: inout TestRandom)
    {
      self.hasRows = hasRows
      self.hasBias = hasBias
      let tableRows = choosing ? 5 : shape.m
      ids = choosing ? random.ids(shape.m, below: tableRows) : nil
      stride = shape.n + random.pick([0, 1, 16])
      table = random.floats(tableRows * stride)
      bias = random.floats(shape.n)
    }

    /// Element (i, j).
    func element(_ i: Int, _ j: Int) -> Float {
      if !hasRows { return hasBias ? bias[j] : 0 }
      let element = table[(ids.map { Int($0[i]) } ?? i) * stride + j]
      return hasBias ? element + bias[j] : element
    }
  }

  @Test(arguments: ProductSet.all)
  func aStartOfRowsIsWhatAddingToThemIs(_ set: ProductSet) {
    var random = TestRandom(seed: 6)
    let shapes =
      (1...17).map { ProductShape(m: $0, n: random.pick([1, 33, 65, 127]), k: random.pick([1, 7, 33])) }
      + [
        ProductShape(m: 19, n: 65, k: 0), ProductShape(m: 70, n: 31, k: 600),
        ProductShape(m: 131, n: 49, k: 130),
      ]
    let kinds = [(true, true, true), (true, true, false), (false, true, true), (false, false, true)]
    for shape in shapes {
      for (choosing, hasRows, hasBias) in kinds {
        let start = Start(shape, choosing: choosing, hasRows: hasRows, hasBias: hasBias, using: &random)
        var product = ProductCase(shape, transposedA: false, accumulate: true, using: &random)
        let packed = AlignedBytes(set.products.packed_size(shape.k, shape.n))
        set.products.pack(
          shape.k, shape.n, product.b, product.rowStride, product.columnStride, into: packed.pointer)
        let untouched = product.c.map { _ in untouchable }
        let inOne = Self.multiply(product, from: start, parts: [shape.m], set, packed, untouched)
        let inTwo = Self.multiply(
          product, from: start, parts: [shape.m / 3, shape.m - shape.m / 3], set, packed, untouched)
        for i in 0..<shape.m {
          for j in 0..<shape.n { product.c[i * product.ldc + j] = start.element(i, j) }
        }
        let expected = product.multiply(set)
        let what = "\(shape), chosen \(choosing), rows \(hasRows), bias \(hasBias)"
        for (result, parts) in [(inOne, 1), (inTwo, 2)] {
          let same = (0..<shape.m).allSatisfy { i in
            let row = i * product.ldc..<i * product.ldc + shape.n
            return sameBits(Array(result[row]), Array(expected[row]))
          }
          #expect(same, "\(what), \(parts) parts")
          #expect(product.leavesTheRestAlone(result), "\(what), \(parts) parts")
        }
      }
    }
  }

  /// The product from a start of its own, of parts of so many rows.
  private static func multiply(
    _ product: ProductCase, from start: Start, parts: [Int], _ set: ProductSet, _ packed: AlignedBytes,
    _ c: [Float]
  ) -> [Float] {
    var result = c
    result.withUnsafeMutableBufferPointer { c in
      product.a.withUnsafeBufferPointer { a in
        start.table.withUnsafeBufferPointer { table in
          (start.ids ?? []).withUnsafeBufferPointer { ids in
            var first = 0
            let rows = parts.map { count in
              defer { first += count }
              let begin = start.ids == nil ? first * start.stride : 0
              return ck_rows(
                m: count, a: a.baseAddress.map { $0 + first * product.lda },
                start: start.hasRows ? table.baseAddress! + begin : nil,
                ids: start.ids == nil ? nil : ids.baseAddress! + first,
                c: c.baseAddress! + first * product.ldc)
            }
            set.products.multiply(
              product.shape.n, product.shape.k, rows, rows.count, product.lda, packed.pointer, start.stride,
              start.hasBias ? start.bias : nil, product.ldc)
          }
        }
      }
    }
    return result
  }

  @Test func aStartReachesTheLastOf65535Symbols() {
    let table = (0..<65_536).map { Float($0) }
    let packed = AlignedBytes(64)
    for set in ProductSet.all {
      var c: [Float] = [0, 0, 0]
      c.withUnsafeMutableBufferPointer { c in
        table.withUnsafeBufferPointer { table in
          ([65_535, 0, 32_768] as [UInt16]).withUnsafeBufferPointer { ids in
            let rows = ck_rows(
              m: 3, a: nil, start: table.baseAddress, ids: ids.baseAddress, c: c.baseAddress)
            set.products.multiply(1, 0, [rows], 1, 0, packed.pointer, 1, [0.5], 1)
          }
        }
      }
      #expect(c == [65_535.5, 0.5, 32_768.5], "\(set.name)")
    }
  }

  @Test(arguments: ProductSet.all)
  func packingPartByPartIsPackingAtOnce(_ set: ProductSet) {
    var random = TestRandom(seed: 5)
    for (k, n) in [(1, 1), (3, 31), (8, 32), (9, 33), (17, 100), (2, 161), (32, 40), (75, 33), (127, 70)] {
      let b = random.floats(k * n)
      let size = set.products.packed_size(k, n)
      let panels = ck_panel_count(n)
      for (rowStride, columnStride) in [(n, 1), (1, k)] {
        let whole = AlignedBytes(size)
        let parts = AlignedBytes(size)
        set.products.pack(k, n, b, rowStride, columnStride, into: whole.pointer)
        for panel in (0..<panels).reversed() {
          for first in stride(from: 0, to: k, by: 32).reversed() {
            set.products.pack(
              k, n, b, rowStride, columnStride, into: parts.pointer, rows: first..<min(first + 32, k),
              panels: panel..<panel + 1)
          }
        }
        let same = UnsafeRawBufferPointer(start: whole.pointer, count: size)
          .elementsEqual(UnsafeRawBufferPointer(start: parts.pointer, count: size))
        #expect(same, "k \(k), n \(n), strides \(rowStride), \(columnStride)")
      }
    }
  }

  @Test func anEmptySumIsZeroOrWhatWasThere() {
    var random = TestRandom(seed: 6)
    for set in ProductSet.all {
      for m in [1, 7, 8, 9] {
        let shape = ProductShape(m: m, n: 33, k: 0)
        for accumulate in [false, true] {
          let plain = ProductCase(shape, transposedA: false, accumulate: accumulate, using: &random)
          let transposed = ProductCase(shape, transposedA: true, accumulate: accumulate, using: &random)
          for (product, result) in [
            (plain, plain.multiply(set)), (transposed, transposed.multiplyTransposed(set)),
          ] {
            for row in 0..<m {
              for column in 0..<33 {
                let place = row * product.ldc + column
                #expect(
                  result[place].bitPattern == (accumulate ? product.c[place].bitPattern : 0), "\(set.name)")
              }
            }
          }
        }
      }
    }
  }

  @Test func infinitiesAndNaNStayInTheirRowsAndColumns() {
    var random = TestRandom(seed: 7)
    for set in ProductSet.all {
      let shape = ProductShape(m: 9, n: 35, k: 18)
      var product = ProductCase(shape, transposedA: false, accumulate: false, using: &random)
      product.a[3 * product.lda + 5] = .nan
      product.b[7 * product.rowStride + 33 * product.columnStride] = .infinity
      let result = product.multiply(set)
      for row in 0..<9 {
        for column in 0..<35 {
          let value = result[row * product.ldc + column]
          #expect(value.isNaN == (row == 3), "\(set.name) at \(row), \(column)")
          #expect(value.isInfinite == (row != 3 && column == 33), "\(set.name) at \(row), \(column)")
        }
      }
    }
  }

  @Test(arguments: ProductSet.all)
  func thePeakCountsWhatItDoes(_ set: ProductSet) {
    var results: [Float] = []
    for start: Float in [0, 0.25, 1] {
      var sink = start
      let few = set.products.peak(10, &sink)
      #expect(few > 0 && sink.isFinite)
      results.append(sink)
      #expect(set.products.peak(1000, &sink) == 100 * few)
    }
    #expect(Set(results).count == 3, "the result does not depend on what went in")
  }
}
