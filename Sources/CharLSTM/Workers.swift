// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Dispatch
import Synchronization

/// A number of threads that share out indexed work.
///
/// What the work is cut into never depends on the number of threads, so neither does any result.
public struct Workers: Sendable {
  private let answer: Answer

  /// The most threads that run at once.
  public var count: Int { answer.count }

  /// Work on `count` threads; the calling thread is one of them.
  public init(count: Int) {
    self.init { count }
  }

  /// Work on as many threads as `findCount` says, which is asked when a second thread would first be of use, and once.
  public init(findCount: @escaping @Sendable () -> Int) {
    answer = Answer(findCount)
  }

  /// A number that is found out when somebody wants to know it.
  private final class Answer: Sendable {
    private let find: @Sendable () -> Int
    private let found = Mutex<Int?>(nil)

    init(_ find: @escaping @Sendable () -> Int) {
      self.find = find
    }

    var count: Int {
      found.withLock { found in
        if let found { return found }
        let count = find()
        precondition(count > 0, "\(count) threads cannot work")
        found = count
        return count
      }
    }
  }

  /// Runs `body` once for each index in 0 ..< `tasks`, in no order, and waits for all.
  ///
  /// Denormals are flushed to zero on every thread that takes part, the calling one included, and stay so: what is
  /// computed on it afterwards must round as the workers do.
  public func forEach(_ tasks: Int, _ body: @Sendable (Int) -> Void) {
    let threads = tasks > 1 ? min(count, tasks) : 1
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
