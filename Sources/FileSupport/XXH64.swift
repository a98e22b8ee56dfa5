// SPDX-License-Identifier: GPL-3.0-or-later

/// The XXH64 checksum of bytes that arrive in any pieces.
///
/// The algorithm is that of Yann Collet's specification, "xxHash fast digest algorithm", version 0.1.1. It
/// finds accidents, not forgeries.
public struct XXH64: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
  private static let stripeSize = 32

  private let seed: UInt64
  /// Each lane takes every fourth word, so that the four multiplications of a stripe overlap.
  private var lanes: (UInt64, UInt64, UInt64, UInt64)
  private var length: UInt64 = 0
  /// Bytes that do not fill a stripe yet, the first `pendingCount` of them.
  private var pending: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  private var pendingCount = 0

  /// Begins a checksum.
  public init(seed: UInt64 = 0) {
    self.seed = seed
    lanes = (seed &+ Self.prime1 &+ Self.prime2, seed &+ Self.prime2, seed, seed &- Self.prime1)
  }

  /// The checksum of `bytes`.
  public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var state = XXH64(seed: seed)
    state.update(bytes)
    return state.finalize()
  }

  /// The checksum of `bytes`.
  public static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBytes { hash($0, seed: seed) }
  }

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    length &+= UInt64(bytes.count)
    var offset = 0
    if pendingCount > 0 {
      offset = min(Self.stripeSize - pendingCount, bytes.count)
      keep(start, count: offset)
      if pendingCount < Self.stripeSize { return }
      withUnsafeBytes(of: pending) { stripe in
        if let base = stripe.baseAddress { consume(base, count: Self.stripeSize) }
      }
      pendingCount = 0
    }
    let whole = (bytes.count - offset) / Self.stripeSize * Self.stripeSize
    consume(start + offset, count: whole)
    offset += whole
    keep(start + offset, count: bytes.count - offset)
  }

  /// The checksum of all bytes added so far; more may be added afterwards.
  public func finalize() -> UInt64 {
    var hash: UInt64
    if length >= UInt64(Self.stripeSize) {
      hash =
        Self.rotate(lanes.0, 1) &+ Self.rotate(lanes.1, 7) &+ Self.rotate(lanes.2, 12)
        &+ Self.rotate(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    } else {
      hash = seed &+ Self.prime5
    }
    hash &+= length
    withUnsafeBytes(of: pending) { Self.mix(&hash, UnsafeRawBufferPointer(rebasing: $0[..<pendingCount])) }
    hash = (hash ^ (hash >> 33)) &* Self.prime2
    hash = (hash ^ (hash >> 29)) &* Self.prime3
    return hash ^ (hash >> 32)
  }

  /// Puts bytes behind those that wait for their stripe to be full.
  private mutating func keep(_ start: UnsafeRawPointer, count: Int) {
    let from = pendingCount
    withUnsafeMutableBytes(of: &pending) { stripe in
      for index in 0..<count { stripe[from + index] = start.load(fromByteOffset: index, as: UInt8.self) }
    }
    pendingCount += count
  }

  /// Runs whole stripes through the lanes; `count` is a multiple of 32.
  private mutating func consume(_ start: UnsafeRawPointer, count: Int) {
    var (first, second, third, fourth) = lanes
    var offset = 0
    while offset < count {
      let stripe = start + offset
      first = Self.round(first, Self.word(stripe, 0))
      second = Self.round(second, Self.word(stripe, 8))
      third = Self.round(third, Self.word(stripe, 16))
      fourth = Self.round(fourth, Self.word(stripe, 24))
      offset += Self.stripeSize
    }
    lanes = (first, second, third, fourth)
  }

  /// Mixes in the last bytes, fewer than a stripe: by eight, then by four, then one by one.
  private static func mix(_ hash: inout UInt64, _ tail: UnsafeRawBufferPointer) {
    var rest = tail[...]
    while rest.count >= 8 {
      let word = UInt64(littleEndian: UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt64.self))
      hash = rotate(hash ^ round(0, word), 27) &* prime1 &+ prime4
      rest = rest.dropFirst(8)
    }
    if rest.count >= 4 {
      let word = UInt32(littleEndian: UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt32.self))
      hash = rotate(hash ^ (UInt64(word) &* prime1), 23) &* prime2 &+ prime3
      rest = rest.dropFirst(4)
    }
    for byte in rest { hash = rotate(hash ^ (UInt64(byte) &* prime5), 11) &* prime1 }
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotate(lane &+ (word &* prime2), 31) &* prime1
  }

  @inline(__always)
  private static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    (value << count) | (value >> (64 - count))
  }
}
