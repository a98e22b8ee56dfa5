// SPDX-License-Identifier: GPL-3.0-or-later
import Synchronization

/// Chunks for whoever works at the moment: as many as threads want at a time, however much there is to do, for
/// activations are most of the memory that computing takes, and what one piece of work has left in the caches is of use
/// to the next.
package final class ChunkPool: Sendable {
  private let make: @Sendable () -> Chunk
  private let idle = Mutex<[Chunk]>([])

  /// A pool of chunks as `make` makes them, none of them yet.
  package init(_ make: @escaping @Sendable () -> Chunk) {
    self.make = make
  }

  /// What `body` makes of `count` chunks that nobody else has, in an unknown state.
  package func lend<Result>(_ count: Int, _ body: ([Chunk]) -> Result) -> Result {
    let chunks = (0..<count).map { _ in idle.withLock { $0.popLast() } ?? make() }
    defer { idle.withLock { $0 += chunks } }
    return body(chunks)
  }

  /// What `body` makes of a chunk that nobody else has, in an unknown state.
  package func lend<Result>(_ body: (Chunk) -> Result) -> Result {
    lend(1) { body($0[0]) }
  }
}
