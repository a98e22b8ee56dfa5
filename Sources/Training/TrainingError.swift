// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// Why a run cannot go on.
public enum TrainingError: UserFacingError, Equatable {
  /// The loss is no number or far too high, however often training was set back.
  case diverged(step: Int, learningRate: Double)
  /// Rows, steps and layers that take more bytes than there are.
  case tooLarge(needed: Int, limit: Int)

  /// Of the run as a whole.
  public var place: String? { nil }
  /// Divergence has a status of its own; too large a run was asked for.
  public var kind: ErrorKind {
    switch self {
    case .diverged: .diverged
    case .tooLarge: .usage
    }
  }
  /// What happened, and what to do.
  public var reason: String {
    switch self {
    case .diverged(let step, let rate):
      "training diverges after \(step) updates, even at learning rate \(Float(rate)): try a lower --learning-rate"
    case .tooLarge(let needed, let limit):
      "this run needs about \(needed >> 20) MB of memory, and there are \(limit >> 20): "
        + "try fewer --layers, a smaller --batch-size or --sequence-length"
    }
  }
}
