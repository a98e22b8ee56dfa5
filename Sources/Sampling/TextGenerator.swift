// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// One stream of text: reads a seed, then writes what follows, a symbol at a time, the state being carried.
///
/// No window is ever run again: each character costs one step of the network, however long the text has become.
public final class TextGenerator {
  /// A place in a text, to come back to.
  public struct State: Sendable {
    fileprivate let values: [[Float]]
    fileprivate let recent: RecentSymbols
  }

  /// What predicts the next symbol.
  public let mixture: Mixture
  private let text: MixtureState
  private let ranking: Ranking
  private var recent: RecentSymbols

  /// Steps a seed is read in at a time.
  private static let readingSteps = 64

  /// A generator with an fp32 network whose symbols are `charset`'s, at the beginning of a text.
  public convenience init(_ network: Network, charset: Charset) {
    self.init(Mixture(network, charset: charset))
  }

  /// A generator at the beginning of a text.
  ///
  /// - Parameter repetitionWindow: how far back a repetition penalty looks; that of `next`'s sampler is not asked.
  public init(_ mixture: Mixture, repetitionWindow: Int = SamplingOptions().repetitionWindow) {
    self.mixture = mixture
    text = MixtureState(mixture, rows: 1, capacity: Self.readingSteps)
    ranking = Ranking(symbolCount: mixture.symbolCount)
    recent = RecentSymbols(window: max(repetitionWindow, 1), symbolCount: mixture.symbolCount)
    begin()
  }

  /// Goes to where a text begins: the zero state after one newline, if the charset has it.
  public func begin() {
    text.reset(row: 0)
    if let newline = mixture.charset.newlineID { read([UInt16(newline)]) }
    recent.removeAll()
  }

  /// Reads symbols as if they had been written.
  public func read(_ ids: [UInt16]) {
    recent.append(ids)
    ids.withUnsafeBufferPointer { ids in
      guard let first = ids.baseAddress else { return }
      for start in stride(from: 0, to: ids.count, by: Self.readingSteps) {
        text.read(first + start, steps: min(Self.readingSteps, ids.count - start))
      }
    }
  }

  /// Writes the next symbol.
  public func next(_ sampler: Sampler, using random: inout PhiloxGenerator) -> Int {
    text.predict()
    let id = sampler.draw(text.logits(ofRow: 0), recent: recent, ranking: ranking, using: &random)
    recent.append(id)
    var symbol = UInt16(id)
    text.read(&symbol, steps: 1)
    return id
  }

  /// The probability [V] of each symbol to come next, under the model itself: at temperature 1 and before any filter.
  public func probabilities() -> [Float] {
    text.predict()
    let logits = text.logits(ofRow: 0)
    return [Float](unsafeUninitializedCapacity: logits.count) { probabilities, count in
      if let from = logits.baseAddress, let into = probabilities.baseAddress {
        mixture.kernels.softmax(from, count: logits.count, temperature: 1, into: into)
      }
      count = logits.count
    }
  }

  /// What each symbol costs in nats, -log p under the model itself, when the text goes on with `ids`; reads them.
  public func score(_ ids: [UInt16]) -> [Double] {
    ids.map { id in
      text.predict()
      guard let logits = text.logits(ofRow: 0).baseAddress else { return .nan }
      defer { read([id]) }
      return mixture.kernels.crossEntropy(logits, count: mixture.symbolCount, target: Int(id))
    }
  }

  /// Where the text is; set, goes back there.
  public var state: State {
    get { State(values: text.values, recent: recent) }
    set {
      text.values = newValue.values
      recent = newValue.recent
    }
  }
}
