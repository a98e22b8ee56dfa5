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

struct MappedFileTests {
  private func isAligned(_ file: MappedFile) -> Bool { UInt(bitPattern: file.bytes.baseAddress) % 64 == 0 }

  @Test func holdsTheBytesOfAFile() throws {
    let folder = try TemporaryFolder()
    let file = try MappedFile(path: folder.file("a", holding: "abc"))
    #expect(Array(file.bytes) == Array("abc".utf8))
    #expect(isAligned(file))
  }

  @Test func outlivesTheNameOfItsFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "abc")
    let file = try MappedFile(path: path)
    unlink(path)
    #expect(Array(file.bytes) == Array("abc".utf8))
  }

  @Test func anEmptyFileHasNoBytes() throws {
    let folder = try TemporaryFolder()
    #expect(try MappedFile(path: folder.file("a", holding: "")).bytes.isEmpty)
    #expect(try MappedFile(path: "/dev/null").bytes.isEmpty)
  }

  @Test func aPipeIsReadIntoAlignedMemory() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("fifo")
    #expect(mkfifo(path, 0o600) == 0)
    let text = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
    let sender = Companion {
      let descriptor = open(path, O_WRONLY)
      let writer = OutputWriter(descriptor: descriptor, name: path, blockSize: 777)
      for start in stride(from: 0, to: text.count, by: 500) { try? writer.write(text[start..<start + 500]) }
      try? writer.flush()
      close(descriptor)
    }
    let file = try MappedFile(path: path)
    sender.wait()
    #expect(file.bytes.elementsEqual(text))
    #expect(isAligned(file))
  }

  @Test func aFileThatHidesItsSizeIsRead() throws {
    #expect(try !MappedFile(path: "/proc/self/status").bytes.isEmpty)
  }

  @Test func acceptsNoMoreThanAllowed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "abc")
    #expect(try MappedFile(path: path, limit: 3).bytes.count == 3)
    #expect(throws: FileError(path, .limit, code: EFBIG)) { try MappedFile(path: path, limit: 2) }
    #expect(throws: FileError("/dev/zero", .limit, code: EFBIG)) {
      try MappedFile(path: "/dev/zero", limit: 3_000_000)
    }
  }

  @Test func whatCannotBeOpenedIsNoInput() throws {
    for (path, code) in [("/nowhere", ENOENT), ("/", EISDIR), ("/dev/null/x", ENOTDIR)] {
      #expect(throws: FileError(path, .open, code: code)) { try MappedFile(path: path) }
    }
  }
}
