// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Synchronization
import Testing

@testable import CharLSTM

/// Runs `body` with `count` threads that are free to help.
///
/// They are not of the pool that runs the tests, which may have no thread left.
func withHelpers<Result>(_ count: Int, _ body: (Helpers) throws -> Result) rethrows -> Result {
  let helpers = Helpers(tasks: 1, threads: count + 1) { work in Thread { work() }.start() }
  helpers.beginTask()
  for _ in 0..<count { helpers.help() }
  return try body(helpers)
}

extension Helpers {
  /// Waits until so many helpers can be sent for.
  func waitForFree(_ count: Int) {
    while freeCount < count { usleep(10) }
  }
}

struct HelpersTests {
  /// What was done, by whom.
  private final class Record: Sendable {
    struct Entry: Equatable {
      var piece: Int
      var byHelper: Bool
    }

    let entries = Mutex<[Entry]>([])
    private let owner = Record.thread

    func add(_ piece: Int) {
      let byHelper = Record.thread != owner
      entries.withLock { $0.append(Entry(piece: piece, byHelper: byHelper)) }
    }

    private static var thread: UInt { UInt(bitPattern: pthread_self().hashValue) }
  }

  @Test func whereNobodyIsNearEachPieceIsDoneAtOnce() {
    let alone = Helpers(tasks: 1, threads: 1)
    alone.beginTask()
    for helpers in [nil, alone, Helpers(tasks: 1, threads: 2)] {
      let record = Record()
      let queue = WorkQueue(helpers)
      for piece in 0..<3 {
        queue.run { record.add(piece) }
        #expect(record.entries.withLock { $0.last } == .init(piece: piece, byHelper: false))
      }
      WorkQueue.finish([queue])
      #expect(record.entries.withLock { $0.count } == 3)
    }
  }

  @Test func onceAllTasksAreBegunPiecesWaitForAHelper() {
    let helpers = Helpers(tasks: 1, threads: 2)
    helpers.beginTask()
    let (first, second) = (Record(), Record())
    let queues = (WorkQueue(helpers), WorkQueue(helpers))
    for piece in 0..<3 {
      queues.0.run { first.add(piece) }
      queues.1.run { second.add(piece) }
    }
    for record in [first, second] { #expect(record.entries.withLock { $0.isEmpty }) }
    // None comes.
    WorkQueue.finish([queues.1])
    #expect(first.entries.withLock { $0.isEmpty })
    WorkQueue.finish([queues.0, queues.1])
    for record in [first, second] {
      #expect(record.entries.withLock { $0 } == (0..<3).map { .init(piece: $0, byHelper: false) })
    }
  }

  @Test func whoComesLateDoesWhatWasLeft() {
    let helpers = Helpers(tasks: 1, threads: 2)
    helpers.beginTask()
    let record = Record()
    let queue = WorkQueue(helpers)
    for piece in 0..<3 { queue.run { record.add(piece) } }
    #expect(record.entries.withLock { $0.isEmpty })
    let (late, isDone) = (Thread { helpers.help() }, DispatchSemaphore(value: 0))
    // After all before it in this queue.
    queue.run { isDone.signal() }
    late.start()
    #expect(isDone.wait(timeout: .now() + 60) == .success)
    #expect(record.entries.withLock { $0 } == (0..<3).map { .init(piece: $0, byHelper: true) })
    helpers.waitForFree(1)
    WorkQueue.finish([queue])
  }

  @Test func aFreeHelperDoesThePiecesInOrder() {
    withHelpers(1) { helpers in
      for _ in 1...100 {
        helpers.waitForFree(1)
        let record = Record()
        let queue = WorkQueue(helpers)
        let (begun, isLeft) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        // Done at once, the first piece would wait for what only comes after it.
        queue.run {
          begun.signal()
          #expect(isLeft.wait(timeout: .now() + 60) == .success)
          record.add(0)
        }
        for piece in 1..<10 { queue.run { record.add(piece) } }
        begun.wait()
        isLeft.signal()
        WorkQueue.finish([queue])
        let entries = record.entries.withLock { $0 }
        #expect(entries.map(\.piece) == Array(0..<10))
        #expect(entries[0].byHelper)
      }
    }
  }

  @Test func everyPieceIsDoneOnceHoweverManyHelp() {
    withHelpers(3) { helpers in
      let queues = (0..<5).map { _ in WorkQueue(helpers) }
      for _ in 1...300 {
        let records = queues.map { _ in Record() }
        for piece in 0..<4 {
          for (queue, record) in zip(queues, records) { queue.run { record.add(piece) } }
        }
        WorkQueue.finish(queues)
        for record in records {
          #expect(record.entries.withLock { $0.map(\.piece) } == [0, 1, 2, 3])
        }
      }
    }
  }

  @Test(arguments: 1...5)
  func whoFindsNoTaskHelps(_ threads: Int) {
    let workers = Workers(count: threads)
    for tasks in [0, 1, 2, 3, 7] {
      let sums = workers.map(tasks) { index, helpers in
        let sum = Atomic(0)
        let queue = WorkQueue(helpers)
        for piece in 1...100 { queue.run { sum.add(piece, ordering: .relaxed) } }
        WorkQueue.finish([queue])
        return index + sum.load(ordering: .relaxed)
      }
      #expect(sums == (0..<tasks).map { $0 + 5050 })
    }
  }
}
