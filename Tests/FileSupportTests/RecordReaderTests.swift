// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Testing

struct RecordReaderTests {
  /// The records of `text`, read in blocks of `blockSize` bytes, and whether the last was terminated.
  private func records(
    _ text: String, blockSize: Int, separator: UInt8 = 0x0A
  ) throws -> (records: [String], terminated: Bool) {
    let folder = try TemporaryFolder()
    let input = try InputReader(path: folder.file("a", holding: text), blockSize: blockSize)
    let reader = RecordReader(input, separator: separator)
    var records: [String] = []
    while let record = try reader.next() { records.append(String(decoding: record, as: UTF8.self)) }
    return (records, reader.lastRecordWasTerminated)
  }

  @Test(arguments: 1...9) func cutsAtSeparatorsWhereverTheBlocksEnd(blockSize: Int) throws {
    let (lines, terminated) = try records("one\ntwo\n\nthree\n", blockSize: blockSize)
    #expect(lines == ["one", "two", "", "three"])
    #expect(terminated)
  }

  @Test(arguments: 1...9) func theLastRecordNeedNotBeTerminated(blockSize: Int) throws {
    let (lines, terminated) = try records("\none\ntwo", blockSize: blockSize)
    #expect(lines == ["", "one", "two"])
    #expect(!terminated)
  }

  @Test(arguments: 1...9) func longRecordsComeInPartsWhereverTheBlocksEnd(blockSize: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a", holding: "abcdefgh\nabc\n\nabcd\nabcdefg")
    for limit in 1...9 {
      let reader = RecordReader(try InputReader(path: path, blockSize: blockSize), separator: 0x0A)
      var records = [""]
      while let part = try reader.nextPart(limit: limit) {
        // No part is longer than allowed, and only the last is shorter.
        #expect(part.bytes.count <= limit && (part.endsRecord || part.bytes.count == limit))
        records[records.count - 1] += String(decoding: part.bytes, as: UTF8.self)
        if part.endsRecord { records.append("") }
      }
      if records.last == "" { records.removeLast() }
      #expect(records == ["abcdefgh", "abc", "", "abcd", "abcdefg"], "parts of \(limit)")
    }
  }

  @Test func anEmptyInputHasNoRecords() throws {
    let (lines, terminated) = try records("", blockSize: 4)
    #expect(lines.isEmpty)
    #expect(terminated)
  }

  @Test func aLoneSeparatorIsOneEmptyRecord() throws {
    #expect(try records("\n", blockSize: 4).records == [""])
  }

  @Test func anyByteCanSeparate() throws {
    #expect(try records("a\nb\0c", blockSize: 2, separator: 0).records == ["a\nb", "c"])
  }

  @Test func keepsCarriageReturnsAndBadUTF8() throws {
    let pipe = Pipe()
    let reader = RecordReader(InputReader(descriptor: pipe.reading, name: "pipe"), separator: 0x0A)
    pipe.send([0x61, 0xFF, 0x00, 0x0D, 0x0A])
    #expect(try reader.next() == [0x61, 0xFF, 0x00, 0x0D])
  }

  @Test func givesARecordAsSoonAsItIsComplete() throws {
    let pipe = Pipe()
    let reader = RecordReader(InputReader(descriptor: pipe.reading, name: "pipe"), separator: 0x0A)
    pipe.send("one\ntw")
    #expect(try reader.next() == Array("one".utf8))
    pipe.send("o\n")
    #expect(try reader.next() == Array("two".utf8))
    pipe.closeWriting()
    #expect(try reader.next() == nil)
  }

  @Test func whatHasArrivedIsGivenWithoutWaitingForMore() throws {
    let pipe = Pipe()
    let reader = RecordReader(InputReader(descriptor: pipe.reading, name: "pipe"), separator: 0x0A)
    #expect(try reader.nextArrived() == nil)
    pipe.send("one\ntwo\nth")
    #expect(try reader.nextArrived() == Array("one".utf8))
    #expect(try reader.nextArrived() == Array("two".utf8))
    #expect(try reader.nextArrived() == nil)
    // The half that has arrived is kept, whoever asks for the rest.
    pipe.send("ree\nfo")
    #expect(try reader.nextArrived() == Array("three".utf8))
    #expect(try reader.nextArrived() == nil)
    pipe.send("ur\nfive")
    #expect(try reader.next() == Array("four".utf8))
    pipe.closeWriting()
    #expect(try reader.nextArrived() == Array("five".utf8))
    #expect(!reader.lastRecordWasTerminated)
    #expect(try reader.nextArrived() == nil)
    #expect(try reader.next() == nil)
  }

  @Test func refusesARecordThatIsTooLong() throws {
    let zeros = RecordReader(try InputReader(path: "/dev/zero"), separator: 0x0A, limit: 100_000)
    let error = #expect(throws: FileError.self) { try zeros.next() }
    #expect(error?.operation == .limit)
  }
}
