// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

extension TrainingOptions {
  /// Floating-point operations a trained character takes, a multiply-add counted as two.
  ///
  /// They are those of the forward pass and twice as many of the backward pass. The lowest layer's input, which is
  /// gathered, costs none; with the objective `last` the decoder runs once a window.
  public func operationsPerCharacter(_ configuration: Configuration) -> Double {
    let decoder = Double(configuration.decoderOperations)
    let layers = Double(configuration.layerOperations(isCoupled: cell == .coupled))
    return 3 * (layers + (objective == .every ? decoder : decoder / Double(sequenceLength)))
  }

  /// A speed of training as a part of what the processors can do.
  ///
  /// - Parameters:
  ///   - charactersPerSecond: characters trained a second.
  ///   - peak: floating-point operations a second.
  /// - Returns: nil where there is nothing to compare, and above 1: no training is faster than the limit, so the two were
  ///   measured while the machine gave this program different shares of itself.
  public func fractionOfPeak(
    _ charactersPerSecond: Double, peak: Double, _ configuration: Configuration
  ) -> Double? {
    let fraction = charactersPerSecond * operationsPerCharacter(configuration) / peak
    return fraction > 0 && fraction <= 1 ? fraction : nil
  }
}
