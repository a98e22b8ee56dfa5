// SPDX-License-Identifier: GPL-3.0-or-later

/// A fixed number of floats in one allocation, aligned to 64 bytes.
///
/// The buffer is shared by reference and not synchronised: whoever hands one to several threads sees to it that no two
/// of them touch the same part at once. Neither `pointer` nor `elements` keeps the buffer alive.
public final class FloatBuffer: @unchecked Sendable {
  /// The number of floats.
  public let count: Int
  /// The first of them.
  public let pointer: UnsafeMutablePointer<Float>

  /// Allocates `count` zeros.
  public init(count: Int) {
    precondition(count >= 0, "a buffer cannot hold \(count) floats")
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  deinit {
    UnsafeMutableRawPointer(pointer).deallocate()
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
