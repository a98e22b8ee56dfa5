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

struct StandardOutputTests {
  private struct Failure: Error, Equatable {}

  private func withFullDevice(_ body: (Int32) throws -> Void) rethrows {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    try body(descriptor)
  }

  @Test func everythingHasArrivedAtTheEnd() throws {
    let pipe = Pipe()
    let value = try withStandardOutput(descriptor: pipe.writing) { output in
      try output.write("text\n")
      #expect(pipe.received() == "")
      return 7
    }
    #expect(value == 7)
    #expect(pipe.received() == "text\n")
  }

  @Test func buffersAsTheReaderNeedsIt() throws {
    let pipe = Pipe()
    let screen = PseudoTerminal(columns: 80)
    try withStandardOutput(descriptor: pipe.writing) { #expect($0.buffering == .blocks) }
    try withStandardOutput(unbuffered: true, descriptor: pipe.writing) { #expect($0.buffering == .none) }
    try withStandardOutput(descriptor: screen.terminal) { #expect($0.buffering == .none) }
    try withStandardOutput(atTerminal: .lines, descriptor: screen.terminal) {
      #expect($0.buffering == .lines)
    }
    try withStandardOutput(unbuffered: true, atTerminal: .lines, descriptor: screen.terminal) {
      #expect($0.buffering == .none)
    }
  }

  @Test func whatCameBeforeAnErrorIsWritten() {
    let pipe = Pipe()
    #expect(throws: Failure()) {
      try withStandardOutput(descriptor: pipe.writing) { output in
        try output.write("good record\n")
        throw Failure()
      }
    }
    #expect(pipe.received() == "good record\n")
  }

  @Test func aFullDeviceIsNoticed() {
    withFullDevice { descriptor in
      #expect(throws: FileError("stdout", .write, code: ENOSPC)) {
        try withStandardOutput(descriptor: descriptor) { try $0.write("text") }
      }
    }
  }

  @Test func aFullDeviceMattersMoreThanANo() {
    withFullDevice { descriptor in
      #expect(throws: FileError("stdout", .write, code: ENOSPC)) {
        try withStandardOutput(descriptor: descriptor) { output in
          try output.write("text")
          throw ExitStatus.no
        }
      }
    }
  }

  @Test func anErrorMattersMoreThanAFullDevice() {
    withFullDevice { descriptor in
      #expect(throws: Failure()) {
        try withStandardOutput(descriptor: descriptor) { output in
          try output.write("text")
          throw Failure()
        }
      }
    }
  }
}
