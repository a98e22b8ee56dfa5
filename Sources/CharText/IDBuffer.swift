// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Gathers ids, in one byte each until an id needs two.
///
/// It grows with `realloc`, which for large blocks moves pages instead of copying them.
struct IDBuffer: ~Copyable {
  /// How many ids there are.
  private(set) var count = 0
  /// Bytes an id takes, 1 or 2.
  private(set) var width = 1

  private var start: UnsafeMutableRawPointer?
  private var byteCapacity = 0

  init() {}

  deinit { free(start) }

  /// Gives up the memory, cut to size, for the caller to free.
  consuming func release() -> UnsafeMutableRawPointer? {
    let fitting = start.flatMap { realloc($0, max(count * width, 1)) } ?? start
    discard self
    return fitting
  }

  /// Adds ids at the end.
  ///
  /// - Throws: `TextError.outOfMemory`.
  mutating func append(_ ids: UnsafeBufferPointer<UInt16>) throws(TextError) {
    if ids.isEmpty { return }
    if width == 1, ids.reduce(0, { $0 | $1 }) > 0xFF { try widen() }
    try reserve((count + ids.count) * width)
    let end = start.unsafelyUnwrapped + count * width
    if width == 1 {
      let out = end.assumingMemoryBound(to: UInt8.self)
      for index in ids.indices { out[index] = UInt8(truncatingIfNeeded: ids[index]) }
    } else {
      let out = end.assumingMemoryBound(to: UInt16.self)
      for index in ids.indices { out[index] = ids[index].littleEndian }
    }
    count += ids.count
  }

  /// Adds ids at the end.
  ///
  /// - Throws: `TextError.outOfMemory`.
  mutating func append(_ ids: ArraySlice<UInt16>) throws(TextError) {
    try ids.withUnsafeBufferPointer { (ids) throws(TextError) in try append(ids) }
  }

  /// Gives every id a new number.
  ///
  /// - Parameter newIDs: the new number of each id.
  /// - Throws: `TextError.outOfMemory`.
  mutating func renumber(_ newIDs: [UInt16]) throws(TextError) {
    if width == 1, newIDs.count > 256 { try widen() }
    guard let start else { return }
    newIDs.withUnsafeBufferPointer { newIDs in
      if width == 1 {
        let ids = start.assumingMemoryBound(to: UInt8.self)
        for index in 0..<count { ids[index] = UInt8(truncatingIfNeeded: newIDs[Int(ids[index])]) }
      } else {
        let ids = start.assumingMemoryBound(to: UInt16.self)
        for index in 0..<count { ids[index] = newIDs[Int(UInt16(littleEndian: ids[index]))].littleEndian }
      }
    }
  }

  /// Goes over from one byte an id to two, in place.
  private mutating func widen() throws(TextError) {
    try reserve(2 * count)
    width = 2
    guard let start else { return }
    // From the end, so that no id is overwritten before it has been moved.
    for index in stride(from: count - 1, through: 0, by: -1) {
      let id = UInt16(start.load(fromByteOffset: index, as: UInt8.self))
      start.storeBytes(of: id.littleEndian, toByteOffset: 2 * index, as: UInt16.self)
    }
  }

  private mutating func reserve(_ byteCount: Int) throws(TextError) {
    if byteCount <= byteCapacity { return }
    let capacity = max(byteCount, 2 * byteCapacity, 65_536)
    guard let larger = realloc(start, capacity) else { throw .outOfMemory(byteCount: capacity) }
    start = larger
    byteCapacity = capacity
  }
}
