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

struct FileContentsTests {
  @Test func whatWasReadStaysWhateverBecomesOfTheFile() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "abc", count: 100_000)
    let path = try folder.file("a", holding: text)
    let file = try FileContents(path: path)
    #expect(truncate(path, 0) == 0)
    #expect(file.bytes.elementsEqual(text.utf8))
    #expect(UInt(bitPattern: file.bytes.baseAddress) % 64 == 0)
    #expect(try FileContents(path: path).bytes.isEmpty)
  }

  @Test func acceptsNoMoreThanAllowed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "abc")
    #expect(try FileContents(path: path, limit: 3).bytes.count == 3)
    #expect(throws: FileError(path, .limit, code: EFBIG)) { try FileContents(path: path, limit: 2) }
    #expect(throws: FileError("/dev/zero", .limit, code: EFBIG)) {
      try FileContents(path: "/dev/zero", limit: 3_000_000)
    }
  }
}
