// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct VectorKernelsTests {
  private static func buffer(_ values: [Float]) -> FloatBuffer {
    let buffer = FloatBuffer(count: values.count)
    for (index, value) in values.enumerated() { buffer.pointer[index] = value }
    return buffer
  }

  @Test func rangesAreTheOnlyPartTouched() {
    let kernels = Kernels.best
    let x = Self.buffer((0..<40).map { Float($0) })
    let y = Self.buffer((0..<40).map { Float(100 * $0) })
    kernels.add([y, y], to: x, range: 3..<21)
    for index in 0..<40 { #expect(x.pointer[index] == Float((3..<21).contains(index) ? 201 * index : index)) }
    #expect(kernels.sumOfSquares(y, range: 2..<4) == 130_000)

    let gradients = Self.buffer([Float](repeating: 1, count: 40))
    let (p, m, v) = (FloatBuffer(count: 40), FloatBuffer(count: 40), FloatBuffer(count: 40))
    kernels.adam(
      p, gradients: gradients, firstMoment: m, secondMoment: v, range: 17..<34, rate: 0.5, beta1: 0.5,
      beta2: 0.75,
      epsilon: 0, secondCorrection: 1, gradientScale: 2)
    for index in 0..<40 {
      // m = (1 - 1/2) 2, v = (1 - 3/4) 4, p = -rate m / √v
      let inside = (17..<34).contains(index)
      #expect(m.pointer[index] == (inside ? 1 : 0) && v.pointer[index] == (inside ? 1 : 0))
      #expect(p.pointer[index] == (inside ? -0.5 : 0))
    }
    let (q, w) = (FloatBuffer(count: 40), FloatBuffer(count: 40))
    kernels.rmsprop(
      q, gradients: gradients, secondMoment: w, range: 5..<6, rate: 0.5, decay: 0.75, epsilon: 0,
      gradientScale: 2)
    // v as before, but the step takes the gradient of 2 itself.
    for index in 0..<40 { #expect(q.pointer[index] == (index == 5 ? -1 : 0)) }
  }

  @Test func anAverageMovesByItsPartTowardsTheValues() {
    let values = Self.buffer((0..<40).map { Float($0) })
    let averages = Self.buffer([Float](repeating: 8, count: 40))
    Kernels.best.average(values, into: averages, left: 0.25, range: 3..<38)
    for index in 0..<40 {
      let expected = (3..<38).contains(index) ? 8 + (Float(index) - 8) / 4 : 8
      #expect(averages.pointer[index] == expected)
    }
  }

  @Test func softmaxKnowsEveryTemperature() {
    let logits: [Float] = [0, 1, 2, 1.5]
    var p = [Float](repeating: 0, count: 4)
    for temperature in [0.25, 0.75, 1, 4] {
      Kernels.best.softmax(logits, count: 4, temperature: temperature, into: &p)
      #expect((p.reduce(0, +) - 1).magnitude < 1e-6)
      // p₂ / p₁ = e^(1 / temperature), whose square is p₂ / p₀.
      #expect((p[2] / p[0] - (p[2] / p[1]) * (p[2] / p[1])).magnitude < 1e-5 * p[2] / p[0])
    }
    for tiny in [1e-12, 1e-39, Double.leastNonzeroMagnitude] {
      Kernels.best.softmax(logits, count: 4, temperature: tiny, into: &p)
      #expect(p == [0, 0, 1, 0], "temperature \(tiny)")
    }
    Kernels.best.softmax(logits, count: 4, temperature: 1e30, into: &p)
    #expect(p == [0.25, 0.25, 0.25, 0.25])
  }

  @Test(arguments: Kernels.levels)
  func probabilitiesAreMixedAndMadeLogitsAgain(level: String) throws {
    let kernels = try Kernels(named: level)
    let logits: [[Float]] = [[0, 1, 2, -300], [3, -1, 0.5, -300]]
    let sums = FloatBuffer(count: 4)
    var expected = [Double](repeating: 0, count: 4)
    for (values, weight) in zip(logits, [Float(0.25), 0.75]) {
      let buffer = Self.buffer(values)
      kernels.addProbabilities(of: buffer.pointer, weight: weight, to: sums.pointer, count: 4)
      for id in 0..<4 { expected[id] += Double(weight) * Double(buffer.pointer[id]) }
    }
    for id in 0..<4 { #expect(abs(Double(sums.pointer[id]) - expected[id]) < 1e-6) }
    kernels.logarithms(of: sums.pointer, count: 4, into: sums.pointer)
    // What is impossible stays finite.
    #expect(abs(sums.pointer[3] + 87.336_55) < 1e-3)
    kernels.softmax(sums.pointer, count: 4, temperature: 1, into: sums.pointer)
    for id in 0..<4 { #expect(abs(Double(sums.pointer[id]) - expected[id]) < 1e-6) }
  }

  @Test func oneTargetsLossIsThatOfTheNetwork() throws {
    let parameters = Parameters(try Configuration(symbolCount: 19, layerSizes: [5]))
    var random = PhiloxGenerator(seed: 3)
    parameters.initialize(.scaled, using: &random)
    let network = Network(parameters, kernels: .best)
    let chunk = Chunk(parameters.configuration, rows: 1, capacity: 1)
    network.forward([4], steps: 1, chunk: chunk)
    network.decode(steps: 0..<1, chunk: chunk)
    for target in 0..<19 {
      var loss = 0.0
      network.crossEntropy([UInt16(target)], rows: 1, scale: 0, chunk: chunk, losses: &loss)
      #expect(network.kernels.crossEntropy(chunk.logits.pointer, count: 19, target: target) == loss)
    }
  }
}
