// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct ClusterTableTests {
  @Test func aLearningTableKeepsItsCodes() throws {
    var table = ClusterTable(learns: true)
    let code = try table.code(of: [1, 2])
    table.forgetPassing()
    #expect(try table.code(of: [1, 2]) == code)
    #expect(table.scalars(of: code) == [1, 2])
    #expect(try table.code(of: [1, 3]) != code)
    #expect(try table.code(of: [0x0D, 0x0A]) == ClusterTable.lineEnd)
    #expect(table.scalars(of: 0x41) == [0x41])
  }

  @Test func aTableThatDoesNotLearnForgetsWhatPassesBy() throws {
    var table = ClusterTable(learns: false, clusters: [[1, 2], [3, 4]])
    let known = try table.code(of: [3, 4])
    let passing = try table.code(of: [5, 6])
    #expect(table.scalars(of: passing) == [5, 6])
    #expect(table.knownCode(of: [5, 6]) == nil)
    table.forgetPassing()
    #expect(try table.code(of: [7, 8]) == passing)
    #expect(table.scalars(of: passing) == [7, 8])
    #expect(try table.code(of: [3, 4]) == known)
  }
}
