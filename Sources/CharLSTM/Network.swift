// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// A stacked LSTM with a dense output: symbols in, logits of the next symbol out.
///
/// The network is weights and arithmetic; state and scratch memory are in a `Chunk`, one for each thread. After the
/// parameters change, `pack` brings the packed copies up to date.
public final class Network: Sendable {
  /// What is learned.
  public let parameters: Parameters
  /// The instruction set.
  public let kernels: Kernels
  /// Whether an input gate is 1 less its forget gate; whatever the weights of input gates are, they are not used then.
  public let isCoupled: Bool
  let products: ProductsBox
  let packed: PackedWeights
  let layers: [LSTMLayer]

  struct ProductsBox: @unchecked Sendable { let table: ck_products }

  /// A network over `parameters`, packed and ready.
  ///
  /// - Parameters:
  ///   - precision: of the products; this machine must have it.
  ///   - forTraining: whether backward passes will be run.
  ///   - isCoupled: whether gates are coupled; nil where the present values of the parameters shall tell.
  ///   - workers: the threads that pack.
  public init(
    _ parameters: Parameters, kernels: Kernels, precision: Precision = .fp32, forTraining: Bool = false,
    isCoupled: Bool? = nil, workers: Workers = Workers(count: 1)
  ) {
    guard let products = kernels.products(precision) else {
      preconditionFailure("\(kernels.name) has no \(precision.rawValue) products")
    }
    self.parameters = parameters
    self.kernels = kernels
    self.products = ProductsBox(table: products)
    let isCoupled = isCoupled ?? parameters.areCoupled
    self.isCoupled = isCoupled
    packed = PackedWeights(
      parameters.configuration, products: products,
      halves: forTraining || precision != .fp32 ? nil : kernels.table.pointee.halves,
      forTraining: forTraining, coupled: isCoupled)
    layers = zip(packed.layers, parameters.layout.layers).map { weights, tensors in
      LSTMLayer(kernels: kernels, weights: weights, tensors: tensors, isCoupled: isCoupled)
    }
    pack(workers: workers)
  }

  /// The bytes of the weights that a step reads: four an element, or two where bfloat16 holds all of them.
  public var weightSize: Int { packed.size }

  /// Whether passes are better made together: some product of a step reads more weights than a second-level cache keeps.
  public var isBetterTogether: Bool { packed.layers.contains { $0.recurrent.size > Self.cachedSize } }

  /// The bytes of weights that a second-level cache keeps, about; such caches have one or two millions.
  public static let cachedSize = 1_500_000

  /// Floating-point operations of a forward pass over one character, a multiply-add counted as two.
  public var forwardOperations: Int {
    configuration.layerOperations(isCoupled: isCoupled) + configuration.decoderOperations
  }

  /// The network's sizes.
  public var configuration: Configuration { parameters.configuration }

  /// Takes over the present values of the parameters into the packed copies.
  public func pack(workers: Workers) {
    packed.pack(parameters, workers: workers)
  }

  /// All that is learned, in parts that threads can change and pack at once: the weights of coupled input gates follow
  /// from others.
  public var parts: [TensorRows] { packed.parts }

  /// Takes over the present values of one of `parts` into the packed copies.
  ///
  /// Only for a network made for training, whose copies have one form.
  public func pack(part index: Int) {
    packed.pack(parameters, part: index)
  }

  /// Dropout between layers and before the decoder: each vector element becomes 0 with `probability`, the others are scaled up.
  public struct Dropout: Sendable {
    /// The probability, below 1; 0 drops nothing.
    public var probability: Float
    /// The key of the masks.
    public var key: UInt64
    /// The first mask's number; each row of each step and layer takes one.
    public var firstStream: UInt64
    /// The number of masks a step of the whole batch takes in each layer, and this chunk's first row among them.
    public var batchRows: Int
    /// See `batchRows`.
    public var firstRow: Int

    /// Masks for the rows from `firstRow` on of a batch of `batchRows`.
    public init(probability: Float, key: UInt64, firstStream: UInt64, batchRows: Int, firstRow: Int) {
      self.probability = probability
      self.key = key
      self.firstStream = firstStream
      self.batchRows = batchRows
      self.firstRow = firstRow
    }

    /// Drops some of what a layer puts out over a chunk, on its way to what is read of it.
    fileprivate func drop(_ activations: LSTMActivations, layer: Int, steps: Int, _ kernels: Kernels) {
      guard let dropped = activations.dropped?.pointer else { return }
      let rows = activations.rows
      for step in 0..<steps {
        for row in 0..<rows {
          let stream = firstStream + UInt64((layer * steps + step) * batchRows + firstRow + row)
          let place = (step * rows + row) * activations.stride
          kernels.table.pointee.dropout(
            activations.size, activations.output + place, dropped + place, probability, key, stream)
        }
      }
    }

