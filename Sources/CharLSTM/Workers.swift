// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Dispatch

/// A number of threads that share out indexed work.
///
/// What the work is cut into never depends on the number of threads, so neither does any result.
public struct Workers: Sendable {
  /// The most threads that run at once.
  public let count: Int

  /// Work on `count` threads; the calling thread is one of them.
  public init(count: Int) {
    precondition(count > 0, "\(count) threads cannot work")
    self.count = count
  }

  /// Runs `body` once for each index in 0 ..< `tasks`, in no order, and waits for all.
  ///
  /// Denormals are flushed to zero on every thread that takes part, the calling one included, and stay so: what is
  /// computed on it afterwards must round as the workers do.
  public func forEach(_ tasks: Int, _ body: @Sendable (Int) -> Void) {
    let threads = min(count, tasks)
    guard threads > 1 else {
      ck_flush_denormals()
      for index in 0..<tasks { body(index) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      ck_flush_denormals()
      for index in tasks * thread / threads..<tasks * (thread + 1) / threads { body(index) }
    }
  }

  /// The results of `body` for each index in 0 ..< `tasks`, in order.
  public func map<Result: Sendable>(_ tasks: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: tasks) { buffer, count in
      // Each task initialises its own element and no other.
      nonisolated(unsafe) let results = buffer
      forEach(tasks) { index in (results.baseAddress! + index).initialize(to: body(index)) }
      count = tasks
    }
  }
}
