// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharLSTM

struct UnclaimedIndicesTests {
  @Test func indicesAreTakenFromBothEnds() {
    let indices = UnclaimedIndices(3..<8)
    #expect(indices.takeFirst() == 3 && indices.takeLast() == 7 && indices.takeLast() == 6)
    #expect(indices.takeFirst() == 4 && indices.takeFirst() == 5)
    #expect(indices.takeFirst() == nil && indices.takeLast() == nil && !indices.isClosed)
    indices.refill(0..<2)
    #expect(indices.takeLast() == 1 && indices.takeLast() == 0 && indices.takeLast() == nil)
    indices.refill(0..<2)
    indices.close()
    #expect(indices.isClosed && indices.takeFirst() == nil && indices.takeLast() == nil)
  }

  @Test(arguments: 1...5)
  func sharesAreNeighboursAndTheRestIsAnybodys(_ threads: Int) {
    for count in [0, 1, 4, 23] {
      let shares = Shares(of: count, threads: threads)
      for thread in 0..<threads {
        let share = count * thread / threads..<count * (thread + 1) / threads
        if let first = share.first { #expect(shares.next(for: thread) == first) }
      }
      // Who is left alone does all that nobody has begun.
      var taken: [Int] = []
      while let index = shares.next(for: threads - 1) { taken.append(index) }
      let begun = (0..<threads).compactMap { (count * $0 / threads..<count * ($0 + 1) / threads).first }
      #expect(taken.sorted() == (0..<count).filter { !begun.contains($0) })
    }
  }
}
