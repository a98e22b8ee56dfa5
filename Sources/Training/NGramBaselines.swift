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

  /// These texts.
  public init(
    charset: Charset, trainingIDs: IDSequence, training: Range<Int>, heldOutIDs: IDSequence,
    heldOut: Range<Int>
  ) {
    self.charset = charset
    self.trainingIDs = trainingIDs
    self.training = training
    self.heldOutIDs = heldOutIDs
    self.heldOut = heldOut
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
      costs[order] = cost(probabilities[...])
    }
    return costs
  }

  /// How much harder the held-out text is than the end of the training text, for a model that has learned neither.
  ///
  /// Both are charged to one model of order 3 that is fitted on the text before them. A network's loss differs as much
  /// between them though it knows none by heart.
  ///
  /// - Returns: nats per character; nil if there is too little text.
  public static func hardness(_ text: TextSplit) -> Double? {
    let heldOut = text.heldOut.prefix(1 << 17)
    let learned = text.training.suffix(min(heldOut.count, text.training.count / 4))
    guard !learned.isEmpty else { return nil }
    let before = (text.training.lowerBound..<learned.lowerBound).suffix(1 << 20)
    let charged = text.trainingIDs.ids(in: learned) + text.heldOutIDs.ids(in: heldOut)
    let contexts = SortedContexts(
      training: text.trainingIDs.ids(in: before), heldOut: charged, symbolCount: text.charset.count,
      beginning: text.charset.newlineID)
    var model = KneserNey(contexts, symbolCount: text.charset.count)
    for _ in 0..<3 { _ = model.next() }
    let probabilities = model.next()
    return cost(probabilities[learned.count...]) - cost(probabilities[..<learned.count])
  }

  private static func cost(_ probabilities: ArraySlice<Double>) -> Double {
    -probabilities.reduce(0) { $0 + log($1) } / Double(probabilities.count)
  }
}
