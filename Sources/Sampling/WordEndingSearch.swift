// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// What a text may go on with, up to the end of a word, and how probable that is.
public struct WordEnding: Equatable, Sendable {
  /// Its symbols: what stands before the word, if anything, and the word or the rest of it.
  public let ids: [UInt16]
  /// That exactly this follows: these symbols, and then none that belongs to the word.
  public let probability: Double
}

/// Finds the likeliest continuations of a text up to the next end of a word.
///
/// The search always goes on from the likeliest beginning that it knows. A beginning is at least as likely as
/// anything that goes on from it, so what is found first is the likeliest of all, exactly, unless the work is bounded.
public struct WordEndingSearch {
  private let generator: TextGenerator
  private let charset: Charset
  private let end: Int?
  private let isOfWord: [Bool]

  /// Symbols of a continuation at most.
  private static let longest = 32
  /// Less probable beginnings are given up, which bounds how many there are.
  private static let leastProbability = 1e-4
  /// Beginnings that are followed at most; each costs a step of the network.
  private static let mostSteps = 400

  /// A search with a generator, whose state it leaves as it was.
  ///
  /// - Parameter end: an id that ends a text and is never part of a continuation.
  public init(_ generator: TextGenerator, charset: Charset, end: Int? = nil) {
    self.generator = generator
    self.charset = charset
    self.end = end
    isOfWord = (0..<charset.count).map { $0 < charset.symbols.count && charset.symbols[$0].isOfWord }
  }

  /// A beginning, whose last symbol has not been read yet; or, when it is complete, a continuation.
  private struct Beginning {
    let ids: [UInt16]
    let probability: Double
    let hasWord: Bool
    let isComplete: Bool
    /// Before its last symbol.
    let state: TextGenerator.State

    /// Whether it comes before another: the likelier one, and among equals the one of lower ids.
    func precedes(_ other: Beginning) -> Bool {
      if probability != other.probability { return probability > other.probability }
      return ids.lexicographicallyPrecedes(other.ids)
    }
  }

  /// The likeliest continuations of where the generator stands, at most `count`, the likeliest first.
  public func likeliest(_ count: Int) -> [WordEnding] {
    let start = generator.state
    defer { generator.state = start }
    var found: [WordEnding] = []
    // In falling order from the end on.
    var beginnings = [Beginning(ids: [], probability: 1, hasWord: false, isComplete: false, state: start)]
    var steps = 0
    while let best = beginnings.popLast(), found.count < count {
      if best.isComplete {
        found.append(WordEnding(ids: best.ids, probability: best.probability))
      } else if steps < Self.mostSteps {
        steps += 1
        for next in follow(best) {
          let place = beginnings.partitioningIndex { !next.precedes($0) }
          beginnings.insert(next, at: place)
        }
      }
    }
    return found
  }

  /// What a beginning can become by one symbol more, or by its end.
  private func follow(_ beginning: Beginning) -> [Beginning] {
    generator.state = beginning.state
    if let last = beginning.ids.last { generator.read([last]) }
    let state = generator.state
    let probabilities = generator.probabilities()
    var next: [Beginning] = []
    var endOfWord = 0.0
    for (id, probability) in probabilities.enumerated() where id != charset.unknownID {
      if id == end || (beginning.hasWord && !isOfWord[id]) {
        endOfWord += Double(probability)
        continue
      }
      let child = Beginning(
        ids: beginning.ids + [UInt16(id)], probability: beginning.probability * Double(probability),
        hasWord: beginning.hasWord || isOfWord[id], isComplete: beginning.ids.count + 1 == Self.longest,
        state: state)
      if child.probability >= Self.leastProbability { next.append(child) }
    }
    let whole = beginning.probability * endOfWord
    if beginning.hasWord, whole >= Self.leastProbability {
      next.append(
        Beginning(ids: beginning.ids, probability: whole, hasWord: true, isComplete: true, state: state))
    }
    return next
  }
}

extension Symbol {
  /// Whether it is a letter, a mark or a digit: what words are made of.
  public var isOfWord: Bool {
    if let byte { return byte >= 0x80 || isWordScalar(UInt32(byte)) }
    return scalars.first.map(isWordScalar) ?? false
  }
}

private func isWordScalar(_ value: UInt32) -> Bool {
  guard let properties = Unicode.Scalar(value)?.properties else { return false }
  return properties.isAlphabetic || properties.numericType != nil
}
