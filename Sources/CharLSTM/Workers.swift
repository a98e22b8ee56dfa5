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
    run(tasks, threads: min(tasks, tasks > 1 ? count : 1), body)
  }

  /// The same, and threads that find no task any more help those that have one.
  public func forEach(_ tasks: Int, _ body: @Sendable (Int, Helpers) -> Void) {
    let threads = tasks > 0 ? min(2 * tasks, count) : 0
    let helpers = Helpers(tasks: tasks, threads: threads)
    let run = { @Sendable (index: Int) in
      helpers.beginTask()
      body(index, helpers)
    }
    self.run(tasks, threads: threads, run, then: helpers.help)
  }

  private func run(
    _ tasks: Int, threads: Int, _ body: @Sendable (Int) -> Void, then end: @Sendable () -> Void = {}
  ) {
    guard threads > 1 else {
      ck_flush_denormals()
      for index in 0..<tasks { body(index) }
      return
    }
    let shares = Shares(of: tasks, threads: threads)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      ck_flush_denormals()
      while let index = shares.next(for: thread) { body(index) }
      end()
    }
  }

  /// The results of `body` for each index in 0 ..< `tasks`, in order.
  public func map<Result: Sendable>(_ tasks: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
    results(tasks) { put in forEach(tasks) { put($0, body($0)) } }
  }

  /// The same with helpers.
  public func map<Result: Sendable>(_ tasks: Int, _ body: @Sendable (Int, Helpers) -> Result) -> [Result] {
    results(tasks) { put in forEach(tasks) { put($0, body($0, $1)) } }
  }

  /// As many results as `run` puts there, one for each index in 0 ..< `count`.
  private func results<Result: Sendable>(
    _ count: Int, _ run: (_ put: @Sendable (Int, Result) -> Void) -> Void
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      // Each task initialises its own element and no other.
      nonisolated(unsafe) let results = buffer
      run { index, result in (results.baseAddress! + index).initialize(to: result) }
      initialized = count
    }
  }
}

/// What each of some threads is to do: neighbouring indices, as long as all are as fast.
final class Shares: Sendable {
  nonisolated(unsafe) private let unclaimed: UnsafeMutablePointer<UnclaimedIndices>
  private let threads: Int

  /// Shares of 0 ..< `count`.
  init(of count: Int, threads: Int) {
    unclaimed = .allocate(capacity: threads)
    self.threads = threads
    for thread in 0..<threads {
      let share = count * thread / threads..<count * (thread + 1) / threads
      (unclaimed + thread).initialize(to: UnclaimedIndices(share))
    }
  }

  deinit {
    unclaimed.deinitialize(count: threads)
    unclaimed.deallocate()
  }

  /// The next index of a thread's share, or else the last one of another's.
  func next(for thread: Int) -> Int? {
    if let index = unclaimed[thread].takeFirst() { return index }
    for other in 1..<threads {
      if let index = unclaimed[(thread + other) % threads].takeLast() { return index }
    }
    return nil
  }
}
