// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the ranks of guesses say about the entropy of a text.
///
/// It is equation 17 of C. E. Shannon, "Prediction and entropy of printed English" (1951).
/// Somebody who knows the text up to a character guesses that character until right. Where q_i is the share of
/// characters that were right at the i-th guess, the entropy lies between Σ i (q_i - q_{i+1}) log2 i and
/// -Σ q_i log2 q_i bits a character.
public struct ShannonBounds: Equatable, Sendable {
  /// In bits a character.
  public let lower: Double
  /// In bits a character.
  public let upper: Double

  /// The bounds that guesses imply; nil without any.
  ///
  /// The shares of an ideal guesser fall with the rank. Shannon smoothed his to that end; here they are put in falling
  /// order, which leaves the upper bound as it is and keeps the lower one below it.
  ///
  /// - Parameter counts: how many characters were right at the first guess, at the second, and so on. A character that
  ///   was given up counts in parts, as much at each guess that was left.
  public init?(counts: [Double]) {
    precondition(counts.allSatisfy { $0 >= 0 }, "a count below 0")
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    let shares = counts.filter { $0 > 0 }.sorted(by: >).map { $0 / total } + [0]
    var lower = 0.0
    var upper = 0.0
    for (index, share) in shares.dropLast().enumerated() {
      let rank = Double(index + 1)
      lower += rank * (share - shares[index + 1]) * log2(rank)
      upper -= share * log2(share)
    }
    self.lower = lower
    // Of one share alone it is minus zero.
    self.upper = upper + 0
  }

  /// What Shannon found for English by this experiment, of 100 letters known: the upper bound, in bits a character, of
  /// 27 symbols: the letters and the space.
  public static let ofEnglish = 1.3
}
