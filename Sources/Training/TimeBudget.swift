// SPDX-License-Identifier: GPL-3.0-or-later

/// The time that a run may take, from the start of the program to the last update.
struct TimeBudget: Sendable {
  /// All of it in seconds.
  let seconds: Double
  /// When it began, on the run's clock.
  let start: Double
  /// The part that was used when training began.
  let begun: Double

  /// A budget that began at `start`; training begins at `now`.
  init(seconds: Double, start: Double, now: Double) {
    self.seconds = seconds
    self.start = start
    begun = min(max((now - start) / seconds, 0), 1)
  }

  /// The part that is used.
  func used(at now: Double) -> Double { (now - start) / seconds }

  /// Whether there is no time for an update that takes so many seconds.
  func isOver(at now: Double, updateSeconds: Double) -> Bool { now + updateSeconds > start + seconds }
}
