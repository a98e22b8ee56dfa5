// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// A short form of trial 13 of Tests/README.md, by the same script.
@Test func trainingDoesWhatItsFormulasSay() throws {
  let place = try Workplace()
  let said = try place.shell(
    "COUNT=5 SEED=2 '\(Programs.python())' '\(Programs.checkout)/Tests/Hard/reference.py'",
    environment: ["BIN": try Programs.folder(), "PYTHONDONTWRITEBYTECODE": "1"])
  said.done()
  #expect(said.text.contains(", 0 broken, 5 configurations, "), "it said: \(said.text)")
}
