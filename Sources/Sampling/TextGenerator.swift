// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// One stream of text: reads a seed, then writes what follows, a symbol at a time, the state being carried.
///
/// No window is ever run again: each character costs one step of the network, however long the text has become.
public final class TextGenerator {
  private let network: Network
  private let charset: Charset
  private let chunk: Chunk

  /// Steps a seed is read in at a time.
  private static let readingSteps = 64

  /// A generator with an fp32 network whose symbols are `charset`'s, at the beginning of a text.
  public init(_ network: Network, charset: Charset) {
    precondition(charset.count == network.configuration.symbolCount, "a charset of another network")
    self.network = network
    self.charset = charset
    chunk = Chunk(network.configuration, rows: 1, capacity: Self.readingSteps, logitRows: 1)
    begin()
  }

  /// Goes to where a text begins: the zero state after one newline, if the charset has it.
  public func begin() {
    chunk.resetState()
    if let newline = charset.newlineID { read([UInt16(newline)]) }
  }

  /// Reads symbols as if they had been written.
  public func read(_ ids: [UInt16]) {
    ids.withUnsafeBufferPointer { ids in
      guard let first = ids.baseAddress else { return }
      for start in stride(from: 0, to: ids.count, by: Self.readingSteps) {
        let steps = min(Self.readingSteps, ids.count - start)
        network.forward(first + start, steps: steps, chunk: chunk)
        network.carryState(after: steps, chunk: chunk)
      }
    }
  }

  /// Writes the next symbol.
  public func next(_ sampler: Sampler, using random: inout PhiloxGenerator) -> Int {
    network.decodeState(of: chunk)
    let id = sampler.draw(chunk.logits.elements, using: &random)
    var symbol = UInt16(id)
    network.forward(&symbol, steps: 1, chunk: chunk)
    network.carryState(after: 1, chunk: chunk)
    return id
  }

  /// Where the text stands, on which alone depends what comes next.
  ///
  /// Setting it goes there.
  public var state: [Float] {
    get { chunk.state }
    set { chunk.state = newValue }
  }

  /// The probability [V] of each symbol to come next: the model's own, at temperature 1.
  public func probabilities() -> [Float] {
    network.decodeState(of: chunk)
    let logits = chunk.logits.pointer
    network.kernels.softmax(logits, count: charset.count, temperature: 1, into: logits)
    return Array(chunk.logits.elements[..<charset.count])
  }

  /// Reads symbols and says what each of them costs the model, in nats.
  public func charge(_ ids: [UInt16]) -> [Double] {
    ids.map { id in
      var loss = 0.0
      network.decodeState(of: chunk)
      network.crossEntropy([id], rows: 1, scale: 0, chunk: chunk, losses: &loss)
      read([id])
      return loss
    }
  }
}
