// SPDX-License-Identifier: GPL-3.0-or-later

import CommandSupport
import FileSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Each test runs in a process of its own, because signals are for whole processes.
struct SignalsTests {
  @Test func anInterruptIsNotedOnceCaught() async {
    await #expect(processExitsWith: .success) {
      Signals.catchInterrupts()
      #expect(Signals.pending == nil)
      #expect(!Signals.isInterrupted())
      kill(getpid(), SIGTERM)
      while Signals.pending == nil { usleep(100) }
      #expect(Signals.pending == SIGTERM)
      #expect(Signals.isInterrupted())
    }
  }

  @Test func theSecondInterruptEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Signals.catchInterrupts()
      kill(getpid(), SIGINT)
      while Signals.pending == nil { usleep(100) }
      usleep(150_000)
      kill(getpid(), SIGINT)
      sleep(5)
    }
  }

  @Test func theSecondInterruptMayBeOfTheOtherKind() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      Signals.catchInterrupts()
      kill(getpid(), SIGINT)
      while Signals.pending == nil { usleep(100) }
      usleep(150_000)
      kill(getpid(), SIGTERM)
      sleep(5)
    }
  }

  @Test func twoWithinAMomentAreOne() async {
    // As timeout(1) does: once to the program, once to its group.
    await #expect(processExitsWith: .success) {
      Signals.catchInterrupts()
      kill(getpid(), SIGTERM)
      while Signals.pending == nil { usleep(100) }
      kill(getpid(), SIGTERM)
      usleep(10_000)
      #expect(Signals.pending == SIGTERM)
      exit(0)
    }
  }

  @Test func anIgnoredInterruptStaysIgnored() async {
    await #expect(processExitsWith: .success) {
      signal(SIGINT, SIG_IGN)
      Signals.catchInterrupts()
      kill(getpid(), SIGINT)
      usleep(10_000)
      #expect(Signals.pending == nil)
      kill(getpid(), SIGTERM)
      while Signals.pending == nil { usleep(100) }
      kill(getpid(), SIGINT)
      usleep(10_000)
    }
  }

  @Test func finishingEndsByTheSignalItself() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Signals.catchInterrupts()
      Signals.finish(SIGINT)
    }
    await #expect(processExitsWith: .signal(SIGPIPE)) {
      Signals.ignoreClosedPipes()
      Signals.finish(SIGPIPE)
    }
  }

  @Test func aProgressRequestIsTakenOnce() async {
    await #expect(processExitsWith: .success) {
      Signals.catchProgressRequests()
      #expect(!Signals.takeProgressRequest())
      kill(getpid(), SIGUSR1)
      while !Signals.takeProgressRequest() { usleep(100) }
      #expect(!Signals.takeProgressRequest())
    }
  }

  @Test func aClosedPipeIsAnErrorOnceIgnored() async {
    await #expect(processExitsWith: .success) {
      signal(SIGPIPE, SIG_DFL)
      Signals.ignoreClosedPipes()
      var ends: [Int32] = [-1, -1]
      #expect(pipe(&ends) == 0)
      close(ends[0])
      let writer = OutputWriter(descriptor: ends[1], name: "pipe", buffering: .none)
      #expect(throws: FileError("pipe", .write, code: EPIPE)) { try writer.write("text") }
    }
  }
}
