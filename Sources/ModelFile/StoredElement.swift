// SPDX-License-Identifier: GPL-3.0-or-later

#if _endian(big)
  #error("a model file holds little-endian floats, which this code moves as they are")
#endif

/// An element of a tensor as it stands in a file, wherever it begins.
protocol StoredElement {
  /// The bytes of one element.
  static var size: Int { get }
  /// The element with this number of the tensor that begins at `start`.
  static func load(_ start: UnsafeRawPointer, _ index: Int) -> Float
}

/// F32: IEEE 754 single precision.
enum StoredFloat: StoredElement {
  static let size = 4

  @inline(__always)
  static func load(_ start: UnsafeRawPointer, _ index: Int) -> Float {
    start.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
  }
}

/// BF16: the upper half of an F32.
enum StoredBFloat: StoredElement {
  static let size = 2

  @inline(__always)
  static func load(_ start: UnsafeRawPointer, _ index: Int) -> Float {
    Float(bitPattern: UInt32(start.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)) << 16)
  }

  /// The upper half of the value nearest to a finite one that has nothing in its lower half; of two equally near
  /// ones, that whose last bit is 0.
  ///
  /// Beyond the largest such value this is infinity.
  @inline(__always)
  static func rounded(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }
}

extension StoredElement {
  /// Reads `count` elements in their order.
  static func copy(_ source: UnsafeRawPointer, count: Int, to target: UnsafeMutablePointer<Float>) {
    for index in 0..<count { target[index] = load(source, index) }
  }

  /// Reads [rows, columns] into [columns, rows].
  static func transpose(
    _ source: UnsafeRawPointer, rows: Int, columns: Int, to target: UnsafeMutablePointer<Float>
  ) {
    // So many rows at a time that what is written side by side fills a cache line.
    for first in stride(from: 0, to: rows, by: 16) {
      let end = min(first + 16, rows)
      for column in 0..<columns {
        for row in first..<end { target[column * rows + row] = load(source, row * columns + column) }
      }
    }
  }

  /// Adds `count` elements to those of `target`.
  static func add(_ source: UnsafeRawPointer, count: Int, to target: UnsafeMutablePointer<Float>) {
    for index in 0..<count {
      let value = load(source, index)
      // Adding zero would turn -0 into 0, and a model that is read and written again would change.
      if value != 0 { target[index] += value }
    }
  }
}

/// Whether no value is NaN or infinite.
package func areFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
  // Exponents that are all ones carry into the bit of the sign.
  var sums: UInt32 = 0
  for value in values { sums |= (value.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000 }
  return sums < 0x8000_0000
}
