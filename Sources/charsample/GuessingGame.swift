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
  /// Of each character that was found, at which guess.
  private(set) var ranks: [Int] = []
  /// Characters that were told.
  private(set) var told = 0
  private var tried: Set<UInt16> = []

  /// A game about `text`, of which so many symbols are known.
  init(text: [UInt16], known count: Int) {
    known = Array(text.prefix(count))
    hidden = Array(text.dropFirst(count))
  }

  /// Whether all is guessed.
  var isOver: Bool { ranks.count == hidden.count }

  /// All that is known by now.
  var shown: [UInt16] { known + hidden[..<ranks.count] }

  /// Takes a guess.
  mutating func guess(_ id: UInt16) -> Answer {
    precondition(!isOver, "nothing is left to guess")
    guard id == hidden[ranks.count] else { return tried.insert(id).inserted ? .wrong : .repeated }
    ranks.append(tried.count + 1)
    tried = []
    return .right
  }

  /// Tells the character: that counts as if all others of `symbolCount` had been guessed before it.
  mutating func tell(symbolCount: Int) -> UInt16 {
    precondition(!isOver, "nothing is left to guess")
    let id = hidden[ranks.count]
    ranks.append(symbolCount)
    told += 1
    tried = []
    return id
  }

  /// The end of what is known, and the number of the next guess.
  func prompt(_ charset: Charset) -> String {
    let tail = shown.suffix(40).map { charset.display(of: $0) }.joined()
    return "…\(tail)_ \(tried.count + 1)> "
  }
}
