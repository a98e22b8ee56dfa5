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

  /// Allocates `count` zeros.
  ///
  /// Pages that are never touched never take memory: the system gives zeros on demand.
  public init(count: Int) {
    precondition(count >= 0, "a buffer cannot hold \(count) floats")
    self.count = count
    guard let allocation = calloc(count * MemoryLayout<Float>.stride + 64, 1) else {
      fatalError("no memory for \(count) floats")
    }
    self.allocation = allocation
    pointer = allocation.alignedUp(toMultipleOf: 64).bindMemory(to: Float.self, capacity: count)
  }

  deinit {
    free(allocation)
  }

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
