// SPDX-License-Identifier: GPL-3.0-or-later

/// Looks at the losses of updates for signs that training has gone wrong.
///
/// What a healthy loss is depends on the text under way, so each loss is held against what the same characters cost by
/// their frequencies alone: a network that has once learned more than these and falls behind them is lost, however hard
/// the text has become.
struct DivergenceWatch: Equatable, Sendable {
  /// The loss of late, and what the same characters cost by frequency: over some fifty updates.
  private(set) var recent = RunningMean()
  private(set) var recentFrequency = RunningMean()
  /// The same over the last few updates.
  private(set) var latest = RunningMean()
  private(set) var latestFrequency = RunningMean()
  /// The lowest loss of late there was; infinite before the first.
  private(set) var lowest = Double.infinity

  private static let memory = 0.98
  private static let shortMemory = 0.7

  init() {}

  init(
    recent: RunningMean, recentFrequency: RunningMean, latest: RunningMean, latestFrequency: RunningMean,
    lowest: Double
  ) {
    self.recent = recent
    self.recentFrequency = recentFrequency
    self.latest = latest
    self.latestFrequency = latestFrequency
    self.lowest = lowest
  }

  /// Takes note of an update's mean loss, of what its characters cost by frequency, and of how many they were.
  mutating func note(loss: Double, frequencyCost: Double, weight: Double) {
    recent.add(loss, weight: weight, memory: Self.memory)
    recentFrequency.add(frequencyCost, weight: weight, memory: Self.memory)
    latest.add(loss, weight: weight, memory: Self.shortMemory)
    latestFrequency.add(frequencyCost, weight: weight, memory: Self.shortMemory)
    lowest = min(lowest, recent.mean)
  }

  /// Whether the loss is far above its best and worse than knowing nothing but how often each character occurs.
  var isBlownUp: Bool { recent.mean > 1.5 * lowest && recent.mean > recentFrequency.mean + 0.1 }

  /// Whether the last few losses are such as no network has that begins to learn.
  var isAbsurd: Bool { latest.mean > 4 * latestFrequency.mean + 10 }

  /// Whether the last few losses are as they should be, so that this is a state to come back to.
  var isCalm: Bool { latest.mean < 1.25 * lowest || latest.mean < 0.9 * latestFrequency.mean }
}
