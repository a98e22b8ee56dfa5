// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// One update from one batch: forward, backward, gradients merged, clipped and applied.
///
/// The batch is cut by rows into shards. Each shard runs forward and backward over its own rows into its own gradients
/// without waiting for another, and who has no shard left helps the others; then gradients are added up in the order of
/// the shards, part by part. How a batch is cut depends on the batch alone, so any number of threads gives the same bits.
final class GradientStep {
  /// What a batch is: inputs [T, B] and where its losses are taken.
  struct Batch {
    /// T, the steps of the batch.
    var steps: Int
    /// The steps whose next character is predicted.
    var decoded: Range<Int>
    /// Fills inputs [T, rows.count] and targets [decoded.count, rows.count] of some rows of the batch.
    var fill:
      @Sendable (Range<Int>, UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>) -> ChunkBeginnings
    /// Whether the state goes on to the next batch.
    var carriesState: Bool
  }

  /// What an update was made from.
  struct Outcome {
    /// The mean loss of the batch in nats.
    var loss: Double
    /// How many characters that is.
    var charged: Int
    /// What its characters cost by their frequencies alone, on the mean in nats.
    var frequencyCost: Double
    /// The norm of its gradient before clipping.
    var gradientNorm: Double

    /// Whether the update was made and can be trusted.
    var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
  }

  private let network: Network
  private let optimizer: Optimizer
  private let averages: Parameters?
  private let frequencyCosts: [Double]
  private let options: TrainingOptions
  private let workers: Workers
  private let batchRows: Int
  private let shards: [Shard]
  private let chunks: ChunkPool
  /// Whether shards run side by side where a thread has some of them.
  private let joinsShards: Bool
  /// What part of the learning rate each of the network's parts gets.
  private let partRates: [Double]

  /// Keeps the masks' random numbers apart from those of any likely seed.
  private static let dropoutKey: UInt64 = 0xD0D1_5EED_A11C_0DE5

  /// Steps for batches of `batchRows` rows and up to `steps` steps, `decoded` of them with a loss.
  ///
  /// - Parameters:
  ///   - averages: the parameters' moving average, moved with each update.
  ///   - frequencyCosts: what each symbol costs by its frequency, in nats; none where nobody asks.
  init(
    _ network: Network, optimizer: Optimizer, averages: Parameters? = nil, frequencyCosts: [Double] = [],
    options: TrainingOptions, batchRows: Int, steps: Int, decoded: Int, workers: Workers
  ) {
    self.network = network
    self.optimizer = optimizer
    self.averages = averages
    self.frequencyCosts = frequencyCosts
    self.options = options
    self.workers = workers
    self.batchRows = batchRows
    let layout = network.parameters.layout
    let outer = [layout.layers[0].input, layout.decoderWeight, layout.decoderBias]
    partRates = network.parts.map { outer.contains($0.tensor) ? 1 : options.innerRate }
    let count = Self.shardCount(batchRows: batchRows)
    joinsShards = network.isBetterTogether && batchRows.isMultiple(of: count)
    shards = (0..<count).map { index in
      Shard(
        network.configuration, rows: batchRows * index / count..<batchRows * (index + 1) / count,
        steps: steps, decoded: decoded)
    }
    chunks = ChunkPool { [configuration = network.configuration, dropout = options.dropout > 0] in
      let rows = Self.mostRows(batchRows: batchRows)
      return Chunk(
        configuration, rows: rows, capacity: steps, logitRows: decoded * rows, forTraining: true,
        dropout: dropout)
    }
  }

  /// Sixteen rows a shard keep a product's tiles full; two shards at least keep two cores busy, and more than eight
  /// cost more in merging than they bring.
  static func shardCount(batchRows: Int) -> Int {
    min(batchRows, max(2, min(8, (batchRows + 15) / 16)))
  }

  /// The rows of a batch's largest shard.
  private static func mostRows(batchRows: Int) -> Int {
    let (whole, rest) = batchRows.quotientAndRemainder(dividingBy: shardCount(batchRows: batchRows))
    return rest == 0 ? whole : whole + 1
  }

