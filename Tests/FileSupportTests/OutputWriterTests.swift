// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct OutputWriterTests {
  /// What can be read from the pipe at once, without waiting.
  private func arrived(_ pipe: Pipe) -> String {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
    let count = read(pipe.reading, &bytes, bytes.count)
    return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
  }

  @Test func blocksLeaveWhenFlushed() throws {
    let pipe = Pipe()
    let writer = OutputWriter(descriptor: pipe.writing, name: "pipe")
    try writer.write("a line\n")
    #expect(arrived(pipe) == "")
    try writer.flush()
    #expect(arrived(pipe) == "a line\n")
    try writer.flush()
    #expect(arrived(pipe) == "")
  }

  @Test func blocksLeaveWhenFull() throws {
    let pipe = Pipe()
    let writer = OutputWriter(descriptor: pipe.writing, name: "pipe", blockSize: 4)
    try writer.write("abc")
    #expect(arrived(pipe) == "")
    try writer.write("de")
    #expect(arrived(pipe) == "abc")
    try writer.write("fghijk")
    #expect(arrived(pipe) == "defghijk")
  }

  @Test func linesLeaveWithTheirNewline() throws {
    let pipe = Pipe()
    let writer = OutputWriter(descriptor: pipe.writing, name: "pipe", buffering: .lines)
    try writer.write("a ")
    #expect(arrived(pipe) == "")
    try writer.write("line\n")
    #expect(arrived(pipe) == "a line\n")
  }

  @Test func unbufferedBytesLeaveAtOnce() throws {
    let pipe = Pipe()
    let writer = OutputWriter(descriptor: pipe.writing, name: "pipe", buffering: .none)
    try writer.write("a")
    #expect(arrived(pipe) == "a")
  }

  @Test func takesBytesInEveryShape() throws {
    let pipe = Pipe()
    let writer = OutputWriter(descriptor: pipe.writing, name: "pipe")
    let bytes: [UInt8] = [0x61, 0x62, 0x63]
    try writer.write(bytes)
    try writer.write(bytes[1...])
    try writer.write(bytes.lazy.map { $0 - 0x20 })
    try bytes.withUnsafeBytes { try writer.write($0) }
    try writer.write("é")
    try writer.write([])
    try writer.flush()
    #expect(arrived(pipe) == "abcbcABCabcé")
  }

  @Test func aSlowReaderGetsEveryByte() throws {
    let pipe = Pipe()
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    // A non-blocking pipe takes what fits, so that writes come out short.
    _ = fcntl(pipe.writing, F_SETFL, O_NONBLOCK)
    nonisolated(unsafe) var received: [UInt8] = []
    let consumer = Companion {
      var buffer = [UInt8](repeating: 0, count: 5_000)
      while true {
        let count = read(pipe.reading, &buffer, buffer.count)
        if count <= 0 { return }
        received += buffer[..<count]
        usleep(200)
      }
    }
    let writer = OutputWriter(descriptor: pipe.writing, name: "pipe", blockSize: 1_000)
    try writer.write(bytes[..<150_000])
    for byte in bytes[150_000...] { try writer.write(CollectionOfOne(byte)) }
    try writer.flush()
    pipe.closeWriting()
    consumer.wait()
    #expect(received == bytes)
  }

  @Test func aFullDeviceIsAnInputOutputErrorAtTheFlush() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    let writer = OutputWriter(descriptor: descriptor, name: "stdout")
    try writer.write("text")
    let error = #expect(throws: FileError.self) { try writer.flush() }
    #expect(error == FileError("stdout", .write, code: ENOSPC))
    #expect(error?.kind == .io)
    #expect(error?.reason == "no space left on device")
    #expect(error?.isClosedPipe == false)
  }

  @Test func aFailureIsNotForgotten() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    let writer = OutputWriter(descriptor: descriptor, name: "stdout", buffering: .none)
    try? writer.write("text")
    #expect(throws: FileError("stdout", .write, code: ENOSPC)) { try writer.flush() }
    #expect(throws: FileError("stdout", .write, code: ENOSPC)) { try writer.write("more") }
  }

  @Test func aReaderThatHasGoneAwayIsToldApart() throws {
    let ends = BrokenPipe()
    let writer = OutputWriter(descriptor: ends.writing, name: "stdout", buffering: .none)
    let error = #expect(throws: FileError.self) { try writer.write("text") }
    #expect(error?.isClosedPipe == true)
  }

  @Test func aClosedDescriptorIsAnError() throws {
    let writer = OutputWriter(descriptor: -1, name: "stdout")
    try writer.write("text")
    #expect(throws: FileError("stdout", .write, code: EBADF)) { try writer.flush() }
  }
}

/// A pipe that nobody reads.
private final class BrokenPipe {
  let writing: Int32

  init() {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0)
    close(ends[0])
    writing = ends[1]
  }

  deinit { close(writing) }
}
