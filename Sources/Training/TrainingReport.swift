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

/// The log's rows: TAB-separated values, a header first.
public enum TrainingLog {
  /// The first lines: how the run was done, as a comment, and the names of the columns.
  public static func header(kernels: Kernels, precision: Precision, threads: Int) -> String {
    "# isa=\(kernels.name) precision=\(precision.rawValue) threads=\(threads)\n"
      + "step\tepoch\tseconds\ttrain_nats\theldout_nats\theldout_bits\tchars_per_second\tlearning_rate\n"
  }

  /// A report's line.
  public static func row(_ report: EpochReport) -> String {
    let columns = [
      String(report.step), String(report.epoch), fixed(report.seconds, 3), fixed(report.trainNats, 6),
      report.heldOutNats.map { fixed($0, 6) } ?? "nan", report.heldOutBits.map { fixed($0, 6) } ?? "nan",
      fixed(report.charactersPerSecond, 0), String(Float(report.learningRate)),
    ]
    return columns.joined(separator: "\t") + "\n"
  }
}
