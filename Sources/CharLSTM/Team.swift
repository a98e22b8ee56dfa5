// SPDX-License-Identifier: GPL-3.0-or-later
import Synchronization

/// Threads that share out work of some microseconds: the columns of one step of one row.
///
/// That is too little to wake anybody for, so helpers look for work without a rest for as long as the team is together,
/// and who has work does not wait for a helper that has not begun: it does what nobody has taken.
public final class Team: Sendable {
  private let unclaimed = UnclaimedIndices(0..<0)
  private let finished = AtomicLine(0)
  private let members = AtomicLine(0)
  /// The work of the unclaimed pieces: written while there are none and none is under way, read by who has taken one.
  nonisolated(unsafe) private var work: (@Sendable (Int) -> Void)?

  /// More threads than this wait for each other longer than they help.
  private static let mostMembers = 4

  private init() {}

  /// Runs `body` on one of the workers' threads with a team of the others, if there are any.
  public static func gather(_ workers: Workers, _ body: @Sendable (Team?) -> Void) {
    let count = min(workers.count, mostMembers)
    guard count > 1 else { return workers.forEach(1) { _ in body(nil) } }
    let team = Team()
    workers.forEach(count) { _ in
      // Whichever thread comes first leads: there may be no other before it has ended.
      if team.members.value.add(1, ordering: .acquiringAndReleasing).oldValue == 0 {
        body(team)
        team.unclaimed.close()
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
    unclaimed.refill(0..<pieces)
    // Who leads takes the last pieces and helpers the first, so that each finds in its caches what it read at the step
    // before.
    while let piece = unclaimed.takeLast() { run(piece) }
    var patience = Patience()
    while finished.value.load(ordering: .acquiring) < pieces { patience.wait() }
  }

  private func help() {
    var patience = Patience()
    while !unclaimed.isClosed {
      if let piece = unclaimed.takeFirst() {
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
}
