// SPDX-License-Identifier: GPL-3.0-or-later

import CharText
import FileSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite struct IDWritingTests {
  @Test func idsAreWrittenLowByteFirst() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let writer = OutputWriter(descriptor: ends[1], name: "pipe")
    try [0x0201, 0xFFFE].withUnsafeBufferPointer { try writer.write(littleEndian: $0) }
    try writer.flush()
    close(ends[1])
    #expect(try InputReader(descriptor: ends[0], name: "pipe").readAll() == [0x01, 0x02, 0xFE, 0xFF])
    close(ends[0])
  }
}
