// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// Where a run stands, many times a second.
public struct TrainingProgress: Equatable, Sendable {
  /// The pass, from 1.
  public var epoch: Int
  /// All passes; 0 where a time ends the run.
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

/// What a check found, at an epoch's end or on the way there: a row of the log.
public struct EpochReport: Equatable, Sendable {
  /// Updates so far.
  public var step: Int
  /// The pass under way or just done, from 1.
  public var epoch: Int
  /// All passes; 0 where a time ends the run.
  public var epochs: Int
  /// Seconds since training began, checks included.
  public var seconds: Double
  /// Mean training loss over the epoch, nats a character.
  public var trainNats: Double
  /// Loss on the held-out part in fp32; nil where nothing is held out, or it was not measured.
  public var heldOutNats: Double?
  /// Characters trained a second, without checks and display.
  public var charactersPerSecond: Double
  /// The rate of the last update.
  public var learningRate: Double
  /// Passes so far; nil where `epoch` of them are done.
  public var passes: Double?
  /// Whether only a sample of the held-out part was measured.
  public var isSampled = false

  /// Whether a pass has just been done.
  public var endsEpoch: Bool { passes == nil || passes == Double(epoch) }

  /// The held-out loss in bits a character.
  public var heldOutBits: Double? { heldOutNats.map { $0 * Score.bitsPerNat } }
}
