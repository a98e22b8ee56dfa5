// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// Where a run stands, many times a second.
public struct TrainingProgress: Equatable, Sendable {
  /// The pass, from 1.
  public var epoch: Int
  /// All passes.
  public var epochs: Int
  /// The fraction of all updates done.
  public var fraction: Double
  /// The loss of late, nats a character.
  public var nats: Double
  /// Characters trained a second, without checks and display.
  public var charactersPerSecond: Double
  /// Seconds trained so far, without checks and display.
  public var trainingSeconds: Double
  /// Seconds of training left at that speed.
  public var secondsLeft: Double
}

/// What an epoch brought: a row of the log.
public struct EpochReport: Equatable, Sendable {
  /// Updates so far.
  public var step: Int
  /// Passes so far.
  public var epoch: Int
  /// All passes.
  public var epochs: Int
  /// Seconds since training began, checks included.
  public var seconds: Double
  /// Mean training loss over the epoch, nats a character.
  public var trainNats: Double
  /// Loss on the held-out part in fp32; nil where nothing is held out.
  public var heldOutNats: Double?
  /// Characters trained a second, without checks and display.
  public var charactersPerSecond: Double
  /// The rate of the epoch's last update.
  public var learningRate: Double

  /// The held-out loss in bits a character.
  public var heldOutBits: Double? { heldOutNats.map { $0 * Score.bitsPerNat } }
}