  /// About the bytes that updates from batches of `rows` rows and up to `steps` steps take: activations of each step and
  /// of the rows that `threads` threads work on, and parameters with their packed copies, moments and a gradient for
  /// each shard.
  static func memorySize(_ configuration: Configuration, rows: Int, steps: Int, threads: Int) -> Int {
    let activations = configuration.layerSizes.reduce(configuration.symbolCount) { $0 + 8 * $1 }
    let shards = shardCount(batchRows: rows)
    // Parameters, an average, the best and the last good ones, moments and theirs, packed copies.
    let copies = 12 + shards
    let isWide = configuration.layerSizes.contains { 16 * $0 * $0 > Network.cachedSize }
    let rowsAtOnce = mostRows(batchRows: rows) * min((isWide ? mostTogether : 1) * threads, shards)
    let places = rowsAtOnce.multipliedReportingOverflow(by: steps * activations)
    return places.overflow ? .max : 4 * (places.partialValue + copies * configuration.parameterCount)
  }

  /// The state that each shard carries to the next batch.
  var carriedState: [[Float]] {
    get { shards.map(\.state) }
    set { for (shard, state) in zip(shards, newValue) { shard.state = state } }
  }

  /// Takes over parameters that were changed from outside.
  func pack() { network.pack(workers: workers) }

  /// Forgets the carried state.
  func resetState() {
    for shard in shards { shard.resetState() }
  }

  /// Update number `step`, from 0, at learning rate `rate`.
  func run(_ batch: Batch, step: Int, rate: Double) -> Outcome {
    let scale = 1 / Float(batch.decoded.count * batchRows)
    let masks = dropout(step: step)
    let together = shardsTogether
    let sums = workers.map(shards.count / together) {
      [shards, chunks, network, frequencyCosts] index, helpers in
      chunks.lend(together) { chunks in
        Shard.run(
          shards[index * together..<(index + 1) * together], batch, network: network, chunks: chunks,
          dropout: masks, scale: scale, frequencyCosts: frequencyCosts, helpers: helpers)
      }
    }.flatMap { $0 }
    let norm = mergeGradients()
    let clipped = options.clip > 0 && norm > options.clip ? options.clip / norm : 1
    if norm.isFinite { update(step: step, rate: rate, gradientScale: clipped) }
    let charged = sums.reduce(0) { $0 + $1.charged }
    let count = Double(max(charged, 1))
    return Outcome(
      loss: sums.reduce(0) { $0 + $1.loss } / count, charged: charged,
      frequencyCost: sums.reduce(0) { $0 + $1.frequencyCost } / count, gradientNorm: norm)
  }

  /// How many shards a thread runs side by side: more than one where it has them to run anyway, for a step's weights are
  /// then read once for all of them.
  private var shardsTogether: Int {
    joinsShards && shards.count.isMultiple(of: Self.mostTogether * workers.count) ? Self.mostTogether : 1
  }

  /// The most shards that a thread runs side by side: each has activations of its own.
  private static let mostTogether = 2

  /// The masks of one update; which rows they are for each shard adds.
  private func dropout(step: Int) -> Network.Dropout? {
    guard options.dropout > 0 else { return nil }
    return Network.Dropout(
      probability: Float(options.dropout), key: options.seed ^ Self.dropoutKey,
      firstStream: UInt64(step) << 32, batchRows: batchRows, firstRow: 0)
  }

  /// Adds all shards' gradients into the first's and returns the norm of the sum.
  private func mergeGradients() -> Double {
    let merged = shards[0].gradients.values
    let kernels = network.kernels
    let others = shards.dropFirst().map(\.gradients.values)
    let squares = workers.map(network.parts.count) { [network] index in
      let range = network.parts[index].range
      kernels.add(others, to: merged, range: range)
      return kernels.sumOfSquares(merged, range: range)
    }
    return squares.reduce(0, +).squareRoot()
  }

  /// Each part is packed while it is in a cache.
  private func update(step: Int, rate: Double, gradientScale: Double) {
    // While few updates are made the average reaches back over a tenth of them, or it would keep what it began with.
    let left = max(1 - options.averaging, 9 / Double(step + 10))
    workers.forEach(network.parts.count) { [network, optimizer, averages, shards, partRates] index in
      let part = network.parts[index]
      optimizer.update(
        network.parameters, gradients: shards[0].gradients, range: part.range, step: step,
        rate: rate * partRates[index], gradientScale: gradientScale, kernels: network.kernels)
      if let averages {
        network.kernels.average(
          network.parameters.values, into: averages.values, left: left, range: part.range)
      }
      if network.isCoupled {
        network.parameters.couple(part)
        averages?.couple(part)
      }
      network.pack(part: index)
    }
  }
}

