// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

/// The parts of a network that are changed and packed one by one.
struct PartsTests {
  /// More than a part in most tensors, ends that are no whole panels, layers of different sizes.
  private static let sizes = NaiveCase(rows: 5, steps: 3, symbolCount: 45, layerSizes: [150, 37])

  private static func network(
    _ parameters: Parameters, isCoupled: Bool, _ level: String, _ precision: Precision
  ) throws -> Network {
    Network(
      parameters, kernels: try Kernels(named: level), precision: precision, forTraining: true,
      isCoupled: isCoupled)
  }

  @Test(arguments: [false, true])
  func togetherAreAllParametersThatAreLearned(isCoupled: Bool) throws {
    let parameters = try Self.sizes.parameters()
    if isCoupled { parameters.couple() }
    let network = try Self.network(parameters, isCoupled: isCoupled, "portable", .fp32)
    var times = [Int](repeating: 0, count: parameters.values.count)
    for part in network.parts {
      for place in part.range { times[place] += 1 }
    }
    #expect(times.max() == 1, "a parameter in two parts")
    for tensor in parameters.layout.tensors {
      let isLearned = times[tensor.offset..<tensor.offset + tensor.count].map { $0 == 1 }
      // Where gates are next to each other in rows, a quarter of all rows follows from others.
      let following = isCoupled && tensor.gates == .rows ? tensor.count / 4 : 0
      #expect(isLearned.firstIndex(of: true) == following, "\(tensor.name)")
      #expect(isLearned[following...].allSatisfy { $0 }, "\(tensor.name)")
    }
  }

  @Test func coupledOneByOneAllAreCoupled() throws {
    let (parameters, whole) = (try Self.sizes.parameters(), try Self.sizes.parameters())
    whole.couple()
    for part in try Self.network(parameters, isCoupled: true, "portable", .fp32).parts.reversed() {
      parameters.couple(part)
    }
    #expect(parameters.areCoupled)
    #expect(Array(parameters.values.elements) == Array(whole.values.elements))
  }

  @Test(arguments: Kernels.levels, [false, true])
  func packedOneByOneAllArePacked(_ level: String, isCoupled: Bool) throws {
    for precision in Precision.allCases where try Kernels(named: level).has(precision) {
      let parameters = try Self.sizes.parameters()
      if isCoupled { parameters.couple() }
      let network = try Self.network(parameters, isCoupled: isCoupled, level, precision)
      let old = gradients(network)
      for value in parameters.values.elements.indices { parameters.values.elements[value] *= 0.5 }
      for part in network.parts.indices.reversed() { network.pack(part: part) }
      let fresh = try Self.network(parameters, isCoupled: isCoupled, level, precision)
      #expect(gradients(network) == gradients(fresh), "\(precision)")
      #expect(gradients(network) != old, "\(precision)")
    }
  }

  /// Of a pass forward and back: every packed operand has its part in them.
  private func gradients(_ network: Network) -> [Float] {
    let (rows, steps) = (Self.sizes.rows, Self.sizes.steps)
    let chunk = Chunk(network.configuration, rows: rows, capacity: steps, forTraining: true)
    let gradients = Parameters(network.configuration)
    let ids = NetworkRun.timeMajor(Self.sizes.ids(stream: 2), 0..<steps)
    var losses = [Double](repeating: 0, count: steps * rows)
    network.forward(ids, steps: steps, chunk: chunk)
    network.decode(steps: 0..<steps, chunk: chunk)
    network.crossEntropy(ids, rows: steps * rows, scale: 1, chunk: chunk, losses: &losses)
    network.backward(ids, steps: steps, decoded: 0..<steps, chunk: chunk, gradients: gradients)
    return Array(gradients.values.elements)
  }
}
