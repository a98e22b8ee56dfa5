// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

/// The kernels of one instruction set that this machine runs.
struct Level: CustomTestStringConvertible, @unchecked Sendable {
  // Unchecked because of the pointers in the table, which is constant.
  let name: String
  let kernels: ck_kernels

  var testDescription: String { name }

  init?(named name: String) {
    guard let table = ck_kernels_named(name) else { return nil }
    self.name = name
    kernels = table.pointee
  }

  /// The oracle.
  static var portable: Level { Level(named: "portable")! }

  /// Every level that runs here, the portable one among them.
  static var all: [Level] {
    var levels: [Level] = []
    var index = 0
    while let name = ck_level_name(index) {
      if let level = Level(named: String(cString: name)) { levels.append(level) }
      index += 1
    }
    return levels
  }

  /// The levels that are held against the portable one.
  static var fast: [Level] { all.filter { $0.name != "portable" } }
}

/// One level's products of one precision.
struct ProductSet: CustomTestStringConvertible, @unchecked Sendable {
  let name: String
  let products: ck_products

  var testDescription: String { name }

  static var portable: ProductSet { ProductSet(name: "portable", products: Level.portable.kernels.fp32) }

  /// The fp32 products of the levels that are held against the portable one.
  static var fast: [ProductSet] { Level.fast.map { ProductSet(name: $0.name, products: $0.kernels.fp32) } }

  /// The products of every level that rounds its operands to bfloat16.
  static var bfloat16: [ProductSet] {
    Level.all.compactMap { level in
      level.kernels.bf16.map { ProductSet(name: "\(level.name), bf16 products", products: $0.pointee) }
    }
  }

  /// The fp32 products of every level whose right operand has upper halves alone.
  static var halves: [ProductSet] {
    Level.all.map { ProductSet(name: "\($0.name), halves", products: $0.kernels.halves) }
  }

  /// The products of every level, precision and form.
  static var all: [ProductSet] { [portable] + fast + bfloat16 + halves }
}

extension ck_kernels {
  /// x += y for the first `count` elements of each of `arrays`, in their order; all of them where nothing is said.
  func add(_ arrays: [[Float]], count: Int? = nil, to x: inout [Float]) {
    let n = count ?? x.count
    let copies = arrays.map { array in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: n)
      copy.initialize(from: array, count: n)
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    add(n, copies.map { UnsafePointer($0) }, copies.count, &x)
  }
}

extension ck_products {
  /// Packs a [k, n] operand, all of it or some rows of some panels.
  func pack(
    _ k: Int, _ n: Int, _ b: UnsafePointer<Float>, _ rowStride: Int, _ columnStride: Int,
    into packed: UnsafeMutableRawPointer, rows: Range<Int>? = nil, panels: Range<Int>? = nil
  ) {
    let (rows, panels) = (rows ?? 0..<k, panels ?? 0..<ck_panel_count(n))
    pack(
      k, n, b, rowStride, columnStride, packed, ck_range(first: rows.lowerBound, end: rows.upperBound),
      ck_range(first: panels.lowerBound, end: panels.upperBound))
  }
}
