// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// The kernels over flat arrays that training needs beside the network's own.
extension Kernels {
  /// Adds y[range] of each of `buffers`, the first first, to x[range].
  public func add(_ buffers: [FloatBuffer], to x: FloatBuffer, range: Range<Int>) {
    let from = buffers.map { UnsafePointer($0.pointer + range.lowerBound) as UnsafePointer<Float>? }
    table.pointee.add(range.count, from, from.count, x.pointer + range.lowerBound)
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

  /// Moves averages[range] towards values[range] by the fraction `left` of what is between them.
  public func average(_ values: FloatBuffer, into averages: FloatBuffer, left: Double, range: Range<Int>) {
    table.pointee.average(
      range.count, values.pointer + range.lowerBound, Float(left), averages.pointer + range.lowerBound)
  }

  /// Adds `weight` times softmax(logits [n]) to sums [n]; the logits become the probabilities.
  public func addProbabilities(
    of logits: UnsafeMutablePointer<Float>, weight: Float, to sums: UnsafeMutablePointer<Float>, count: Int
  ) {
    softmax(logits, count: count, temperature: 1, into: logits)
    for index in 0..<count { sums[index] += weight * logits[index] }
  }

  /// Fills logits [n] with the natural logarithms of probabilities [n]; they may be the same array.
  ///
  /// A logarithm is -87 at least, that of the least fp32 number that is not denormal, so that it stays finite.
  public func logarithms(
    of probabilities: UnsafePointer<Float>, count: Int, into logits: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<count {
      logits[index] = Float(ck_log(Double(max(probabilities[index], .leastNormalMagnitude))))
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

  /// One Adam update of the floats in `range`; `rate` with the first moment's correction in it, `weightDecay` the
  /// fraction of a weight taken off.
  public func adam(
    _ parameters: FloatBuffer, gradients: FloatBuffer, firstMoment: FloatBuffer?, secondMoment: FloatBuffer,
    range: Range<Int>, rate: Double, beta1: Double, beta2: Double, epsilon: Double, secondCorrection: Double,
    gradientScale: Double, weightDecay: Double = 0
  ) {
    var options = ck_adam_options(
      rate: Float(rate), beta1: Float(beta1), beta2: Float(beta2), left1: Float(1 - beta1),
      left2: Float(1 - beta2),
      epsilon: Float(epsilon), correction2: Float(secondCorrection), weight_decay: Float(weightDecay),
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
