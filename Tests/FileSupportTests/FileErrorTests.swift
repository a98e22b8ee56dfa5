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

struct FileErrorTests {
  @Test(
    arguments: [
      (.open, .noInput), (.read, .io), (.limit, .badData), (.map, .io), (.create, .cannotCreate),
      (.exists, .cannotCreate), (.write, .io), (.sync, .io), (.rename, .cannotCreate),
    ] as [(FileError.Operation, ErrorKind)])
  func eachOperationHasItsKind(operation: FileError.Operation, kind: ErrorKind) {
    #expect(FileError("a", operation, code: EIO).kind == kind)
  }

  @Test func theReasonIsTheSystemsInLowerCase() {
    #expect(FileError("a", .open, code: EACCES).reason == "permission denied")
    #expect(FileError("a", .write, code: ENOSPC).description == "no space left on device")
    #expect(!FileError("a", .read, code: 99_999).reason.isEmpty)
  }

  @Test func onlyAFailedWriteIsAClosedPipe() {
    #expect(FileError("a", .write, code: EPIPE).isClosedPipe)
    #expect(!FileError("a", .read, code: EPIPE).isClosedPipe)
    #expect(!FileError("a", .write, code: EIO).isClosedPipe)
  }
}
