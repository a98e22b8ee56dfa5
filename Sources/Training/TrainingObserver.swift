// SPDX-License-Identifier: GPL-3.0-or-later

/// What a run tells whoever started it, and asks.
public struct TrainingObserver {
  /// Called after every update.
  public var onProgress: (TrainingProgress) -> Void = { _ in }
  /// Called after every check, and where the run is stopped, the trainer's `network` being up to date.
  public var onReport: (EpochReport) throws -> Void = { _ in }
  /// Called when training had gone wrong and was set back.
  public var onSetback: (Setback) -> Void = { _ in }
  /// Called when it is time to write the trainer's `checkpoint`, and when the run is stopped.
  public var onCheckpoint: () -> Void = {}
  /// Asked before every update.
  public var shouldStop: () -> Bool = { false }

  /// Watches nothing.
  public init() {}
}

/// Training that had gone wrong and goes on from the last good state with a lower learning rate.
public struct Setback: Equatable, Sendable {
  /// The update that showed it.
  public var step: Int
  /// The loss there in nats a character, of late or of that update; not finite if that is what was wrong.
  public var nats: Double
  /// The update it goes on from.
  public var goodStep: Int
  /// The part of its full value that the learning rate has from now on.
  public var rateFactor: Double
}

/// How often a checkpoint is written.
public enum CheckpointInterval: Equatable, Sendable {
  /// At the first good moment so many seconds after the last one.
  case seconds(Double)
  /// At the first good moment so many updates after the last one.
  case updates(Int)

  func isDue(step: Int, lastStep: Int, now: Double, lastTime: Double) -> Bool {
    switch self {
    case .seconds(let seconds): now - lastTime >= seconds
    case .updates(let updates): step / updates > lastStep / updates
    }
  }
}
