// SPDX-License-Identifier: GPL-3.0-or-later

/// A weighted mean that can forget.
struct RunningMean: Equatable, Sendable {
  private(set) var sum = 0.0
  private(set) var weight = 0.0

  init() {}

  init(sum: Double, weight: Double) {
    self.sum = sum
    self.weight = weight
  }

  var isEmpty: Bool { weight == 0 }
  var mean: Double { weight > 0 ? sum / weight : .nan }

  /// Adds `value`; what there was before counts `memory` times as much as it did.
  mutating func add(_ value: Double, weight: Double, memory: Double = 1) {
    sum = sum * memory + value * weight
    self.weight = self.weight * memory + weight
  }
}
