// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import Sampling

/// Shannon's experiment of 1951: somebody guesses the next character of a text until right, again and again.
struct GuessingGame {
  /// What came of a guess.
  enum Answer: Equatable {
    case right
    case wrong
    /// It was guessed here already.
    case repeated
  }

  /// What is shown at the beginning.
  let known: [UInt16]
  /// What is to be guessed.
  let hidden: [UInt16]
  /// How many characters were right at the first guess, at the second, and so on.
  ///
  /// One that was told counts as guessed at random from there on: in equal parts at all guesses that were left.
  private(set) var counts: [Double]
  /// Hidden characters that are known by now.
  private(set) var found = 0
  /// Characters that were right at once.
  private(set) var foundAtOnce = 0
  /// Characters that were told.
  private(set) var told = 0
  private var tried: Set<UInt16> = []

  /// A game about `text`, of which so many symbols are known, of `symbolCount` different ones.
  init(text: [UInt16], known count: Int, symbolCount: Int) {
    known = Array(text.prefix(count))
    hidden = Array(text.dropFirst(count))
    counts = [Double](repeating: 0, count: symbolCount)
  }

  /// Whether all is guessed.
  var isOver: Bool { found == hidden.count }

  /// All that is known by now.
  var shown: [UInt16] { known + hidden[..<found] }

  /// Takes a guess.
  mutating func guess(_ id: UInt16) -> Answer {
    precondition(!isOver, "nothing is left to guess")
    guard id == hidden[found] else { return tried.insert(id).inserted ? .wrong : .repeated }
    counts[tried.count] += 1
    if tried.isEmpty { foundAtOnce += 1 }
    goOn()
    return .right
  }

  /// Tells the character.
  mutating func tell() -> UInt16 {
    precondition(!isOver, "nothing is left to guess")
    defer { goOn() }
    for rank in tried.count..<counts.count { counts[rank] += 1 / Double(counts.count - tried.count) }
    told += 1
    return hidden[found]
  }

  private mutating func goOn() {
    found += 1
    tried = []
  }

  /// The end of what is known, and the number of the next guess.
  func prompt(_ charset: Charset) -> String {
    let tail = shown.suffix(40).map { charset.display(of: $0) }.joined()
    return "…\(tail)_ \(tried.count + 1)> "
  }
}
