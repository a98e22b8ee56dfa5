// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A fixed number of floats in one allocation, aligned to 64 bytes.
///
/// The buffer is shared by reference and not synchronised: whoever hands one to several threads sees to it that no two
/// of them touch the same part at once. Neither `pointer` nor `elements` keeps the buffer alive.
public final class FloatBuffer: @unchecked Sendable {
  /// The number of floats.
  public let count: Int
  /// The first of them.
  public let pointer: UnsafeMutablePointer<Float>

  private let allocation: UnsafeMutableRawPointer
  /// The bytes that were asked of the system itself; nil of a smaller buffer.
  private let mappedSize: Int?

  /// From so many bytes on a buffer has pages of its own.
  private static let smallestMapping = 1 << 15

  /// Allocates `count` zeros.
  ///
  /// Pages that are never touched never take memory: the system gives zeros on demand. The C library would make some of
  /// them itself, by touching all.
  ///
  /// - Parameter atOnce: whether all will be written soon; then the system gives all pages together, in half the time.
  public init(count: Int, atOnce: Bool = false) {
    precondition(count >= 0, "a buffer cannot hold \(count) floats")
    self.count = count
    let size = count * MemoryLayout<Float>.stride
    mappedSize = size >= Self.smallestMapping ? size : nil
    var mapping = MAP_PRIVATE | MAP_ANON
    #if os(Linux)
      if atOnce { mapping |= MAP_POPULATE }
    #endif
    let memory =
      mappedSize == nil ? calloc(size + 64, 1) : mmap(nil, size, PROT_READ | PROT_WRITE, mapping, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("no memory for \(count) floats") }
    allocation = memory
    pointer = memory.alignedUp(toMultipleOf: 64).bindMemory(to: Float.self, capacity: count)
  }

  deinit {
    if let mappedSize {
      munmap(allocation, mappedSize)
    } else {
      free(allocation)
    }
  }

  /// `count`, or the next number that fills whole cache lines: rows so far apart all begin where a line does.
  static func wholeLines(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// Sets every element to zero.
  public func clear() {
    pointer.update(repeating: 0, count: count)
  }

  /// Takes over the elements of a buffer of the same size.
  public func copy(from other: FloatBuffer) {
    precondition(other.count == count, "buffers of \(other.count) and \(count) floats")
    pointer.update(from: other.pointer, count: count)
  }

  /// A view of the elements.
  public var elements: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
