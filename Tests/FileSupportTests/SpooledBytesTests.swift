// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Testing

struct SpooledBytesTests {
  private func all(_ spool: SpooledBytes) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try spool.forEachBlock { bytes += $0 }
    return bytes
  }

  @Test(arguments: [0, 10, 100, 1000]) func whatWasKeptComesBackAsOftenAsWanted(memoryLimit: Int) throws {
    let folder = try TemporaryFolder()
    let spool = SpooledBytes(folder: folder.path, memoryLimit: memoryLimit)
    var expected: [UInt8] = []
    for length in [0, 7, 90, 3, 0, 200] {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: expected.count + $0) }
      expected += bytes
      try spool.append(bytes)
    }
    #expect(spool.count == expected.count)
    #expect(try all(spool) == expected)
    #expect(try all(spool) == expected)
    // The file has no name.
    #expect(try folder.names() == [])
  }

  @Test func aFolderThatIsNotThereMattersOnlyIfThereIsNeedOfIt() throws {
    let folder = try TemporaryFolder()
    let spool = SpooledBytes(folder: folder.file("none"), memoryLimit: 4)
    try spool.append([1, 2, 3, 4])
    #expect(try all(spool) == [1, 2, 3, 4])
    #expect(throws: FileError(folder.file("none"), .create, code: 2)) { try spool.append([5]) }
  }
}
