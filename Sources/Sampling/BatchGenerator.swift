// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// Many texts written side by side, on all workers.
///
/// Each row of a batch goes its own way: it reads its seed a symbol a step, then writes. A text depends on its seed,
/// its number and the random seed, never on its neighbours: every row is computed as if it were alone.
public struct BatchGenerator: Sendable {
  /// What a text begins with, and which sequence of random numbers is its own.
  public struct Seed: Equatable, Sendable {
    /// The number of the text among all.
    public let number: UInt64
    /// What it continues.
    public let ids: [UInt16]

    /// Text `number`, beginning with `ids`.
    public init(number: UInt64, ids: [UInt16]) {
      self.number = number
      self.ids = ids
    }
  }

  private let network: Network
  private let charset: Charset
  private let sampler: Sampler
  private let workers: Workers

  /// Rows a thread computes together: enough to fill the products' tiles, few enough to stay in the cache.
  private static let mostRows = 64

  /// A generator with an fp32 network whose symbols are `charset`'s.
  public init(_ network: Network, charset: Charset, sampler: Sampler, workers: Workers) {
    precondition(charset.count == network.configuration.symbolCount, "a charset of another network")
    self.network = network
    self.charset = charset
    self.sampler = sampler
    self.workers = workers
  }

  /// What follows each seed, `length` symbols each.
  public func generate(_ seeds: [Seed], length: Int, randomSeed: UInt64) -> [[UInt16]] {
    guard length > 0 else { return seeds.map { _ in [] } }
    // As many tasks as whole rounds of all workers need.
    let rounds = (seeds.count + workers.count * Self.mostRows - 1) / (workers.count * Self.mostRows)
    let tasks = min(rounds * workers.count, seeds.count)
    return workers.map(tasks) { task in
      write(Array(seeds[seeds.count * task / tasks..<seeds.count * (task + 1) / tasks]), length, randomSeed)
    }.flatMap { $0 }
  }

  private func write(_ seeds: [Seed], _ length: Int, _ randomSeed: UInt64) -> [[UInt16]] {
    let rows = seeds.count
    let symbolCount = network.configuration.symbolCount
    let chunk = Chunk(network.configuration, rows: rows, capacity: 1)
    var texts = seeds.map { _ in [UInt16]() }
    var random = seeds.map { PhiloxGenerator(seed: randomSeed, stream: $0.number) }
    var inputs = [UInt16](repeating: 0, count: rows)
    func read() {
      network.forward(inputs, steps: 1, chunk: chunk)
      network.carryState(after: 1, chunk: chunk)
    }

    if let newline = charset.newlineID {
      for row in 0..<rows { inputs[row] = UInt16(newline) }
      read()
    }
    let steps = length + (seeds.map(\.ids.count).max() ?? 0)
    for step in 0..<steps {
      network.decodeState(of: chunk)
      for (row, seed) in seeds.enumerated() {
        if step < seed.ids.count {
          inputs[row] = seed.ids[step]
        } else if texts[row].count < length {
          let logits = UnsafeMutableBufferPointer(
            rebasing: chunk.logits.elements[row * symbolCount..<(row + 1) * symbolCount])
          inputs[row] = UInt16(sampler.draw(logits, using: &random[row]))
          texts[row].append(inputs[row])
        }
      }
      // The last symbol need not be read.
      if step + 1 < steps { read() }
    }
    return texts
  }
}
