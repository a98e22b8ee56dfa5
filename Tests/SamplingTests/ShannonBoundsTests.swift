// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Sampling

@Suite struct ShannonBoundsTests {
  @Test func boundsAreThoseComputedByHand() throws {
    // q = 1/2, 1/4, 1/4: lower 2 (1/4 - 1/4) 1 + 3 (1/4) log2 3, upper 1/2 + 2/4 + 2/4.
    let bounds = try #require(ShannonBounds(counts: [2, 1, 1]))
    #expect(abs(bounds.lower - 0.75 * 1.584_962_500_721_156) < 1e-12)
    #expect(abs(bounds.upper - 1.5) < 1e-12)
    // q = 3/4, 1/4: lower 2 (1/4) 1, upper 3/4 log2 4/3 + 1/2.
    let other = try #require(ShannonBounds(counts: [3, 1]))
    #expect(abs(other.lower - 0.5) < 1e-12)
    #expect(abs(other.upper - (0.75 * 0.415_037_499_278_844 + 0.5)) < 1e-12)
  }

  @Test func whoIsAlwaysRightNeedsNoBits() {
    #expect(ShannonBounds(counts: [3, 0])?.lower == 0)
    #expect(ShannonBounds(counts: [3, 0])?.upper == 0)
    #expect(ShannonBounds(counts: [0, 0]) == nil)
  }

  @Test func evenRanksCostAsMuchAsEvenSymbols() throws {
    let bounds = try #require(ShannonBounds(counts: Array(repeating: 1, count: 8)))
    #expect(abs(bounds.lower - 3) < 1e-12)
    #expect(abs(bounds.upper - 3) < 1e-12)
  }

  @Test func aGuesserWhoseSecondGuessIsTheBestStillHasALowerBoundBelowTheUpper() throws {
    let bounds = try #require(ShannonBounds(counts: [1, 3, 0, 0, 2]))
    #expect(bounds.lower <= bounds.upper)
    #expect(bounds == ShannonBounds(counts: [3, 2, 1]))
  }

  @Test func whatWasGivenUpCostsAsMuchAsGuessingAtRandom() throws {
    let bounds = try #require(ShannonBounds(counts: Array(repeating: 3.0 / 16, count: 16)))
    #expect(abs(bounds.lower - 4) < 1e-12)
    #expect(abs(bounds.upper - 4) < 1e-12)
  }
}
