// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The ids of a text, in one byte each where that is enough and two otherwise, in memory or in a mapped file.
public final class IDSequence: @unchecked Sendable {
  // Unchecked because of the pointer: nothing writes through it once the sequence is made.

  /// How many ids there are.
  public let count: Int

  /// Bytes an id takes: 1 or 2, and then they are little-endian.
  let width: Int

  /// No id is above it: others may change a mapped file after its ids were checked.
  private let largest: UInt16

  private let start: UnsafeRawPointer?
  /// Keeps the memory that `start` is in; nil if it is this object's own, from `malloc`.
  private let owner: MappedFile?

  /// Takes over what has been gathered.
  init(taking buffer: consuming IDBuffer) {
    count = buffer.count
    width = buffer.width
    largest = .max
    owner = nil
    start = UnsafeRawPointer(buffer.release())
  }

  /// Ids of two bytes each in a file, all below `limit` when they were checked.
  ///
  /// One that is not below it any more is taken as the last one that is.
  init(_ file: MappedFile, below limit: Int) {
    largest = UInt16(clamping: limit - 1)
    count = file.bytes.count / 2
    width = 2
    owner = file
    start = file.bytes.baseAddress
  }

  /// The given ids.
  ///
  /// - Parameter ids: any ids; they are kept in one byte each if all are below 256.
  /// - Throws: `TextError.outOfMemory`.
  public convenience init(_ ids: [UInt16]) throws(TextError) {
    var buffer = IDBuffer()
    let outcome = ids.withUnsafeBufferPointer { ids in
      Result { () throws(TextError) in try buffer.append(ids) }
    }
    try outcome.get()
    self.init(taking: buffer)
  }

  deinit {
    if owner == nil { free(UnsafeMutableRawPointer(mutating: start)) }
  }

  /// What was wrong with the file that ids were read from, if they are in one: they are not the text's any more.
  public var failure: FileError? { owner?.failure }

  /// The id at `index`.
  public subscript(index: Int) -> Int {
    precondition(0 <= index && index < count, "no such place in the text")
    let start = start.unsafelyUnwrapped
    if width == 1 { return Int(start.load(fromByteOffset: index, as: UInt8.self)) }
    let id = UInt16(littleEndian: start.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    return Int(min(id, largest))
  }

  /// Copies ids.
  ///
  /// - Parameters:
  ///   - first: the index of the first one.
  ///   - count: how many.
  ///   - ids: takes them.
  public func copy(from first: Int, count: Int, to ids: UnsafeMutablePointer<UInt16>) {
    precondition(0 <= first && 0 <= count && count <= self.count - first, "no such places in the text")
    if count == 0 { return }
    let start = start.unsafelyUnwrapped + first * width
    if width == 1 {
      for index in 0..<count { ids[index] = UInt16(start.load(fromByteOffset: index, as: UInt8.self)) }
    } else {
      for index in 0..<count {
        let id = UInt16(littleEndian: start.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        ids[index] = min(id, largest)
      }
    }
  }

  /// Ids copied into an array.
  public func ids(in range: Range<Int>) -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: range.count) { ids, filled in
      if let first = ids.baseAddress { copy(from: range.lowerBound, count: range.count, to: first) }
      filled = range.count
    }
  }

  /// XXH64 over the ids as 16-bit little-endian numbers, however they are kept.
  ///
  /// Asking reads all of them.
  public var digest: UInt64 {
    var hash = XXH64()
    var index = 0
    while index < count {
      var block = ids(in: index..<min(index + 32_768, count))
      for place in block.indices { block[place] = block[place].littleEndian }
      block.withUnsafeBytes { hash.update($0) }
      index += block.count
    }
    return hash.finalize()
  }
}