    /// Takes the gradient of what is read of a layer to that of what it put out.
    fileprivate func dropGradient(_ activations: LSTMActivations, steps: Int, _ kernels: Kernels) {
      guard let dropped = activations.dropped?.pointer else { return }
      kernels.table.pointee.dropout_backward(
        steps * activations.rows * activations.stride, dropped, probability, activations.gradient)
    }
  }

  /// A chunk on its way through the network.
  ///
  /// Several can be made together, on one thread: then each step's weights are read once for all of them, which is
  /// faster where no second-level cache holds these weights. Nothing else depends on it.
  public struct Pass {
    let ids: UnsafePointer<UInt16>
    let resets: StateResets
    /// What it leaves its vectors in.
    public let chunk: Chunk
    let dropout: Dropout?

    /// A pass over `ids` from the chunk's state on.
    ///
    /// - Parameters:
    ///   - ids: [T, B], time-major, each below V; to be there until the last use of this.
    ///   - resets: where texts begin inside the chunk.
    ///   - dropout: masks of what is read of each layer; only with a chunk made for it.
    public init(
      _ ids: UnsafePointer<UInt16>, resets: StateResets = .none, chunk: Chunk, dropout: Dropout? = nil
    ) {
      self.ids = ids
      self.resets = resets
      self.chunk = chunk
      self.dropout = dropout
    }

    fileprivate func check(_ configuration: Configuration, steps: Int) {
      precondition(chunk.configuration == configuration, "a chunk of another network")
      precondition(steps <= chunk.capacity, "a chunk of \(chunk.capacity) steps cannot take \(steps)")
      precondition(resets.places.last ?? 0 < max(steps * chunk.rows, 1), "a reset behind the chunk")
    }

    /// What is read of a layer.
    fileprivate func output(ofLayer layer: Int) -> UnsafeMutablePointer<Float> {
      chunk.layers[layer].outputAbove(underDropout: dropout != nil)
    }

    fileprivate func input(ofLayer layer: Int) -> LSTMInput {
      layer == 0 ? .symbols(ids) : .vectors(output(ofLayer: layer - 1))
    }

    fileprivate func through(_ layer: Int) -> LSTMLayer.Pass {
      LSTMLayer.Pass(input: input(ofLayer: layer), resets: resets, activations: chunk.layers[layer])
    }
  }

  /// Runs all LSTM layers over `steps` steps of a pass.
  ///
  /// - Parameters:
  ///   - ids: [T, B], time-major, each below V.
  ///   - steps: T, at most the chunk's capacity.
  ///   - resets: where texts begin inside the chunk.
  ///   - team: shares out a lone step of a lone row, with the same bits.
  public func forward(
    _ ids: UnsafePointer<UInt16>, steps: Int, resets: StateResets = .none, chunk: Chunk, team: Team? = nil
  ) {
    let pass = Pass(ids, resets: resets, chunk: chunk)
    pass.check(configuration, steps: steps)
    guard steps * chunk.rows == 1, resets == .none else { return forward([pass], steps: steps) }
    for (index, layer) in layers.enumerated() {
      layer.step(
        pass.input(ofLayer: index), activations: chunk.layers[index], parameters: parameters, team: team)
    }
  }

  /// Runs all LSTM layers over `steps` steps of each pass, at most its chunk's capacity.
  public func forward(_ passes: [Pass], steps: Int) {
    for pass in passes { pass.check(configuration, steps: steps) }
    for (index, layer) in layers.enumerated() {
      layer.forward(passes.map { $0.through(index) }, steps: steps, parameters: parameters)
      for pass in passes {
        pass.dropout?.drop(pass.chunk.layers[index], layer: index, steps: steps, kernels)
      }
    }
    for pass in passes {
      let top = pass.chunk.layers[layers.count - 1]
      let read = pass.output(ofLayer: layers.count - 1)
      for row in pass.resets.silent { (read + row * top.stride).update(repeating: 0, count: top.size) }
    }
  }

  /// The logits [steps B, V] of the last forward pass from step `first` on, into `chunk.logits`.
  ///
  /// - Parameter underDropout: whether that pass was one with dropout.
  public func decode(steps: Range<Int>, chunk: Chunk, underDropout: Bool = false) {
    let top = chunk.layers[chunk.layers.count - 1]
    decode(
      top.outputAbove(underDropout: underDropout) + steps.lowerBound * chunk.rows * top.stride,
      rows: steps.count * chunk.rows, chunk: chunk)
  }

