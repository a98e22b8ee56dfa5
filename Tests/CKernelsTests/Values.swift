// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Random numbers for tests: SplitMix64 (Steele, Lea, Flood 2014), so that a failure comes back with its
/// seed.
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// `count` floats in -limit ..< limit.
  mutating func floats(_ count: Int, within limit: Float = 1) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count { buffer[index] = (Float(next() >> 40) * 0x1p-23 - 1) * limit }
      initialized = count
    }
  }

  /// `count` ids below `bound`.
  mutating func ids(_ count: Int, below bound: Int) -> [UInt16] {
    (0..<count).map { _ in UInt16(Int(next() >> 33) % bound) }
  }

  mutating func pick<Element>(_ from: [Element]) -> Element { from[Int(next() >> 33) % from.count] }
}

/// A NaN that no computation makes: what memory holds that must be neither read nor written.
let untouchable = Float(bitPattern: 0x7FC0_BEEF)

func isUntouched(_ x: Float) -> Bool { x.bitPattern == untouchable.bitPattern }

/// A matrix with room between its rows and behind the last one, which must be neither read nor written.
struct SpacedRows {
  let width: Int
  let stride: Int
  var memory: [Float]
  private let count: Int

  /// The rows of `values`, each of `width` elements, `gap` elements apart.
  init(_ values: [Float], width: Int, gap: Int) {
    self.width = width
    stride = width + gap
    count = values.count
    memory = [Float](repeating: untouchable, count: (width == 0 ? 0 : count / width * stride) + 16)
    for (place, value) in zip(places, values) { memory[place] = value }
  }

  /// Where in `memory` the elements of the rows are.
  private var places: [Int] { (0..<count).map { $0 / width * stride + $0 % width } }

  /// The elements of all rows, behind each other.
  var values: [Float] { places.map { memory[$0] } }

  /// Whether all that is between the rows and behind them is as it was.
  var gapsAreUntouched: Bool {
    Set(memory.indices).subtracting(places).allSatisfy { isUntouched(memory[$0]) }
  }
}

/// Whether two arrays hold the same bits; any two NaN count as the same, since their payloads have no
/// meaning.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
  if a.count != b.count { return false }
  if a.isEmpty || memcmp(a, b, a.count * MemoryLayout<Float>.stride) == 0 { return true }
  return zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

/// The sizes at which loops over sixteen or thirty-two lanes begin, end and overflow.
let edgeSizes = [0, 1, 3, 15, 16, 17, 31, 32, 33, 63, 65, 127]

/// Runs `body` as a new thread would, with denormals kept, and then with denormals flushed to zero, as
/// every thread that computes does; puts the thread's own mode back.
///
/// A test cannot know the mode of the thread it is given: other tests' work may have changed it.
func inBothDenormalModes(_ body: (_ flushed: Bool) -> Void) {
  var environment = fenv_t()
  fegetenv(&environment)
  defer { fesetenv(&environment) }
  #if canImport(Darwin)
    var standard = _FE_DFL_ENV
    fesetenv(&standard)
  #else
    // FE_DFL_ENV, which is a cast and so not imported.
    fesetenv(UnsafePointer(bitPattern: -1))
  #endif
  body(false)
  ck_flush_denormals()
  body(true)
}

/// Bytes at an address that is a multiple of 64, as packed operands and scratch want it.
final class AlignedBytes {
  let pointer: UnsafeMutableRawPointer
  let count: Int

  /// `count` bytes, all 0xFF: NaN, read as floats.
  init(_ count: Int) {
    self.count = count
    pointer = .allocate(byteCount: max(count, 64), alignment: 64)
    memset(pointer, 0xFF, max(count, 64))
  }

  deinit { pointer.deallocate() }
}
