// SPDX-License-Identifier: GPL-3.0-or-later
import Dispatch
import Synchronization

/// Threads that have nothing to do while others are still at their tasks.
///
/// Who is at a task puts what it does not need before the task's end into a `WorkQueue`, for them and for itself. They
/// sleep where there is nothing for them.
public final class Helpers: Sendable {
  fileprivate typealias Piece = @Sendable () -> Void

  private let state: Mutex<State>
  private let wake = DispatchSemaphore(value: 0)

  private struct State: Sendable {
    /// Tasks that nobody has begun.
    var unbegun: Int
    /// Tasks that are not done.
    var undone: Int
    /// Whether there can be helpers.
    let areExpected: Bool
    /// Helpers that sleep, but for those that have been woken.
    var idle = 0
    var queues: [Queue] = []

    /// One of some queues' next piece, of that with the most, so that two do not have to wait for one another long.
    mutating func take(from candidates: some Sequence<Int>) -> (queue: Int, piece: Piece)? {
      var found: Int?
      for index in candidates where !queues[index].isBusy {
        if queues[index].pieces.count > found.map({ queues[$0].pieces.count }) ?? 0 { found = index }
      }
      guard let found else { return nil }
      queues[found].isBusy = true
      return (found, queues[found].pieces.removeFirst())
    }
  }

  private struct Queue: Sendable {
    /// What nobody has begun.
    var pieces: [Piece] = []
    /// Whether somebody is doing one.
    var isBusy = false
  }

  /// Nobody yet, of `threads` threads that do `tasks` tasks.
  init(tasks: Int, threads: Int) {
    state = Mutex(State(unbegun: tasks, undone: tasks, areExpected: threads > 1))
  }

  /// How many helpers have nothing to do.
  var idleCount: Int { state.withLock { $0.idle } }

  /// Counts a task as begun.
  func beginTask() {
    state.withLock { $0.unbegun -= 1 }
  }

  /// Counts a task as done.
  func finishTask() {
    let woken = state.withLock { state in
      state.undone -= 1
      if state.undone > 0 { return 0 }
      defer { state.idle = 0 }
      return state.idle
    }
    for _ in 0..<woken { wake.signal() }
  }

  /// Helps until all tasks are done.
  func help() {
    while true {
      let (taken, isOver) = state.withLock { state in
        let taken = state.take(from: state.queues.indices)
        let isOver = taken == nil && state.undone == 0
        if taken == nil && !isOver { state.idle += 1 }
        return (taken, isOver)
      }
      if isOver { return }
      if let taken { run(taken) } else { wake.wait() }
    }
  }

  private func run(_ taken: (queue: Int, piece: Piece)) {
    taken.piece()
    state.withLock { $0.queues[taken.queue].isBusy = false }
  }

  /// Opens a queue and returns its number.
  fileprivate func openQueue() -> Int {
    state.withLock { state in
      state.queues.append(Queue())
      return state.queues.count - 1
    }
  }

  /// Does a piece or puts it into a queue.
  fileprivate func run(_ piece: @escaping Piece, in queue: Int) {
    let (isLeft, wakes) = state.withLock { state in
      let isFree = !state.queues[queue].isBusy && state.queues[queue].pieces.isEmpty
      // While there are tasks to begin nobody is likely to come, and what the piece reads is in a cache now.
      let isNobodyNear = state.idle == 0 && (state.unbegun > 0 || !state.areExpected)
      if isFree && isNobodyNear { return (false, false) }
      state.queues[queue].pieces.append(piece)
      let wakes = isFree && state.idle > 0
      if wakes { state.idle -= 1 }
      return (true, wakes)
    }
    if wakes { wake.signal() }
    if !isLeft { piece() }
  }

  /// Does what nobody has begun in some queues, and waits for what somebody has.
  fileprivate func finish(_ queues: [Int]) {
    var patience = Patience()
    while true {
      let (taken, isBusy) = state.withLock { state in
        (state.take(from: queues), queues.contains { state.queues[$0].isBusy })
      }
      if let taken { run(taken) } else if isBusy { patience.wait() } else { return }
    }
  }
}

/// Pieces of a task that are done one after the other, by the thread that has the task or by helpers.
struct WorkQueue: Sendable {
  private let helpers: Helpers?
  private let number: Int

  /// A queue without pieces; without helpers each piece is done at once.
  init(_ helpers: Helpers?) {
    self.helpers = helpers
    number = helpers?.openQueue() ?? 0
  }

  /// Does a piece of work after all before it, now or before `finish` returns.
  func run(_ piece: @escaping @Sendable () -> Void) {
    if let helpers { helpers.run(piece, in: number) } else { piece() }
  }

  /// Does what nobody has begun in some queues of the same helpers, and waits for what somebody has.
  static func finish(_ queues: [WorkQueue]) {
    queues.first?.helpers?.finish(queues.map(\.number))
  }
}
