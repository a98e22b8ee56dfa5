// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What has arrived of an input that cannot be mapped.
///
/// Memory is taken for what has arrived, never for what is promised.
final class ReceivedBytes {
  private let input: InputReader
  private var start: UnsafeMutableRawPointer?
  private var count = 0
  private var capacity = 0

  init(_ input: InputReader) {
    self.input = input
  }

  deinit {
    free(start)
  }

  /// The bytes so far; they move when more are received.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// Receives until there are so many bytes, or a block more, or the input ends.
  ///
  /// - Throws: `FileError` with the operation `read`.
  func receive(atLeast target: Int) throws(FileError) {
    while count < target, let block = try input.nextBlock() {
      if block.count > capacity - count {
        let enough = max(count + block.count, 2 * capacity)
        // Growing in place where the system can, which moves pages and copies nothing.
        guard let larger = realloc(start, enough) else { throw FileError(input.name, .read, code: ENOMEM) }
        start = larger
        capacity = enough
      }
      if let start, let source = block.baseAddress {
        (start + count).copyMemory(from: source, byteCount: block.count)
      }
      count += block.count
    }
  }
}

/// What a path leads to.
enum FileKind {
  /// Whether there is a regular file at `path`.
  static func isRegular(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
  }
}
