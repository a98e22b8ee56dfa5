// SPDX-License-Identifier: GPL-3.0-or-later

/// English-looking text that a small network learns in a second: a few words, put together by a few rules.
enum Prose {
  private static let people = [
    "the king", "the queen", "a sailor", "my brother", "the old ghost", "a player", "she", "he",
  ]
  private static let deeds = [
    "sees", "follows", "remembers", "fears", "has lost", "speaks of", "will find", "answers",
  ]
  private static let things = [
    "the castle", "a letter", "the crown", "the sea", "his father", "a dagger", "the night",
  ]
  private static let ways = [
    "", "", " at midnight", " in silence", " again", " with a cold heart", " before the storm",
  ]
  private static let speakers = ["HAMLET", "OPHELIA", "FIRST CLOWN"]

  /// The words there are, in lower case.
  static let words: Set<String> = Set(
    (people + deeds + things + ways + speakers + ["and", "but", "o", "when"])
      .flatMap { $0.lowercased().split(separator: " ").map(String.init) })

  /// `count` lines of it, always the same for the same `seed`.
  static func text(lines count: Int, seed: UInt64 = 1) -> String {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    func pick(_ choices: [String]) -> String {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return choices[Int(state >> 33) % choices.count]
    }
    func clause() -> String { "\(pick(people)) \(pick(deeds)) \(pick(things))\(pick(ways))" }
    func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
    return (0..<count).map { line in
      switch line % 5 {
      case 0: "\n\(pick(speakers)):\n"
      case 1, 3: "\(capitalized(clause())), and \(clause()).\n"
      case 2: "O, \(clause())!\n"
      default: "When \(clause()), \(clause()); but \(clause()).\n"
      }
    }.joined()
  }
}
