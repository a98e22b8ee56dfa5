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

@Suite struct InputSourceTests {
  @Test func aSourceIsReadWhenItIsOpened() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "early")
    let source = try InputSource(path: path)
    #expect(source.name == path)
    _ = try folder.file("a", holding: "late")
    #expect(try source.open().readAll() == Array("late".utf8))
  }

  @Test func whatCannotBeReadIsSaidAtOnce() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError(folder.file("none"), .open, code: ENOENT)) {
      try InputSource(path: folder.file("none"))
    }
    #expect(throws: FileError(folder.path, .open, code: EISDIR)) { try InputSource(path: folder.path) }
  }

  @Test func standardInputIsTakenForGranted() throws {
    #expect(try InputSource(path: "-").name == "stdin")
  }

  @Test func whatHasGoneAwayIsSaidWhenItIsItsTurn() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "text")
    let source = try InputSource(path: path)
    unlink(path)
    #expect(throws: FileError(path, .open, code: ENOENT)) { try source.open() }
  }
}
