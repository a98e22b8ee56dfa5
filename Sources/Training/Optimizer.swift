// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// Moments of the gradients, and the update made from them.
///
/// Adam: Kingma and Ba, "Adam: a method for stochastic optimization" (2015). RMSProp: TensorFlow.js's `tf.train.rmsprop`
/// without momentum.
public final class Optimizer: Sendable {
  private let kind: OptimizerKind
  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double
  private let weightDecay: Double
  /// The running mean of the gradients, where the method keeps one.
  let firstMoment: FloatBuffer?
  /// The running mean of their squares.
  let secondMoment: FloatBuffer

  /// Zero moments for parameters of `count` floats.
  public init(_ options: TrainingOptions, count: Int) {
    kind = options.optimizer
    beta1 = options.beta1
    beta2 = options.beta2
    epsilon = options.epsilon
    weightDecay = options.weightDecay
    firstMoment = options.optimizer == .adam && options.beta1 > 0 ? FloatBuffer(count: count) : nil
    secondMoment = FloatBuffer(count: count)
  }

  /// Update number `step`, from 0, of the floats in `range`.
  ///
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - gradientScale: multiplies every gradient first.
  public func update(
    _ parameters: Parameters, gradients: Parameters, range: Range<Int>, step: Int, rate: Double,
    gradientScale: Double, kernels: Kernels
  ) {
    switch kind {
    case .adam:
      let corrections = (1 - power(beta1, step + 1), 1 - power(beta2, step + 1))
      kernels.adam(
        parameters.values, gradients: gradients.values, firstMoment: firstMoment, secondMoment: secondMoment,
        range: range, rate: rate / corrections.0, beta1: beta1, beta2: beta2, epsilon: epsilon,
        secondCorrection: 1 / corrections.1, gradientScale: gradientScale, weightDecay: weightDecay * rate)
    case .rmsprop:
      kernels.rmsprop(
        parameters.values, gradients: gradients.values, secondMoment: secondMoment, range: range, rate: rate,
        decay: beta2, epsilon: epsilon, gradientScale: gradientScale)
    }
  }

  /// x to a whole power by squaring: the same bits everywhere.
  private func power(_ x: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = x
    var left = exponent
    while left > 0 {
      if left & 1 == 1 { result *= square }
      square *= square
      left >>= 1
    }
    return result
  }
}
