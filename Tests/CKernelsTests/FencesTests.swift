// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

/// Every kernel at the edge of the memory it was given: a process of its own dies if one goes a byte too far.
struct FencesTests {
  private static let sizes = [1, 3, 15, 16, 17, 31, 33, 65]

  @Test(arguments: Level.all.map(\.name))
  func productsStayInsideTheirOperands(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      guard let level = Level(named: name) else { preconditionFailure("no \(name)") }
      for products in [level.kernels.fp32, level.kernels.halves, level.kernels.bf16?.pointee].compactMap({
        $0
      }) {
        for m in [1, 2, 3, 4, 5, 6, 7, 8, 9, 17] {
          for n in Self.sizes {
            for k in [1, 7, 17, 257] { Self.runProducts(products, m, n, k) }
          }
        }
      }
    }
  }

  private static func runProducts(_ products: ck_products, _ m: Int, _ n: Int, _ k: Int) {
    let a = FencedFloats([Float](repeating: 0.5, count: m * k))
    let b = FencedFloats([Float](repeating: 0.25, count: k * n))
    let c = FencedFloats([Float](repeating: 1, count: m * n))
    let bias = FencedFloats([Float](repeating: 1, count: n))
    let table = FencedFloats([Float](repeating: 1, count: 3 * n))
    let ids = (0..<m).map { UInt16($0 % 3) }
    let packed = FencedFloats(scratch: products.packed_size(k, n))
    let scratch = FencedFloats(scratch: 2 * ck_scratch_size(n))
    let second = FencedFloats([Float](repeating: 1, count: m * n))
    let sums = FencedFloats([Float](repeating: 1, count: m))
    for (rowStride, columnStride) in [(n, 1), (1, k)] {
      products.pack(k, n, b.pointer, rowStride, columnStride, into: packed.pointer)
      // From zeros, a bias, C itself, and rows of a table.
      for (start, chosen, bias) in [
        (nil, nil, nil), (nil, nil, bias.pointer), (c.pointer, nil, nil), (table.pointer, ids, bias.pointer),
      ] as [(UnsafeMutablePointer<Float>?, [UInt16]?, UnsafeMutablePointer<Float>?)] {
        (chosen ?? []).withUnsafeBufferPointer { chosen in
          // All rows behind a part of none, and in two parts.
          for first in [0, m / 2] {
            let parts = [(0, first), (first, m - first)].map { row, count in
              ck_rows(
                m: count, a: a.pointer + row * k,
                start: start.map { UnsafePointer($0) + (chosen.isEmpty ? row * n : 0) },
                ids: chosen.isEmpty ? nil : chosen.baseAddress! + row, c: c.pointer + row * n)
            }
            products.multiply(n, k, parts, parts.count, k, packed.pointer, n, bias, n)
          }
        }
      }
    }
    let wanted = [c, second].map {
      ck_transposed_product(n: n, b: b.pointer, ldb: n, c: $0.pointer, ldc: n)
    }
    for accumulate in [false, true] {
      products.multiply_transposed(
        m, k, a.pointer, m, wanted, wanted.count, sums.pointer, accumulate, scratch.pointer)
    }
  }

  @Test(arguments: Level.all.map(\.name))
  func everythingElseStaysInsideItsArrays(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      guard let level = Level(named: name) else { preconditionFailure("no \(name)") }
      for n in Self.sizes + [255, 256, 257, 4096, 4097] {
        Self.runRows(level.kernels, 3, n)
        Self.runFlat(level.kernels, n)
      }
    }
  }

  private static func runRows(_ kernels: ck_kernels, _ rows: Int, _ n: Int) {
    func floats(_ count: Int) -> FencedFloats { FencedFloats([Float](repeating: 0.5, count: count)) }
    let table = floats(4 * n)
    let matrix = floats(rows * n)
    let cell = floats(rows * n)
    let hidden = floats(rows * n)
    let before = floats(rows * n)
    let ids: [UInt16] = [0, 3, 1]
    let targets: [UInt16] = [0, UInt16(n - 1), UInt16(n / 2)]
    var losses = [Double](repeating: 0, count: rows)
    kernels.scatter_add(rows, n, matrix.pointer, n, ids, table.pointer, n)
    for coupled in [false, true] {
      let width = (coupled ? 3 : 4) * n
      let gates = floats(rows * width)
      kernels.cell_forward(
        coupled, rows, n, gates.pointer, width, before.pointer, cell.pointer, hidden.pointer, n)
      kernels.cell_backward(
        coupled, rows, n, gates.pointer, width, before.pointer, cell.pointer, hidden.pointer, matrix.pointer,
        n)
    }
    for scale: Float in [0, 0.5] { kernels.cross_entropy(rows, n, matrix.pointer, targets, scale, &losses) }
  }

  private static func runFlat(_ kernels: ck_kernels, _ n: Int) {
    func floats() -> FencedFloats { FencedFloats([Float](repeating: 0.5, count: n)) }
    let (x, y, m, v) = (floats(), floats(), floats(), floats())
    var options = ck_adam_options()
    options.beta1 = 0.9
    kernels.softmax(n, x.pointer, 1, y.pointer)
    kernels.add(n, [UnsafePointer(y.pointer), UnsafePointer(m.pointer)], 2, x.pointer)
    _ = kernels.sum_of_squares(n, x.pointer)
    kernels.adam(n, x.pointer, y.pointer, m.pointer, v.pointer, &options)
    kernels.rmsprop(n, x.pointer, y.pointer, v.pointer, 0.01, 0.9, 0.1, 1e-7, 1)
    kernels.dropout(n, x.pointer, y.pointer, 0.5, 1, 2)
    kernels.dropout_backward(n, y.pointer, 0.5, x.pointer)
  }

  @Test func theFenceStopsAReadBehindIt() async {
    await #expect(processExitsWith: .failure) {
      let fenced = FencedFloats([1, 2, 3])
      var random = TestRandom(seed: UInt64(fenced.count))
      // An index the compiler cannot know.
      let behind = 3 + Int(random.next() % 2)
      if fenced.pointer[behind] == 5 { print("read behind the fence") }
    }
  }
}
