// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// What predicts the next symbol: a network, or several whose probabilities are blended.
public struct Mixture: Sendable {
  /// The symbols of all networks.
  public let charset: Charset
  let networks: [Network]
  /// A weight for each network; together 1.
  let weights: [Float]

  /// One fp32 network whose symbols are `charset`'s.
  public init(_ network: Network, charset: Charset) {
    self.init([(network, 1)], charset: charset)
  }

  /// At least one fp32 network, all of `charset`'s symbols, with weights above 0 that are scaled to add up to 1.
  public init(_ parts: [(network: Network, weight: Double)], charset: Charset) {
    precondition(!parts.isEmpty && parts.allSatisfy { $0.weight > 0 }, "each network has a weight above 0")
    precondition(
      parts.allSatisfy { charset.count == $0.network.configuration.symbolCount },
      "a charset of another network")
    self.charset = charset
    networks = parts.map(\.network)
    let total = parts.reduce(0) { $0 + $1.weight }
    weights = parts.map { Float($0.weight / total) }
  }

  /// Whether one text is written faster by all threads together.
  ///
  /// That is so where the second-level cache of one processor does not hold the weights. In a smaller network what
  /// threads have to tell each other at each step takes longer than they save.
  public var wantsTeam: Bool { networks.contains { $0.weightSize >= 1_000_000 } }

  /// V.
  public var symbolCount: Int { charset.count }
  /// The instruction set.
  public var kernels: Kernels { networks[0].kernels }
}

/// Rows of text on their way through the networks of a mixture; one thread at a time.
final class MixtureState {
  let mixture: Mixture
  private let networks: [Network]
  private let chunks: [Chunk]
  /// Probabilities [V] of one row, where there is more than one network.
  private let blended: FloatBuffer

  /// Room for `rows` rows that read up to `capacity` symbols at a time; all are in use, at the zero state.
  init(_ mixture: Mixture, rows: Int, capacity: Int) {
    self.mixture = mixture
    networks = mixture.networks
    blended = FloatBuffer(count: mixture.networks.count > 1 ? mixture.symbolCount : 0)
    chunks = mixture.networks.map {
      Chunk($0.configuration, rows: rows, capacity: capacity, logitRows: rows)
    }
  }

  /// The rows in use, the first of those there are.
  var rows: Int { chunks[0].rows }

  /// The most symbols that each of these rows reads at a time.
  var capacity: Int { chunks[0].capacity }

  func use(rows: Int) {
    for chunk in chunks { chunk.use(rows: rows) }
  }

  func reset(row: Int) {
    for chunk in chunks { chunk.resetState(row: row) }
  }

  func copyState(ofRow source: Int, to target: Int) {
    for chunk in chunks { chunk.copyState(ofRow: source, to: target) }
  }

  /// Reads `steps` symbols in every row in use: ids [T, B].
  ///
  /// - Parameter team: see `Network.forward`.
  func read(_ ids: UnsafePointer<UInt16>, steps: Int, team: Team? = nil) {
    for index in 0..<chunks.count {
      networks[index].forward(ids, steps: steps, chunk: chunks[index], team: team)
      networks[index].carryState(after: steps, chunk: chunks[index])
    }
  }

  /// Predicts what follows in every row in use; see `logits(ofRow:)`.
  func predict() {
    for index in 0..<chunks.count { networks[index].decodeState(of: chunks[index]) }
    guard chunks.count > 1 else { return }
    for row in 0..<rows { blend(row) }
  }

  private func blend(_ row: Int) {
    let kernels = mixture.kernels
    let count = mixture.symbolCount
    blended.clear()
    for (chunk, weight) in zip(chunks, mixture.weights) {
      kernels.addProbabilities(
        of: chunk.logits.pointer + row * count, weight: weight, to: blended.pointer, count: count)
    }
    kernels.logarithms(of: blended.pointer, count: count, into: chunks[0].logits.pointer + row * count)
  }

  /// The logits [V] of the last prediction; of a blend the logarithms of its probabilities.
  func logits(ofRow row: Int) -> UnsafeMutableBufferPointer<Float> {
    let symbolCount = mixture.symbolCount
    return UnsafeMutableBufferPointer(
      start: chunks[0].logits.pointer + row * symbolCount, count: symbolCount)
  }

  /// The state of all rows in use, to come back to.
  var values: [[Float]] {
    get { chunks.map(\.state) }
    set { for (chunk, state) in zip(chunks, newValue) { chunk.state = state } }
  }
}
