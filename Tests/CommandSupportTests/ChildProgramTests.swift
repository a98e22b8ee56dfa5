// SPDX-License-Identifier: GPL-3.0-or-later

import CommandSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs a line of shell commands; each test in a process of its own, because closed pipes are ignored by all of it.
private func shell(
  _ command: String, _ input: [UInt8], shouldStop: () -> Bool = { false }
) -> (status: Int32?, output: [UInt8]) {
  Signals.ignoreClosedPipes()
  var output: [UInt8] = []
  let child = ChildProgram(path: "/bin/sh", arguments: ["-c", command])
  let status = child.run(input, output: { output += $0 }, shouldStop: shouldStop)
  return (status, output)
}

@Suite struct ChildProgramTests {
  @Test func moreThanAPipeHoldsGoesThroughBothWays() async {
    await #expect(processExitsWith: .success) {
      let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) }
      #expect(shell("cat", input) == (0, input))
    }
  }

  @Test func aProgramMayReadNothingOrEndEarly() async {
    await #expect(processExitsWith: .success) {
      let input = [UInt8](repeating: 7, count: 500_000)
      #expect(shell("echo done; exit 3", input) == (3, Array("done\n".utf8)))
      #expect(shell("exec >&-; exit 4", input) == (4, []))
      #expect(shell("kill -9 $$", input).status == nil)
      #expect(shell("cat", []) == (0, []))
    }
  }

  @Test func itHasNothingOfOurEnvironment() async {
    await #expect(processExitsWith: .success) {
      setenv("CHARTOOLS_TEST", "x", 1)
      #expect(shell("echo ${CHARTOOLS_TEST-nothing}", []).output == Array("nothing\n".utf8))
    }
  }

  @Test func toldToStopItIsKilled() async {
    await #expect(processExitsWith: .success) {
      var asked = 0
      let outcome = shell("cat > /dev/null; exec sleep 1000", Array("x".utf8)) {
        asked += 1
        return asked > 3
      }
      #expect(outcome.status == nil)
      // Its output closed, it could still go on for ever.
      asked = 0
      let closed = shell("exec sleep 1000 >&-", []) {
        asked += 1
        return asked > 3
      }
      #expect(closed.status == nil)
    }
  }

  @Test func programsAreFoundOnTheSearchPathAlone() {
    #expect(
      ChildProgram(finding: "sh", arguments: [], searchPath: "/nowhere:/bin:/usr/bin")?.path == "/bin/sh")
    #expect(ChildProgram(finding: "sh", arguments: [], searchPath: "") == nil)
    #expect(ChildProgram(finding: "sh", arguments: [], searchPath: nil) == nil)
    #expect(ChildProgram(finding: "sh", arguments: [], searchPath: "bin:.") == nil)
    // A folder, and a file that is no program.
    #expect(ChildProgram(finding: "bin", arguments: [], searchPath: "/:/usr") == nil)
    #expect(ChildProgram(finding: "passwd", arguments: [], searchPath: "/etc") == nil)
    #expect(ChildProgram(path: "/nowhere/at/all", arguments: []).run([], output: { _ in }) != 0)
  }
}
