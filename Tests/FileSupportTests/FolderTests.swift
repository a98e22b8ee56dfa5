// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import FileSupport

@Suite struct FolderTests {
  @Test func folderIsMadeUnlessItIsThere() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/new"
    #expect(!Folder.isFolder(path))
    try Folder.create(path)
    #expect(Folder.isFolder(path))
    try Folder.create(path)
    #expect(Folder.entries(folder.path) == [Folder.Entry(name: "new", isFolder: true)])
  }

  @Test func whatStandsInTheWayIsTold() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/file"
    try AtomicFile.write(to: file, overwrite: false) { try $0.write("text") }
    #expect(throws: FileError(file, .create, code: ENOTDIR)) { try Folder.create(file) }
    let deep = folder.path + "/none/new"
    #expect(throws: FileError(deep, .create, code: ENOENT)) { try Folder.create(deep) }
  }

  @Test func onlyRegularFilesHaveOthersBesideThem() throws {
    let folder = try TemporaryFolder()
    #expect(AtomicFile.makesRegularFile(folder.path + "/new"))
    for path in ["-", "/dev/null", "/dev/stdout", folder.path] { #expect(!AtomicFile.makesRegularFile(path)) }
  }
}
