// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct InputReaderTests {
  private func openingError(_ path: String) -> FileError? {
    #expect(throws: FileError.self) { try InputReader(path: path) }
  }

  @Test func givesAFileInBlocksAndThenNothing() throws {
    let folder = try TemporaryFolder()
    let reader = try InputReader(path: folder.file("a", holding: "abcdefgh"), blockSize: 3)
    var blocks: [String] = []
    while let block = try reader.nextBlock() { blocks.append(String(decoding: block, as: UTF8.self)) }
    #expect(blocks == ["abc", "def", "gh"])
    #expect(try reader.nextBlock() == nil)
  }

  @Test func givesWhatHasArrivedWithoutWaitingForMore() throws {
    let pipe = Pipe()
    let reader = InputReader(descriptor: pipe.reading, name: "pipe")
    pipe.send("he")
    #expect(try reader.nextBlock().map { String(decoding: $0, as: UTF8.self) } == "he")
    pipe.send("llo")
    pipe.closeWriting()
    #expect(try reader.readAll() == Array("llo".utf8))
  }

  @Test func anEmptyFileHasNoBlocks() throws {
    #expect(try InputReader(path: "/dev/null").readAll().isEmpty)
  }

  @Test func aHyphenIsStandardInput() throws {
    #expect(try InputReader(path: "-").name == "stdin")
  }

  @Test func aMissingFileIsNoInput() throws {
    let error = openingError("/nowhere/at/all")
    #expect(error == FileError("/nowhere/at/all", .open, code: ENOENT))
    #expect(error?.kind == .noInput)
    #expect(error?.place == "/nowhere/at/all")
    #expect(error?.reason == "no such file or directory")
  }

  @Test func aDirectoryIsNoInput() throws {
    let error = openingError("/")
    #expect(error == FileError("/", .open, code: EISDIR))
    #expect(error?.kind == .noInput)
    #expect(error?.reason == "is a directory")
  }

  @Test func aPathThatLeadsThroughAFileIsNoInput() throws {
    #expect(openingError("/dev/null/x") == FileError("/dev/null/x", .open, code: ENOTDIR))
  }

  @Test func aPathWithANullByteNamesNoFile() throws {
    #expect(openingError("/dev/null\0x")?.code == EINVAL)
  }

  @Test func aRedirectedDirectoryIsNoInputEither() throws {
    let descriptor = open("/", O_RDONLY)
    defer { close(descriptor) }
    let reader = InputReader(descriptor: descriptor, name: "stdin")
    let error = #expect(throws: FileError.self) { try reader.nextBlock() }
    #expect(error == FileError("stdin", .read, code: EISDIR))
    #expect(error?.kind == .noInput)
  }

  @Test func aFailingReadIsAnInputOutputError() throws {
    // A process may not read its own memory at address 0.
    let reader = try InputReader(path: "/proc/self/mem")
    let error = #expect(throws: FileError.self) { try reader.readAll() }
    #expect(error?.operation == .read)
    #expect(error?.kind == .io)
    #expect(error?.reason == "input/output error")
  }

  @Test func readsNoMoreThanAllowed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "abcdef")
    #expect(try InputReader(path: path).readAll(limit: 6).count == 6)
    let error = #expect(throws: FileError.self) { try InputReader(path: path).readAll(limit: 5) }
    #expect(error?.operation == .limit)
    #expect(error?.kind == .badData)
    #expect(throws: FileError.self) { try InputReader(path: "/dev/zero").readAll(limit: 1_000_000) }
  }

  @Test func waitsForInputThatWasLeftNonBlocking() throws {
    let pipe = Pipe()
    _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
    let sender = Companion {
      usleep(20_000)
      pipe.send("late")
      pipe.closeWriting()
    }
    let reader = InputReader(descriptor: pipe.reading, name: "pipe")
    #expect(try reader.readAll() == Array("late".utf8))
    sender.wait()
  }

  @Test func stopsWhenAskedTo() throws {
    let reader = try InputReader(path: "/dev/zero", interrupted: { true })
    let error = #expect(throws: FileError.self) { try reader.nextBlock() }
    #expect(error?.isInterruption == true)
  }

  @Test func aSignalDoesNotEndTheInputUnlessAskedTo() throws {
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in }
    #else
      action.__sigaction_handler.sa_handler = { _ in }
    #endif
    sigaction(SIGUSR2, &action, nil)
    // The threads that tests run on do not take signals by themselves.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR2)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    defer { pthread_sigmask(SIG_BLOCK, &signals, nil) }
    for asksToStop in [false, true] {
      let pipe = Pipe()
      let asked = Counter()
      let reading = ThreadReference()
      let sender = Companion {
        while asked.count < (asksToStop ? 2 : 4) {
          pthread_kill(reading.thread, SIGUSR2)
          usleep(1_000)
        }
        pipe.send("text")
        pipe.closeWriting()
      }
      let reader = InputReader(
        descriptor: pipe.reading, name: "pipe", interrupted: { asked.increment() > 1 && asksToStop })
      if asksToStop {
        let error = #expect(throws: FileError.self) { try reader.nextBlock() }
        #expect(error?.isInterruption == true)
      } else {
        #expect(try reader.readAll() == Array("text".utf8))
      }
      sender.wait()
    }
  }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
  private let total = Mutex(0)

  var count: Int { total.withLock { $0 } }

  func increment() -> Int {
    total.withLock {
      $0 += 1
      return $0
    }
  }
}

/// The thread it was made on; some systems have a pointer for it, which is sent nowhere unasked.
private struct ThreadReference: @unchecked Sendable {
  let thread = pthread_self()
}