  /// The logits [B, V] of what follows the chunk's state, into `chunk.logits`; of the zero state, what follows nothing.
  public func decodeState(of chunk: Chunk) {
    let top = chunk.layers[chunk.layers.count - 1]
    decode(top.hidden.pointer, rows: chunk.rows, chunk: chunk)
  }

  /// Losses in nats of `targets` [rows] under the first rows of `chunk.logits`; with a `scale` other than 0 the logits
  /// become the gradient of `scale` times their sum.
  public func crossEntropy(
    _ targets: UnsafePointer<UInt16>, rows: Int, scale: Float, chunk: Chunk,
    losses: UnsafeMutablePointer<Double>
  ) {
    kernels.table.pointee.cross_entropy(
      rows, configuration.symbolCount, chunk.logits.pointer, targets, scale, losses)
  }

  /// Takes a target out of the loss: its row of `chunk.logits`, which holds gradients, becomes zeros.
  public func clearLogits(row: Int, chunk: Chunk) {
    let count = configuration.symbolCount
    (chunk.logits.pointer + row * count).update(repeating: 0, count: count)
  }

  /// The gradients of the last forward passes, from those of the logits in their `chunk.logits`.
  ///
  /// - Parameters:
  ///   - passes: the forward passes, over chunks of as many rows each.
  ///   - steps: their T.
  ///   - decoded: the steps whose logits the gradients in `chunk.logits` are of.
  ///   - gradients: for each pass, receives the gradients of all `parts`, in place of what it held.
  ///   - helpers: make products for weight gradients, if they have nothing else to do.
  public func backward(
    _ passes: [Pass], steps: Int, decoded: Range<Int>, gradients: [Parameters], helpers: Helpers? = nil
  ) {
    let ways = zip(passes, gradients).map { pass, gradients in
      (pass: pass, gradients: gradients, queues: layers.map { _ in WorkQueue(helpers) })
    }
    for way in ways { decoderBackward(way.pass, decoded, steps: steps, gradients: way.gradients) }
    for index in layers.indices.reversed() {
      for (pass, _, queues) in ways {
        pass.dropout?.dropGradient(pass.chunk.layers[index], steps: steps, kernels)
        // The layer changes vectors before resets, which the products of the one above read.
        if index + 1 < queues.count && !pass.resets.places.isEmpty { WorkQueue.finish([queues[index + 1]]) }
      }
      layers[index].backward(
        ways.map { pass, gradients, queues in
          LSTMLayer.BackwardPass(
            forward: pass.through(index), gradients: gradients,
            below: index > 0 ? pass.chunk.layers[index - 1].gradient : nil,
            scratch: pass.chunk.scratch[index], queue: queues[index])
        }, steps: steps, products: products.table)
    }
    WorkQueue.finish(ways.flatMap(\.queues))
  }

  /// Makes the state after `steps` steps the one the next chunk begins from.
  public func carryState(after steps: Int, chunk: Chunk) {
    for layer in chunk.layers { layer.carryState(after: steps) }
  }

  private func decode(_ hidden: UnsafePointer<Float>, rows: Int, chunk: Chunk) {
    precondition(rows * configuration.symbolCount <= chunk.logits.count, "no room for \(rows) rows of logits")
    packed.decoder.multiply(
      rows, hidden, into: chunk.logits.pointer, from: .row(parameters.pointer(parameters.layout.decoderBias)))
  }

  private func decoderBackward(
    _ pass: Pass, _ decoded: Range<Int>, steps: Int, gradients: Parameters
  ) {
    guard let back = packed.decoderBack else { preconditionFailure("a network for forward passes only") }
    let chunk = pass.chunk
    let top = layers.count - 1
    let (size, stride) = (chunk.layers[top].size, chunk.layers[top].stride)
    let gradient = chunk.layers[top].gradient
    let layout = parameters.layout
    let symbolCount = configuration.symbolCount
    let rows = decoded.count * chunk.rows
    let first = decoded.lowerBound * chunk.rows * stride
    if decoded.count < steps { gradient.update(repeating: 0, count: steps * chunk.rows * stride) }
    let wanted = ck_transposed_product(
      n: size, b: pass.output(ofLayer: top) + first, ldb: stride,
      c: gradients.pointer(layout.decoderWeight), ldc: size)
    products.table.multiply_transposed(
      symbolCount, rows, chunk.logits.pointer, symbolCount, [wanted], 1,
      gradients.pointer(layout.decoderBias), false, chunk.scratch[top])
    back.multiply(rows, chunk.logits.pointer, into: gradient + first, from: .zeros)
    for row in pass.resets.silent { (gradient + row * stride).update(repeating: 0, count: size) }
  }
}
