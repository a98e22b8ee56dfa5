// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Synchronization

/// Threads that share out work of some microseconds: the columns of one step of one row.
///
/// That is too little to wake anybody for, so helpers look for work without a rest for as long as the team is together,
/// and who has work does not wait for a helper that has not begun: it does what nobody has taken.
public final class Team: Sendable {
  /// The pieces that nobody has taken: the first in the upper half, in the lower one how many.
  private let unclaimed = Line()
  private let finished = Line()
  private let members = Line()
  /// The work of the unclaimed pieces: written while there are none and none is under way, read by who has taken one.
  nonisolated(unsafe) private var work: (@Sendable (Int) -> Void)?

  /// More threads than this wait for each other longer than they help.
  private static let mostMembers = 4

  private init() {}

  /// A number in a cache line of its own: threads that look at one of them do not wait for those that change another.
  private struct Line: ~Copyable {
    let value = Atomic(0)
    private let rest: InlineLine = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    private typealias InlineLine = (
      Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int
    )
  }

  /// What `unclaimed` holds when there will be no more pieces.
  private static let over = -1

  /// Runs `body` on one of the workers' threads with a team of the others, if there are any.
  public static func gather(_ workers: Workers, _ body: @Sendable (Team?) -> Void) {
    let count = min(workers.count, mostMembers)
    guard count > 1 else { return workers.forEach(1) { _ in body(nil) } }
    let team = Team()
    workers.forEach(count) { _ in
      // Whichever thread comes first leads: there may be no other before it has ended.
      if team.members.value.add(1, ordering: .acquiringAndReleasing).oldValue == 0 {
        body(team)
        team.unclaimed.value.store(over, ordering: .releasing)
      } else {
        team.help()
      }
    }
  }

  /// Runs `work` for each index below `pieces` on the threads that are free, in no order, and waits for all.
  ///
  /// Only the thread that leads may ask.
  func share(_ pieces: Int, _ work: @escaping @Sendable (Int) -> Void) {
    self.work = work
    finished.value.store(0, ordering: .relaxed)
    unclaimed.value.store(pieces, ordering: .releasing)
    while let piece = claim(leading: true) { run(piece) }
    var patience = Patience()
    while finished.value.load(ordering: .acquiring) < pieces { patience.wait() }
  }

  private func help() {
    var patience = Patience()
    while unclaimed.value.load(ordering: .relaxed) != Self.over {
      if let piece = claim(leading: false) {
        run(piece)
        patience = Patience()
      } else {
        patience.wait()
      }
    }
  }

  private func run(_ piece: Int) {
    work?(piece)
    finished.value.add(1, ordering: .releasing)
  }

  /// A piece that nobody has taken: who leads takes the last ones and helpers the first, so that each finds in its
  /// caches what it read at the step before.
  private func claim(leading: Bool) -> Int? {
    var seen = unclaimed.value.load(ordering: .relaxed)
    while seen > 0 {
      let (first, count) = (seen >> 32, seen & 0xFFFF_FFFF)
      if count == 0 { return nil }
      let left = leading ? seen - 1 : (first + 1) << 32 | (count - 1)
      let (exchanged, now) = unclaimed.value.compareExchange(
        expected: seen, desired: left, ordering: .acquiring)
      if exchanged { return leading ? first + count - 1 : first }
      seen = now
    }
    return nil
  }

  /// Waits without a rest for some microseconds, then lets others have the processor between two looks.
  private struct Patience {
    private var looks = 0

    mutating func wait() {
      looks += 1
      if looks < 2000 { ck_relax() } else { ck_yield() }
    }
  }
}
