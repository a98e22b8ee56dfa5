// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A text that models learn and one that they are measured on.
public struct TextSplit: Sendable {
  /// What the ids mean.
  public let charset: Charset
  /// The ids that the training text is in.
  public let trainingIDs: IDSequence
  /// Its place among them.
  public let training: Range<Int>
  /// The ids that the held-out text is in.
  public let heldOutIDs: IDSequence
  /// Its place among them.
  public let heldOut: Range<Int>

  /// The first `training.upperBound` characters of a corpus to learn, and the validation text or, without one, the rest
  /// of the corpus to measure on.
  public init(_ corpus: Corpus, training: Range<Int>, validation: Corpus?) {
    charset = corpus.charset
    trainingIDs = corpus.ids
    self.training = training
    heldOutIDs = validation?.ids ?? corpus.ids
    heldOut =
      validation.map { 0..<$0.ids.count } ?? training.upperBound..<max(training.upperBound, corpus.ids.count)
  }
}

/// What held-out text costs under n-gram models: something to hold a network's loss against.
public enum NGramBaselines {
  /// The orders that people compare with: characters of context. (An n-gram has one more.)
  public static let orders = [0, 2, 3, 4, 5, 6]
  /// Of a longer training text, its last so many characters are counted.
  public static let mostTrained = 1 << 24
  /// Of a longer held-out text, its first so many characters are charged.
  public static let mostHeldOut = 1 << 22

  /// Fits a Kneser-Ney model of each order on the training text and charges the held-out text to it.
  ///
  /// The texts are read as one piece each. Memory is bounded by the two limits above, at about 300 MB.
  ///
  /// - Parameters:
  ///   - orders: characters of context, 0 to 6.
  ///   - shouldStop: asked a few times; whether to give up.
  /// - Returns: nats per character by order; nil if there is nothing to count or to charge, or it was stopped.
  public static func costs(
    _ text: TextSplit, orders: [Int] = orders, shouldStop: () -> Bool = { false }
  ) -> [Int: Double]? {
    guard !text.training.isEmpty && !text.heldOut.isEmpty && !shouldStop() else { return nil }
    let symbolCount = text.charset.count
    let contexts = SortedContexts(
      training: text.trainingIDs.ids(in: text.training.suffix(mostTrained)),
      heldOut: text.heldOutIDs.ids(in: text.heldOut.prefix(mostHeldOut)), symbolCount: symbolCount,
      beginning: text.charset.newlineID)
    var model = KneserNey(contexts, symbolCount: symbolCount)
    var costs: [Int: Double] = [:]
    for order in 0...(orders.max() ?? 0) {
      if shouldStop() { return nil }
      let probabilities = model.next()
      guard orders.contains(order) else { continue }
      costs[order] = -probabilities.reduce(0) { $0 + log($1) } / Double(probabilities.count)
    }
    return costs
  }
}
