// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// The kernels over flat arrays that training needs beside the network's own.
extension Kernels {
  /// Adds y[range] to x[range].
  public func add(_ y: FloatBuffer, to x: FloatBuffer, range: Range<Int>) {
    table.pointee.add(range.count, y.pointer + range.lowerBound, x.pointer + range.lowerBound)
  }

  /// The sum of squares of x[range].
  public func sumOfSquares(_ x: FloatBuffer, range: Range<Int>) -> Double {
    table.pointee.sum_of_squares(range.count, x.pointer + range.lowerBound)
  }

  /// Fills probabilities [n] with softmax(logits [n] / temperature); they may be the same array.
  public func softmax(
    _ logits: UnsafePointer<Float>, count: Int, temperature: Double,
    into probabilities: UnsafeMutablePointer<Float>
  ) {
    // The scale must stay finite, or the likeliest symbol's 0 times it would be NaN.
    let scale = Float(min(1 / temperature, 1e30))
    table.pointee.softmax(count, logits, scale, probabilities)
  }

  /// Replaces logits [n] by the logarithms of a weighted mean of probabilities: those of softmax(logits) and of each
  /// of `others`.
  ///
  /// A logarithm is -87 at least, that of the least probability in fp32 that is not denormal.
  ///
  /// - Parameters:
  ///   - others: logits [n] of the same symbols; become probabilities.
  ///   - weights: the weight of `logits`, then that of each of `others`; they add up to 1.
  public func blend(
    _ logits: UnsafeMutablePointer<Float>, with others: [UnsafeMutablePointer<Float>], weights: [Float],
    count: Int
  ) {
    precondition(weights.count == others.count + 1, "a weight for each of the logits")
    softmax(logits, count: count, temperature: 1, into: logits)
    for index in 0..<count { logits[index] *= weights[0] }
    for (other, weight) in zip(others, weights.dropFirst()) {
      softmax(other, count: count, temperature: 1, into: other)
      for index in 0..<count { logits[index] += weight * other[index] }
    }
    for index in 0..<count {
      logits[index] = Float(ck_log(Double(max(logits[index], .leastNormalMagnitude))))
    }
  }

  /// -log softmax(logits [n])[target] in nats, the bits of `Network.crossEntropy`.
  public func crossEntropy(_ logits: UnsafeMutablePointer<Float>, count: Int, target: Int) -> Double {
    var target = UInt16(target)
    var loss = 0.0
    // With no scale the logits stay as they are.
    table.pointee.cross_entropy(1, count, logits, &target, 0, &loss)
    return loss
  }

  /// One Adam update of the floats in `range`; `rate` with the first moment's correction in it.
  public func adam(
    _ parameters: FloatBuffer, gradients: FloatBuffer, firstMoment: FloatBuffer?, secondMoment: FloatBuffer,
    range: Range<Int>, rate: Double, beta1: Double, beta2: Double, epsilon: Double, secondCorrection: Double,
    gradientScale: Double
  ) {
    var options = ck_adam_options(
      rate: Float(rate), beta1: Float(beta1), beta2: Float(beta2), left1: Float(1 - beta1),
      left2: Float(1 - beta2),
      epsilon: Float(epsilon), correction2: Float(secondCorrection), weight_decay: 0,
      gradient_scale: Float(gradientScale))
    table.pointee.adam(
      range.count, parameters.pointer + range.lowerBound, gradients.pointer + range.lowerBound,
      firstMoment.map { $0.pointer + range.lowerBound }, secondMoment.pointer + range.lowerBound, &options)
  }

  /// One RMSProp update of the floats in `range`.
  public func rmsprop(
    _ parameters: FloatBuffer, gradients: FloatBuffer, secondMoment: FloatBuffer, range: Range<Int>,
    rate: Double,
    decay: Double, epsilon: Double, gradientScale: Double
  ) {
    table.pointee.rmsprop(
      range.count, parameters.pointer + range.lowerBound, gradients.pointer + range.lowerBound,
      secondMoment.pointer + range.lowerBound, Float(rate), Float(decay), Float(1 - decay), Float(epsilon),
      Float(gradientScale))
  }
}
