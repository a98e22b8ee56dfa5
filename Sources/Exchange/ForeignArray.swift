// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// A tensor as another program's file has it.
struct ForeignArray {
  /// What messages call it.
  let name: String
  /// Its dimensions, the outermost first.
  let shape: [Int]
  /// Its elements, the last dimension's side by side.
  let values: [Float]
}

/// How another program's file keeps a number.
enum NumberFormat: Equatable {
  case float16
  case bfloat16
  case float32
  case float64
  /// Unsigned whole numbers of one byte or two.
  case uint8
  case uint16

  /// The bytes of one number.
  var size: Int {
    switch self {
    case .uint8: 1
    case .float16, .bfloat16, .uint16: 2
    case .float32: 4
    case .float64: 8
    }
  }

  /// The numbers in `bytes`, which are a whole number of them, rounded to 32-bit floats where they have more digits.
  func values(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool = false) -> [Float] {
    let count = bytes.count / size
    precondition(bytes.count == count * size, "a part of a number")
    return [Float](unsafeUninitializedCapacity: count) { values, initializedCount in
      switch self {
      case .float32:
        for index in 0..<count {
          values.initializeElement(at: index, to: Float(bitPattern: bytes.bits(at: index, isBigEndian)))
        }
      case .float64:
        for index in 0..<count {
          values.initializeElement(
            at: index, to: Float(Double(bitPattern: bytes.bits(at: index, isBigEndian))))
        }
      case .float16:
        for index in 0..<count {
          values.initializeElement(at: index, to: Self.float(ofHalf: bytes.bits(at: index, isBigEndian)))
        }
      case .bfloat16:
        for index in 0..<count {
          let bits: UInt16 = bytes.bits(at: index, isBigEndian)
          values.initializeElement(at: index, to: Float(bitPattern: UInt32(bits) << 16))
        }
      case .uint16:
        for index in 0..<count {
          let bits: UInt16 = bytes.bits(at: index, isBigEndian)
          values.initializeElement(at: index, to: Float(bits))
        }
      case .uint8:
        for index in 0..<count { values.initializeElement(at: index, to: Float(bytes[index])) }
      }
      initializedCount = count
    }
  }

  /// The value of an IEEE 754 half-precision number.
  ///
  /// Not every platform has `Float16`.
  static func float(ofHalf bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0: return Float(sign: sign == 0 ? .plus : .minus, exponent: -24, significand: Float(fraction))
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The bits of element `index` of an array of these.
  fileprivate func bits<Bits: FixedWidthInteger>(at index: Int, _ isBigEndian: Bool) -> Bits {
    let bits = loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
    return isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
  }
}

/// The elements of a matrix [rows, columns] in the order of its transpose [columns, rows].
func transposed(_ source: UnsafeBufferPointer<Float>, rows: Int, columns: Int) -> [Float] {
  precondition(source.count == rows * columns, "a matrix of another size")
  return [Float](unsafeUninitializedCapacity: rows * columns) { target, count in
    // So many rows at a time that what is written side by side fills a cache line.
    for first in stride(from: 0, to: rows, by: 16) {
      for column in 0..<columns {
        for row in first..<min(first + 16, rows) {
          target.initializeElement(at: column * rows + row, to: source[row * columns + column])
        }
      }
    }
    count = rows * columns
  }
}

extension Configuration {
  /// The sizes of a network that another program's tensors tell.
  init(foreignSymbolCount: Int, layerSizes: [Int]) throws(ExchangeError.Problem) {
    do {
      self = try Configuration(symbolCount: foreignSymbolCount, layerSizes: layerSizes)
    } catch {
      throw .configuration(error)
    }
  }
}
