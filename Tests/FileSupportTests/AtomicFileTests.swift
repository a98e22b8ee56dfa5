// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct AtomicFileTests {
  private struct Failure: Error, Equatable {}

  private func mode(_ path: String) -> UInt32 {
    var facts = stat()
    return stat(path, &facts) == 0 ? UInt32(facts.st_mode) & 0o7777 : 0
  }

  private func save(_ text: String, to path: String, overwrite: Bool = false) throws {
    try AtomicFile.write(to: path, overwrite: overwrite) { try $0.write(text) }
  }

  @Test func aNewFileAppearsWholeAndAlone() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    try AtomicFile.write(to: path, overwrite: false) { writer in
      try writer.write("first ")
      try writer.flush()
      // Nobody sees it half-done.
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(try folder.names().allSatisfy { $0.hasPrefix(".") })
      try writer.write("second")
    }
    #expect(try contents(path) == "first second")
    #expect(try folder.names() == ["a"])
  }

  @Test func aNewFileHasTheModeThatTheMaskLeaves() throws {
    let folder = try TemporaryFolder()
    try save("text", to: folder.file("a"))
    let plain = open(folder.file("b"), O_WRONLY | O_CREAT, 0o666)
    close(plain)
    #expect(mode(folder.file("a")) == mode(folder.file("b")))
  }

  @Test func anExistingFileIsNotReplacedUnasked() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "old")
    var wasRun = false
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write(to: path, overwrite: false) { _ in wasRun = true }
    }
    #expect(error?.operation == .exists)
    #expect(error?.kind == .cannotCreate)
    #expect(error?.place == path)
    #expect(error?.reason == "already exists; use --force to replace it")
    #expect(!wasRun)
    #expect(try contents(path) == "old")
  }

  @Test(arguments: [0o600, 0o640, 0o755, 0o4711] as [UInt32])
  func aReplacedFileKeepsItsMode(bits: UInt32) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "old and longer")
    chmod(path, mode_t(bits))
    try save("new", to: path, overwrite: true)
    #expect(try contents(path) == "new")
    #expect(mode(path) == bits)
    #expect(try folder.names() == ["a"])
  }

  @Test func aFileThatAppearsMeanwhileIsNotLost() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write(to: path, overwrite: false) { writer in
        try writer.write("ours")
        _ = try folder.file("a", holding: "theirs")
      }
    }
    #expect(error?.operation == .exists)
    #expect(try contents(path) == "theirs")
    #expect(try folder.names() == ["a"])
  }

  @Test func aBodyThatThrowsLeavesNothingNew() throws {
    let folder = try TemporaryFolder()
    #expect(throws: Failure()) {
      try AtomicFile.write(to: folder.file("a"), overwrite: false) { writer in
        try writer.write("half")
        try writer.flush()
        throw Failure()
      }
    }
    #expect(try folder.names() == [])
  }

  @Test func aBodyThatThrowsLeavesTheOldFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "old")
    #expect(throws: Failure()) {
      try AtomicFile.write(to: path, overwrite: true) { writer in
        try writer.write("half")
        throw Failure()
      }
    }
    #expect(try contents(path) == "old")
    #expect(try folder.names() == ["a"])
  }

  @Test func aFailureToPublishLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write(to: path, overwrite: true) { writer in
        try writer.write("text")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      }
    }
    #expect(error == FileError(path, .rename, code: EISDIR))
    #expect(try folder.names() == ["a"])
  }

  @Test(arguments: ["a", "sub/a"]) func aSymlinkStaysAndItsTargetIsReplaced(target: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: false)
    _ = try folder.file(target, holding: "old")
    symlink(target, folder.file("link1"))
    symlink("link1", folder.file("link2"))
    #expect(throws: FileError(folder.file("link2"), .exists, code: EEXIST)) {
      try save("new", to: folder.file("link2"))
    }
    try save("new", to: folder.file("link2"), overwrite: true)
    #expect(try contents(folder.file(target)) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link2")) == "link1")
  }

  @Test func aSymlinkToNothingGetsItsTarget() throws {
    let folder = try TemporaryFolder()
    symlink(folder.file("a"), folder.file("link"))
    try save("new", to: folder.file("link"))
    #expect(try contents(folder.file("a")) == "new")
    #expect(try folder.names() == ["a", "link"])
  }

  @Test func symlinksInACircleAreAnError() throws {
    let folder = try TemporaryFolder()
    symlink("b", folder.file("a"))
    symlink("a", folder.file("b"))
    #expect(throws: FileError(folder.file("a"), .create, code: ELOOP)) { try save("x", to: folder.file("a")) }
  }

  @Test func aFIFOIsWrittenDirectly() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("fifo")
    #expect(mkfifo(path, 0o600) == 0)
    nonisolated(unsafe) var received: [UInt8] = []
    let consumer = Companion { received = (try? InputReader(path: path).readAll()) ?? [] }
    try save("through the pipe", to: path)
    consumer.wait()
    #expect(received == Array("through the pipe".utf8))
    #expect(try folder.names() == ["fifo"])
  }

  @Test func aDeviceIsWrittenDirectly() throws {
    try save("gone", to: "/dev/null")
    let error = #expect(throws: FileError.self) { try save("too much", to: "/dev/full") }
    #expect(error == FileError("/dev/full", .write, code: ENOSPC))
    #expect(error?.kind == .io)
  }

  @Test func anOpenDescriptorIsWrittenWhereItStands() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "")
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    try save("one ", to: "/dev/fd/\(descriptor)")
    try save("two", to: "/dev/fd/\(descriptor)")
    #expect(try contents(path) == "one two")
  }

  @Test func aFileThatOutgrowsItsLimitIsAnInputOutputError() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1_000, rlim_max: 1_000)
      #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write(to: folder.file("a"), overwrite: false) {
          try $0.write(String(repeating: "x", count: 2_000))
        }
      }
      #expect(error == FileError(folder.file("a"), .write, code: EFBIG))
      #expect(error?.kind == .io)
      #expect(try folder.names() == [])
    }
  }

  @Test(arguments: [
    ("/nowhere/a", ENOENT), ("/dev/null/a", ENOTDIR), ("/", EISDIR), ("/tmp", EISDIR), ("/tmp/new/", EISDIR),
    ("", ENOENT), ("/tmp/" + String(repeating: "x", count: 256), ENAMETOOLONG),
  ])
  func whereNoFileCanBeNothingIsRun(path: String, code: Int32) throws {
    var wasRun = false
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write(to: path, overwrite: true) { _ in wasRun = true }
    }
    #expect(error == FileError(path, .create, code: code))
    #expect(error?.kind == .cannotCreate)
    #expect(!wasRun)
    #expect(throws: FileError(path, .create, code: code)) {
      try AtomicFile.checkWritable(path, overwrite: true)
    }
  }

  @Test func aNameOfTheGreatestLengthCanBeWritten() throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "é", count: 127)
    try save("text", to: folder.file(name))
    #expect(try contents(folder.file(name)) == "text")
  }

  @Test func theCheckSaysBeforehandWhatWriteWouldSay() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "old")
    #expect(throws: FileError(path, .exists, code: EEXIST)) {
      try AtomicFile.checkWritable(path, overwrite: false)
    }
    try AtomicFile.checkWritable(path, overwrite: true)
    try AtomicFile.checkWritable(folder.file("b"), overwrite: false)
    try AtomicFile.checkWritable("/dev/null", overwrite: false)
    try AtomicFile.checkWritable("-", overwrite: false)
    #expect(try folder.names() == ["a"])
    #expect(try contents(path) == "old")
  }

  @Test func aFileWithoutAFolderIsInTheCurrentOne() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      chdir(folder.path)
      try AtomicFile.checkWritable("a", overwrite: false)
      try AtomicFile.write(to: "a", overwrite: false) { try $0.write("text") }
      #expect(try folder.names() == ["a"])
    }
  }
}
