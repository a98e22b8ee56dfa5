// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import Testing

@Test func theFirstElementNotBelowIsFound() {
  var random = SteadyRandom(2)
  for count in 0..<40 {
    let elements = (0..<count).map { _ in Int.random(in: 0...20, using: &random) }.sorted()
    for bound in -1...21 {
      #expect(elements.firstIndex(notBelow: bound) == elements.firstIndex { $0 >= bound } ?? count)
      let part = elements.dropFirst(3)
      #expect(part.firstIndex(notBelow: bound) == part.firstIndex { $0 >= bound } ?? part.endIndex)
    }
  }
}
