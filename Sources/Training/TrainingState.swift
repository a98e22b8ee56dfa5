// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// The numbers that training changes, each as many floats as the network has parameters.
enum TrainedNumbers: String, CaseIterable, Sendable {
  case parameters
  /// The parameters' moving average.
  case averages
  case firstMoment = "first_moment"
  case secondMoment = "second_moment"
}

/// A whole state of a run, to come back to or to write down.
final class TrainingSnapshot {
  /// Where the run stood.
  var position: TrainingPosition
  /// What each shard carried to the next batch.
  private(set) var carried: [[Float]]
  /// The numbers.
  let numbers: [TrainedNumbers: FloatBuffer]

  /// Room for copies of such numbers.
  init(like numbers: [TrainedNumbers: FloatBuffer]) {
    position = TrainingPosition()
    carried = []
    self.numbers = numbers.mapValues { FloatBuffer(count: $0.count) }
  }

  /// Takes a copy of a run's state.
  func take(_ position: TrainingPosition, carried: [[Float]], numbers live: [TrainedNumbers: FloatBuffer]) {
    self.position = position
    self.carried = carried
    for (part, buffer) in numbers { if let source = live[part] { buffer.copy(from: source) } }
  }

  /// Gives the numbers back.
  func restore(_ live: [TrainedNumbers: FloatBuffer]) {
    for (part, buffer) in live { if let source = numbers[part] { buffer.copy(from: source) } }
  }
}
