// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// Starts a line of shell commands that has nothing to do with our programs.
private func start(_ command: String, input: [UInt8] = [], timeLimit: Double = 30) throws -> RunningProgram {
  let launch = Launch(program: "/bin/sh", arguments: ["-c", command], folder: "/", input: input)
  return try RunningProgram(launch, timeLimit: timeLimit)
}

@Test func aProgramThatHangsIsAFailureAndIsEnded() throws {
  let place = try Workplace()
  #expect(throws: ProgramFailure.self) {
    _ = try start("echo $$ > \(place.folder)/process; exec sleep 1000", timeLimit: 0.5).finish()
  }
  let process = try #require(Int32(place.text("process").trimmingCharacters(in: .newlines)))
  #expect(kill(process, 0) == -1)
}

@Test func moreThanAPipeHoldsGoesInAndComesOutOnBothStreams() throws {
  let bytes = [UInt8](repeating: 0x61, count: 1_000_000)
  let outcome = try start("tee /dev/stderr", input: bytes).finish()
  #expect(outcome.ending == .status(0))
  #expect(outcome.output.count == bytes.count)
  #expect(outcome.messages.utf8.count == bytes.count)
}

@Test func aProgramInheritsNothing() throws {
  signal(SIGPIPE, SIG_IGN)
  // The shell itself sets PWD; of the descriptors the last belongs to ls.
  #expect(try start("exec env").finish().text == "PWD=/\n")
  #expect(try start("ls /proc/self/fd").finish().text == "0\n1\n2\n3\n")
  #expect(try start("kill -PIPE $$; echo survived").finish().ending == .signal(SIGPIPE))
}

@Test func statusSignalAndTerminalAreSeenAsTheyAre() throws {
  #expect(try start("exit 7").finish().ending == .status(7))
  #expect(try start("kill -TERM $$").finish().ending == .signal(SIGTERM))
  var launch = Launch(
    program: "/bin/sh", arguments: ["-c", "for n in 0 1 2; do test -t $n && echo $n; done; true"], folder: "/"
  )
  #expect(try RunningProgram(launch).finish().text == "")
  launch.terminal = [.output, .diagnostics]
  #expect(try RunningProgram(launch).finish().text == "1\n2\n")
}
