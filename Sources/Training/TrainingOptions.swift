// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// Which characters the loss is taken on.
public enum Objective: String, CaseIterable, Sendable {
  /// Every position of contiguous streams, state carried from chunk to chunk (truncated back-propagation).
  case every
  /// The character after a window, from the zero state: the TensorFlow.js chapter's way.
  case last
}

/// How gradients become updates.
public enum OptimizerKind: String, CaseIterable, Sendable {
  /// Adam; without a first moment in the default recipe.
  case adam
  /// RMSProp as TensorFlow.js has it.
  case rmsprop
}

/// How much of what is new a cell takes in.
public enum CellKind: String, CaseIterable, Sendable {
  /// As much as an input gate of its own lets in.
  case lstm
  /// As much as it forgets: the input gate is 1 less the forget gate.
  case coupled
}

/// How the learning rate goes over the run.
public enum Schedule: String, CaseIterable, Sendable {
  /// The same from the first update to the last.
  case constant
  /// A short linear rise, then half a cosine down to a hundredth.
  case cosine
  /// A short linear rise, then constant, and in the run's last part a straight fall to a hundredth.
  case trapezoid

  /// The rate of an update as a fraction of the full rate.
  ///
  /// - Parameters:
  ///   - step: the update, from 0.
  ///   - done: the part of the run before it, in characters or in time.
  ///   - begun: the part of the time that was used when training began.
  ///   - cooldown: the part of the run, its end, in which a trapezoid falls.
  public func factor(step: Int, done: Double, begun: Double = 0, cooldown: Double) -> Double {
    if self == .constant { return 1 }
    let done = min(max(done, begun), 1)
    let rise = min(1, max(Double(step + 1) / 101, (done - begun) / max(0.05 * (1 - begun), 1e-9)))
    switch self {
    case .constant: return 1
    case .cosine: return rise * Self.fall(done)
    case .trapezoid: return rise * min(1, 0.01 + 0.99 * (1 - done) / max(cooldown, 1e-9))
    }
  }

  /// From 1 to a hundredth along half a cosine, for x in 0...1.
  private static func fall(_ x: Double) -> Double { 0.01 + 0.99 * 0.5 * (1 + cosineOfHalfTurns(x)) }
}

/// Everything that decides a training run but the text: each value given, none left to choose.
public struct TrainingOptions: Equatable, Sendable {
  /// H of each layer, the lowest first.
  public var layerSizes: [Int]
  /// Where the loss is taken.
  public var objective: Objective
  /// T, characters a chunk or window.
  public var sequenceLength: Int
  /// Characters a chunk in the run's early part, with the objective `every`: short chunks make many updates.
  public var earlySequenceLength: Int
  /// Characters from the beginning of one window to the next, with the objective `last`.
  public var sampleStep: Int
  /// Windows an epoch, rounded up to whole batches, with the objective `last`.
  public var examplesPerEpoch: Int
  /// Passes over the text, or over `examplesPerEpoch` windows.
  public var epochs: Int
  /// B, rows an update.
  public var batchSize: Int
  /// The full learning rate.
  public var learningRate: Double
  /// See `Schedule`.
  public var schedule: Schedule
  /// The part of the run in which a trapezoid falls.
  public var cooldown: Double
  /// See `OptimizerKind`.
  public var optimizer: OptimizerKind
  /// Adam's decay of the first moment, or 0.
  public var beta1: Double
  /// Decay of the second moment of either optimizer.
  public var beta2: Double
  /// What keeps the optimizer from dividing by zero.
  public var epsilon: Double
  /// The norm gradients are scaled down to where theirs is larger; 0 for no clipping.
  public var clip: Double
  /// Dropout between layers and before the decoder, below 1.
  public var dropout: Double
  /// The part of the text, at its end, that is held out.
  public var validationSplit: Double
  /// See `Initialization`.
  public var initialization: Initialization
  /// See `Precision`.
  public var precision: Precision
  /// See `CellKind`.
  public var cell = CellKind.lstm
  /// Whether each line is a text of its own, whose end is learned.
  public var records = false
  /// Whether records are learned in random order.
  public var shuffle = false
  /// Of initial values, the order of records, windows and dropout.
  public var seed: UInt64
  /// Adam's decoupled weight decay: each update takes this part of the learning rate off every parameter.
  public var weightDecay = 0.0
  /// The decay, an update, of an exponential moving average of the parameters, which is then what is measured, shown
  /// and saved; 0 for none.
  public var averaging = 0.0
  /// The part of the learning rate that the layers' matrices and biases get, but for the input table: what is read and
  /// written one character at a time, the table and the decoder, bears larger steps.
  public var innerRate = 1.0
  /// Checks in a row without a lower held-out loss after which the run ends; 0 for any number.
  public var patience = 0
  /// Seconds from the start of the program to the last update; nil for a run of so many epochs.
  public var budget: Double?
}

extension TrainingOptions {
  /// The part of a run that is early.
  public static let earlyPart = 0.3

  /// Early chunks that a later update takes at once.
  var chunksTogether: Int {
    objective == .every ? max(1, sequenceLength / max(earlySequenceLength, 1)) : 1
  }
}

/// cos(π x) for x in 0...1, from the half-angle series: the same bits everywhere, which the C library's is not.
private func cosineOfHalfTurns(_ x: Double) -> Double {
  // cos πx = 1 - 2 sin²(πx/2); the sine's Taylor series converges fast on 0...π/2.
  let angle = x * 1.570_796_326_794_896_6
  var term = angle
  var sine = angle
  for n in stride(from: 3.0, through: 21, by: 2) {
    term *= -angle * angle / (n * (n - 1))
    sine += term
  }
  return 1 - 2 * sine * sine
}
