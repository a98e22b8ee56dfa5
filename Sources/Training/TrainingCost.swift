// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

extension TrainingOptions {
  /// Floating-point operations a trained character takes, a multiply-add counted as two.
  ///
  /// They are those of the forward pass and twice as many of the backward pass. The lowest layer's input, which is
  /// gathered, costs none; with the objective `last` the decoder runs once a window.
  public func operationsPerCharacter(_ configuration: Configuration) -> Double {
    let decoder = Double(2 * configuration.symbolCount * configuration.outputSize)
    let layers = Double(configuration.forwardOperations) - decoder
    return 3 * (layers + (objective == .every ? decoder : decoder / Double(sequenceLength)))
  }
}
