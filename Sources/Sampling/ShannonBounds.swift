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

  /// The bounds that ranks imply; nil without any.
  ///
  /// The shares of an ideal guesser fall with the rank. Shannon smoothed his to that end; here they are put in falling
  /// order, which leaves the upper bound as it is and keeps the lower one below it.
  ///
  /// - Parameter ranks: of each character, at which guess it was right; from 1.
  public init?(ranks: [Int]) {
    guard !ranks.isEmpty else { return nil }
    precondition(ranks.allSatisfy { $0 > 0 }, "the first guess is number 1")
    var counts: [Int: Int] = [:]
    for rank in ranks { counts[rank, default: 0] += 1 }
    let shares = counts.values.sorted(by: >).map { Double($0) / Double(ranks.count) } + [0]
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