/// Some rows of a batch with what is kept of them from one update to the next, and their gradients.
private final class Shard: @unchecked Sendable {
  /// The losses of a batch's rows and what its characters cost by frequency, in nats, and how many they are.
  typealias Sums = (loss: Double, charged: Int, frequencyCost: Double)

  let rows: Range<Int>
  let gradients: Parameters
  /// What a chunk of these rows ended with, where the next goes on from there.
  var state: [Float]
  private let inputs: UnsafeMutableBufferPointer<UInt16>
  private let targets: UnsafeMutableBufferPointer<UInt16>
  private let losses: UnsafeMutableBufferPointer<Double>

  init(_ configuration: Configuration, rows: Range<Int>, steps: Int, decoded: Int) {
    self.rows = rows
    state = [Float](repeating: 0, count: 2 * rows.count * configuration.layerSizes.reduce(0, +))
    gradients = Parameters(configuration)
    inputs = .allocate(capacity: steps * rows.count)
    targets = .allocate(capacity: decoded * rows.count)
    losses = .allocate(capacity: decoded * rows.count)
    inputs.initialize(repeating: 0)
    targets.initialize(repeating: 0)
    losses.initialize(repeating: 0)
  }

  deinit {
    inputs.deallocate()
    targets.deallocate()
    losses.deallocate()
  }

  func resetState() {
    for index in state.indices { state[index] = 0 }
  }

  /// Runs shards of as many rows each side by side, each in a chunk of its own, and returns their sums; the gradients of
  /// `scale` times their losses are left in their `gradients`.
  static func run(
    _ shards: ArraySlice<Shard>, _ batch: GradientStep.Batch, network: Network, chunks: [Chunk],
    dropout: Network.Dropout?, scale: Float, frequencyCosts: [Double], helpers: Helpers
  ) -> [Sums] {
    let begun = zip(shards, chunks).map { shard, chunk in
      let beginnings = batch.fill(shard.rows, shard.inputs.baseAddress!, shard.targets.baseAddress!)
      let pass = shard.pass(batch, beginnings.resets, chunk, dropout)
      return (shard: shard, uncharged: beginnings.uncharged, pass: pass)
    }
    let passes = begun.map(\.pass)
    network.forward(passes, steps: batch.steps)
    let sums = begun.map { shard, uncharged, pass in
      let count = batch.decoded.count * shard.rows.count
      network.decode(steps: batch.decoded, chunk: pass.chunk, underDropout: dropout != nil)
      network.crossEntropy(
        shard.targets.baseAddress!, rows: count, scale: scale, chunk: pass.chunk,
        losses: shard.losses.baseAddress!)
      for row in uncharged {
        shard.losses[row] = 0
        network.clearLogits(row: row, chunk: pass.chunk)
      }
      return shard.sums(count, uncharged: uncharged, frequencyCosts)
    }
    network.backward(
      passes, steps: batch.steps, decoded: batch.decoded, gradients: shards.map(\.gradients),
      helpers: helpers)
    if batch.carriesState {
      for (shard, chunk) in zip(shards, chunks) {
        network.carryState(after: batch.steps, chunk: chunk)
        shard.state = chunk.state
      }
    }
    return sums
  }

  /// A pass over the inputs in `chunk`.
  private func pass(
    _ batch: GradientStep.Batch, _ resets: StateResets, _ chunk: Chunk, _ dropout: Network.Dropout?
  ) -> Network.Pass {
    chunk.use(rows: rows.count)
    if batch.carriesState { chunk.state = state } else { chunk.resetState() }
    var dropout = dropout
    dropout?.firstRow = rows.lowerBound
    return Network.Pass(inputs.baseAddress!, resets: resets, chunk: chunk, dropout: dropout)
  }

  /// The sums of the first `count` losses.
  private func sums(_ count: Int, uncharged: [Int], _ frequencyCosts: [Double]) -> Sums {
    var cost = 0.0
    if !frequencyCosts.isEmpty {
      for target in targets[..<count] { cost += frequencyCosts[Int(target)] }
      for row in uncharged { cost -= frequencyCosts[Int(targets[row])] }
    }
    return (losses[..<count].reduce(0, +), count - uncharged.count, cost)
  }
}

/// The uses of random numbers in training, each a stream of its own.
enum RandomStream: UInt64 {
  case initialValues = 1
  case batches = 2
  case recordOrder = 3
}
