// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// Random numbers counted rather than iterated: Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random
/// numbers: as easy as 1, 2, 3" (2011).
///
/// A number depends on the seed, the stream and its place in the stream, and on nothing else, so every record and every
/// use can have a stream of its own and no thread has to wait for another.
public struct PhiloxGenerator: RandomNumberGenerator, Equatable, Sendable {
  /// The key of all streams.
  public let seed: UInt64
  /// Which sequence of the seed.
  public let stream: UInt64
  /// How many 64-bit numbers were drawn; a new generator can begin there.
  public private(set) var position: UInt64

  private var block: (first: UInt64, second: UInt64) = (0, 0)

  /// The numbers of `stream` under `seed`, from number `position` on.
  public init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
    if !position.isMultiple(of: 2) { block = Self.block(seed: seed, stream: stream, index: position / 2) }
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    defer { position += 1 }
    guard position.isMultiple(of: 2) else { return block.second }
    block = Self.block(seed: seed, stream: stream, index: position / 2)
    return block.first
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number from -limit to limit.
  public mutating func uniform(within limit: Double) -> Float {
    Float((2 * uniform() - 1) * limit)
  }

  /// A whole number in 0 ..< bound by Lemire's multiplication, without bias.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "no number lies below \(bound)")
    let bound = UInt64(bound)
    while true {
      let (high, low) = bound.multipliedFullWidth(by: next())
      if low >= (0 &- bound) % bound { return Int(high) }
    }
  }

  /// A standard normal number by Marsaglia's polar method.
  public mutating func normal() -> Double {
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      if square > 0 && square < 1 { return x * (-2 * ck_log(square) / square).squareRoot() }
    }
  }

  /// Two generators are equal when they go on alike.
  public static func == (a: PhiloxGenerator, b: PhiloxGenerator) -> Bool {
    (a.seed, a.stream, a.position) == (b.seed, b.stream, b.position)
  }

  private static func block(seed: UInt64, stream: UInt64, index: UInt64) -> (UInt64, UInt64) {
    // Tuples, because arrays would be allocated for every other number.
    var counter = (low(index), high(index), low(stream), high(stream))
    var key = (low(seed), high(seed))
    var out: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    withUnsafeBytes(of: &counter) { counter in
      withUnsafeBytes(of: &key) { key in
        withUnsafeMutableBytes(of: &out) { out in
          ck_philox(words(counter), words(key), words(UnsafeRawBufferPointer(out)))
        }
      }
    }
    return (UInt64(out.0) | UInt64(out.1) << 32, UInt64(out.2) | UInt64(out.3) << 32)
  }

  private static func low(_ x: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: x) }
  private static func high(_ x: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: x >> 32) }

  /// The words of a tuple, which is never empty.
  private static func words(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt32> {
    let start = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt32.self)
    return UnsafeMutablePointer(mutating: start)
  }
}
