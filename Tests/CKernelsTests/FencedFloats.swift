// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Floats that end where the readable memory ends and, for whole pages, begin where it begins: the page
/// behind them and the page before them may not be touched, so that a kernel that reads too far is killed by
/// the system.
final class FencedFloats {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let size: Int

  init(_ values: [Float]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = values.count * MemoryLayout<Float>.stride
    let pages = max(1, (bytes + page - 1) / page) * page
    size = pages + 2 * page
    guard
      let mapping = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
      mapping != MAP_FAILED,
      mprotect(mapping, page, PROT_NONE) == 0, mprotect(mapping + page + pages, page, PROT_NONE) == 0
    else { preconditionFailure("no memory for a fence: \(errno)") }
    self.mapping = mapping
    count = values.count
    let start = mapping + page + pages - bytes
    pointer = start.bindMemory(to: Float.self, capacity: max(values.count, 1))
    pointer.update(from: values, count: values.count)
  }

  /// `bytes` bytes that a kernel may use as it likes.
  convenience init(scratch bytes: Int) {
    self.init([Float](repeating: .nan, count: bytes / MemoryLayout<Float>.stride))
  }

  deinit { munmap(mapping, size) }

  var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
