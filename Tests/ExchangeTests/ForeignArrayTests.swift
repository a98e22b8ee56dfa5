// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Exchange

@Suite struct ForeignArrayTests {
  func values(_ format: NumberFormat, _ bytes: [UInt8], isBigEndian: Bool = false) -> [Float] {
    bytes.withUnsafeBytes { format.values($0, isBigEndian: isBigEndian) }
  }

  // IEEE 754-2008, binary16: 1 sign bit, 5 of exponent with bias 15, 10 of fraction.
  @Test(
    arguments: [
      (0x0000, 0.0), (0x3C00, 1.0), (0xC000, -2.0), (0x7BFF, 65504), (0x0400, 0x1p-14), (0x0001, 0x1p-24),
      (0x83FF, -0x1.FF8p-15), (0x3555, 0.333_251_953_125), (0x7C00, .infinity), (0xFC00, -.infinity),
    ] as [(UInt16, Float)])
  func halfPrecisionNumbersAreRead(bits: UInt16, value: Float) {
    #expect(NumberFormat.float(ofHalf: bits) == value)
    #expect(values(.float16, [UInt8(bits & 0xFF), UInt8(bits >> 8)]) == [value])
    #expect(values(.float16, [UInt8(bits >> 8), UInt8(bits & 0xFF)], isBigEndian: true) == [value])
  }

  @Test func halfPrecisionKeepsTheSignOfZeroAndNaN() {
    #expect(NumberFormat.float(ofHalf: 0x8000).bitPattern == 0x8000_0000)
    #expect(NumberFormat.float(ofHalf: 0x7E00).isNaN)
  }

  @Test func otherNumbersAreRead() {
    #expect(values(.float32, [0, 0, 0xC0, 0x3F, 0, 0, 0, 0x80]) == [1.5, 0])
    #expect(values(.float32, [0x3F, 0xC0, 0, 0], isBigEndian: true) == [1.5])
    #expect(values(.float64, [0, 0, 0, 0, 0, 0, 0xF8, 0xBF]) == [-1.5])
    #expect(values(.float64, [0x3F, 0xF8, 0, 0, 0, 0, 0, 0], isBigEndian: true) == [1.5])
    #expect(values(.bfloat16, [0xC0, 0xBF]) == [-1.5])
    #expect(values(.uint16, [0x02, 0x01]) == [258])
    #expect(values(.uint8, [0, 255]) == [0, 255])
    #expect(values(.float32, []) == [])
  }

  @Test func numbersNeedNotBeginAtAnEvenPlace() {
    let bytes: [UInt8] = [9, 0, 0, 0xC0, 0x3F]
    bytes.withUnsafeBytes {
      #expect(NumberFormat.float32.values(UnsafeRawBufferPointer(rebasing: $0[1...])) == [1.5])
    }
  }

  @Test func matricesAreTransposed() {
    for (rows, columns) in [(1, 1), (2, 3), (17, 5), (40, 33)] {
      let matrix = (0..<rows * columns).map(Float.init)
      let turned = matrix.withUnsafeBufferPointer { transposed($0, rows: rows, columns: columns) }
      for row in 0..<rows {
        for column in 0..<columns { #expect(turned[column * rows + row] == matrix[row * columns + column]) }
      }
    }
  }
}
