// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// When the held-out loss is checked on the way, and on how much of the held-out part, so that checks take a few
/// percent of a run.
struct CheckPlan: Equatable, Sendable {
  /// Checks an epoch, the last one at its end.
  var perEpoch: Int
  /// Held-out characters (or windows) a check.
  var sample: Int

  /// The part of a run's time that checks may take.
  static let share = 0.05
  /// Fewer characters than this tell little.
  static let fewest = 8192
  /// More than this tell no more.
  static let most = 262_144
  /// Checks of a long run.
  static let wanted = 20
  /// Updates between two checks at the least.
  static let fewestUpdates = 100

  /// What a held-out character costs in trained ones: it is scored forward only, in fp32.
  ///
  /// - Parameter speed: how many times as fast as in fp32 training is.
  static func cost(speed: Double) -> Double { 0.35 * speed }

  /// The plan of a run of so many epochs.
  ///
  /// - Parameters:
  ///   - heldOut: characters, or windows, that are held out.
  ///   - placeCost: what one of these costs in trained characters.
  ///   - fewest: the fewest that a check is made on.
  ///   - batches: updates an epoch.
  ///   - batchSize: characters an update.
  static func epochs(
    _ epochs: Int, heldOut: Int, placeCost: Double, fewest: Int = Self.fewest, batches: Int, batchSize: Int
  ) -> CheckPlan {
    let affordable = share * Double(epochs) * Double(batches) * Double(batchSize) / placeCost
    let fewest = min(heldOut, fewest)
    var perEpoch = 1
    if epochs < wanted && fewest > 0 {
      let most = min(affordable / Double(fewest), Double(wanted)) / Double(max(epochs, 1))
      perEpoch = max(1, min(Int(most), batches / fewestUpdates))
    }
    let sample = min(affordable / Double(perEpoch * max(epochs, 1)), Double(most))
    return CheckPlan(perEpoch: perEpoch, sample: whole(max(Int(sample), fewest), of: heldOut))
  }

  /// The checks of a run that ends at a time, and how much each is made on.
  ///
  /// - Parameters:
  ///   - seconds: what the run may take.
  ///   - speed: characters trained a second.
  static func budget(
    seconds: Double, speed: Double, heldOut: Int, placeCost: Double, fewest: Int = Self.fewest
  ) -> (checks: Int, sample: Int) {
    let affordable = share * seconds * speed / placeCost
    let fewest = min(heldOut, fewest)
    let wanted = seconds < 300 ? wanted / 2 : wanted
    let checks = max(1, min(wanted, fewest == 0 ? wanted : Int(min(affordable / Double(fewest), 1e6))))
    let sample = min(affordable / Double(checks), Double(most))
    return (checks, whole(max(Int(sample), fewest), of: heldOut))
  }

  /// More than half is all: a sample that large saves little.
  private static func whole(_ sample: Int, of heldOut: Int) -> Int {
    Double(sample) > 0.5 * Double(heldOut) ? heldOut : sample
  }

  /// Whether a check is due after an update that took an epoch of `batches` on over `range` of them.
  func isDue(after range: Range<Int>, of batches: Int) -> Bool {
    range.upperBound * perEpoch / batches > range.lowerBound * perEpoch / batches
  }
}
