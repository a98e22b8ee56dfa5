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

  @Test(arguments: [0, 5000, 3 * 65_536 - 1])
  func whatOthersCutOffReadsAsZerosAndIsTold(size: Int) throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "x", count: 3 * 65_536)
    let path = try folder.file("a", holding: text)
    let (file, whole) = (try MappedFile(path: path), try MappedFile(path: folder.file("b", holding: text)))
    #expect(file.failure == nil)
    #expect(truncate(path, off_t(size)) == 0)
    #expect(file.bytes[..<size].allSatisfy { $0 == UInt8(ascii: "x") })
    #expect(file.bytes.last == 0)
    #expect(file.failure == FileError(path, .cut, code: ESTALE))
    // Not forgotten when the file is as long as before.
    #expect(truncate(path, off_t(text.utf8.count)) == 0)
    #expect(file.failure == (size > 2 * 65_536 ? nil : FileError(path, .read, code: EIO)))
    // Another one knows nothing of it, nor does the next in its place.
    #expect(whole.failure == nil && whole.bytes.elementsEqual(text.utf8))
    #expect(try MappedFile(path: whole.name).failure == nil)
  }

  @Test func threadsReadOnWhereAFileWasCutShort() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: String(repeating: "x", count: 1 << 22))
    let file = try MappedFile(path: path)
    let found = await withTaskGroup(of: Bool.self) { group in
      for start in 0..<8 {
        group.addTask {
          if start == 0 { truncate(path, 1 << 16) }
          return stride(from: start, to: file.bytes.count, by: 4096 / 8).allSatisfy {
            file.bytes[$0] == UInt8(ascii: "x") || file.bytes[$0] == 0
          }
        }
      }
      return await group.allSatisfy { $0 }
    }
    #expect(found)
    #expect(file.failure?.operation == .cut)
  }

  @Test func whatCannotBeOpenedIsNoInput() throws {
    for (path, code) in [("/nowhere", ENOENT), ("/", EISDIR), ("/dev/null/x", ENOTDIR)] {
      #expect(throws: FileError(path, .open, code: code)) { try MappedFile(path: path) }
    }
  }
}
