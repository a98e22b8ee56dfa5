// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Synchronization
import Testing

struct WorkersTests {
  @Test(arguments: 1...5)
  func resultsComeInOrderHoweverManyThreads(_ count: Int) {
    let workers = Workers(count: count)
    for tasks in [0, 1, 2, 3, 7, 100] {
      #expect(workers.map(tasks) { $0 * $0 } == (0..<tasks).map { $0 * $0 })
      // Results that are references, so that one released twice or never initialised would be noticed.
      let strings = workers.map(tasks) { "task number \($0) of a string too long to be kept inline" }
      #expect(strings == (0..<tasks).map { "task number \($0) of a string too long to be kept inline" })
    }
  }

  @Test(arguments: 1...5)
  func everyTaskRunsOnce(_ count: Int) {
    for tasks in [0, 1, 2, 3, 7, 100] {
      let runs = Mutex([Int](repeating: 0, count: tasks))
      Workers(count: count).forEach(tasks) { index in runs.withLock { $0[index] += 1 } }
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: tasks))
    }
  }

  @Test func howManyThreadsIsAskedWhenThereIsASecondTaskAndOnce() {
    let asked = Counter()
    let workers = Workers {
      asked.count.add(1, ordering: .relaxed)
      return 2
    }
    #expect(workers.map(0) { $0 }.isEmpty && workers.map(1) { $0 } == [0])
    #expect(asked.count.load(ordering: .relaxed) == 0)
    for _ in 1...3 { #expect(workers.map(5) { $0 } == [0, 1, 2, 3, 4]) }
    #expect(workers.count == 2)
    #expect(asked.count.load(ordering: .relaxed) == 1)
  }

  private final class Counter: Sendable {
    let count = Atomic<Int>(0)
  }

  /// In a process of its own, where no other test has changed the mode of a thread before.
  @Test(arguments: 1...3)
  func everyThreadFlushesDenormals(_ count: Int) async {
    await #expect(processExitsWith: .success) { [count] in
      #expect(Self.half(.leastNormalMagnitude) > 0)
      let halves = Workers(count: count).map(8) { _ in Self.half(.leastNormalMagnitude).bitPattern }
      #expect(halves == [UInt32](repeating: 0, count: 8))
    }
  }

  /// Worked out when it is called and not before.
  @inline(never) @_optimize(none)
  private static func half(_ x: Float) -> Float { x * 0.5 }
}
