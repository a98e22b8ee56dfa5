// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport
import Testing

@testable import Sampling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite struct LineSetTests {
  @Test func aRecordIsNewOnce() {
    var lines = LineSet()
    let isNew = [[1, 2], [1, 2], []].map { lines.insert($0) }
    #expect(isNew == [true, false, true])
    #expect(lines.contains([1, 2]) && !lines.contains([2]))
    #expect(lines.count == 2)
  }

  @Test func theLinesOfAnInputAreThoseBetweenItsNewlines() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let text = Array("Ada\nAlan\n\nAda\nGrace".utf8)
    #expect(write(ends[1], text, text.count) == text.count)
    close(ends[1])
    let lines = try LineSet(linesOf: InputReader(descriptor: ends[0], name: "names"))
    close(ends[0])
    #expect(lines.count == 4)
    for name in ["Ada", "Alan", "", "Grace"] { #expect(lines.contains(Array(name.utf8))) }
  }
}
