// SPDX-License-Identifier: GPL-3.0-or-later

/// How much a character surprises, as a colour of its ground.
struct Surprise {
  /// -log2 of its probability.
  let bits: Double

  /// Where the colours begin, in bits, and which they are: of the 256 colours, behind black or white letters.
  private static let steps: [(bits: Double, ground: Int, letter: Int)] = [
    (1, 230, 16), (2, 222, 16), (4, 215, 16), (6, 208, 16), (8, 160, 231),
  ]

  /// The text in its colour; as it is where nothing surprises.
  func colored(_ text: String) -> String {
    guard let step = Self.steps.last(where: { bits >= $0.bits }) else { return text }
    return "\u{1B}[48;5;\(step.ground);38;5;\(step.letter)m\(text)\u{1B}[0m"
  }

  /// The colours and where they begin.
  static var legend: String {
    "bits: " + steps.map { Surprise(bits: $0.bits).colored(" \(Int($0.bits))+ ") }.joined()
  }
}
