// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Dispatch
import Synchronization

/// Threads that have nothing to do while others are still at their tasks.
///
/// Who is at a task puts what it does not need before the task's end into a `WorkQueue`, for them and for itself. They
/// are sent for when there is something for them; nobody waits for one that has not begun.
public final class Helpers: Sendable {
  fileprivate typealias Piece = @Sendable () -> Void

  private let state: Mutex<State>
  /// Runs something on another thread.
  private let send: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let pieceIsDone = DispatchSemaphore(value: 0)

  private struct State: Sendable {
    /// Tasks that nobody has begun.
    var unbegun: Int
    /// Whether there can be helpers.
    let areExpected: Bool
    /// Threads that can be sent for.
    var free = 0
    var queues: [Queue] = []
    /// Threads that sleep until a piece is done.
    var waiting = 0

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
  ///
  /// - Parameter send: runs something on another thread, some time.
  init(
    tasks: Int, threads: Int,
    send: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = {
      DispatchQueue.global().async(execute: $0)
    }
  ) {
    state = Mutex(State(unbegun: tasks, areExpected: threads > 1))
    self.send = send
  }

  /// How many threads can be sent for.
  var freeCount: Int { state.withLock { $0.free } }

  /// Counts a task as begun.
  func beginTask() {
    state.withLock { $0.unbegun -= 1 }
  }

  /// Does pieces until there is none that can be begun, and can be sent for then; for a thread that has no task any more.
  func help() {
    ck_flush_denormals()
    while let taken = state.withLock({ state in
      let taken = state.take(from: state.queues.indices)
      if taken == nil { state.free += 1 }
      return taken
    }) { run(taken) }
  }

  private func run(_ taken: (queue: Int, piece: Piece)) {
    taken.piece()
    let woken = state.withLock { state in
      state.queues[taken.queue].isBusy = false
      defer { state.waiting = 0 }
      return state.waiting
    }
    for _ in 0..<woken { pieceIsDone.signal() }
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
    let (isLeft, isForHelper) = state.withLock { state in
      let isFree = !state.queues[queue].isBusy && state.queues[queue].pieces.isEmpty
      // While there are tasks to begin nobody is likely to come, and what the piece reads is in a cache now.
      let isNobodyNear = state.free == 0 && (state.unbegun > 0 || !state.areExpected)
      if isFree && isNobodyNear { return (false, false) }
      state.queues[queue].pieces.append(piece)
      let isForHelper = isFree && state.free > 0
      if isForHelper { state.free -= 1 }
      return (true, isForHelper)
    }
    if isForHelper { send { self.help() } }
    if !isLeft { piece() }
  }

  /// Does what nobody has begun in some queues, and waits for what somebody has.
  ///
  /// After some microseconds it sleeps: who is at a piece may want the processor.
  fileprivate func finish(_ queues: [Int]) {
    var patience = Patience()
    while true {
      let sleeps = patience.isOver
      let (taken, isBusy) = state.withLock { state in
        let taken = state.take(from: queues)
        let isBusy = taken == nil && queues.contains { state.queues[$0].isBusy }
        if isBusy && sleeps { state.waiting += 1 }
        return (taken, isBusy)
      }
      if let taken {
        run(taken)
        patience = Patience()
      } else if !isBusy {
        return
      } else if sleeps {
        pieceIsDone.wait()
      } else {
        patience.wait()
      }
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
