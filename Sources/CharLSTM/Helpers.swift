// SPDX-License-Identifier: GPL-3.0-or-later
import Dispatch
import Synchronization

/// Threads that have nothing to do while others are still at their tasks.
///
/// Who is at a task leaves to them what it does not need before the task's end: see `WorkQueue`. They sleep where
/// nothing is left to them.
public final class Helpers: Sendable {
  private let state: Mutex<State>
  private let wake = DispatchSemaphore(value: 0)

  private struct State: Sendable {
    /// Tasks that are not done.
    var tasks: Int
    /// Helpers that sleep, but for those that were woken for a queue in `queues`.
    var idle = 0
    var queues: [WorkQueue] = []
  }

  /// Nobody, until `tasks` tasks are done.
  init(tasks: Int) {
    state = Mutex(State(tasks: tasks))
  }

  /// How many helpers have nothing to do.
  var idleCount: Int { state.withLock { $0.idle } }

  /// Helps until all tasks are done.
  func help() {
    while becomeIdle() {
      wake.wait()
      state.withLock { $0.queues.popLast() }?.help()
    }
  }

  /// Counts a helper as idle, which is then to wait until it is woken; not once all tasks are done.
  func becomeIdle() -> Bool {
    state.withLock { state in
      if state.tasks > 0 { state.idle += 1 }
      return state.tasks > 0
    }
  }

  /// Counts a task as done.
  func finishTask() {
    let woken = state.withLock { state in
      state.tasks -= 1
      defer { if state.tasks == 0 { state.idle = 0 } }
      return state.tasks == 0 ? state.idle : 0
    }
    for _ in 0..<woken { wake.signal() }
  }

  /// Sends a helper to a queue if one is idle, once `prepare` has made it ready.
  func send(to queue: WorkQueue, _ prepare: () -> Void) -> Bool {
    let isSent = state.withLock { state in
      if state.idle == 0 { return false }
      prepare()
      state.idle -= 1
      state.queues.append(queue)
      return true
    }
    if isSent { wake.signal() }
    return isSent
  }
}
