// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Sampling

@Suite struct AcceptanceTests {
  private func passes(_ record: String, _ change: (inout Acceptance) throws -> Void) rethrows -> Bool {
    var acceptance = Acceptance()
    try change(&acceptance)
    return acceptance.passes(Array(record.utf8))
  }

  @Test func anExpressionIsLookedForAnywhere() throws {
    #expect(try passes("The king, the queen") { $0.match = try Regex("king") })
    #expect(try !passes("The king") { $0.match = try Regex("^king") })
    #expect(try passes("king") { $0.match = try Regex("^k.*g$") })
    #expect(try !passes("king\nqueen") { $0.match = try Regex("^king$") })
    #expect(try passes("") { $0.match = try Regex("^$") })
  }

  @Test func aKnownLineDoesNotPass() {
    var known = LineSet()
    _ = known.insert(Array("Anna".utf8))
    #expect(!passes("Anna") { $0.known = known })
    #expect(passes("Ann") { $0.known = known })
  }

  @Test func withoutConditionsEverythingPasses() {
    #expect(!Acceptance().isChoosy)
    #expect(passes("") { _ in })
  }
}
