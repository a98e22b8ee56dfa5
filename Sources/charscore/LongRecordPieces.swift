// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import FileSupport

/// Cuts a record that is too long to be held into records of bounded size, between characters.
struct LongRecordPieces {
  let source: String
  let number: Int
  let unit: TextUnit

  /// Hands over one piece after the other; only the last one ends the record.
  func forEachPiece(
    _ beginning: [UInt8], _ nextPart: () throws -> RecordReader.Part?, _ body: (Record) throws -> Void
  ) throws {
    var bytes = beginning
    while let part = try nextPart() {
      let end = endOfCharacters(bytes)
      try body(piece(Array(bytes[..<end]), isTerminated: false, endsRecord: false))
      bytes = Array(bytes[end...]) + part.bytes
      if part.endsRecord { return try body(piece(bytes, isTerminated: true)) }
    }
    try body(piece(bytes, isTerminated: false))
  }

  private func piece(_ bytes: [UInt8], isTerminated: Bool, endsRecord: Bool = true) -> Record {
    Record(source: source, number: number, bytes: bytes, isTerminated: isTerminated, endsRecord: endsRecord)
  }

  /// Where the last character begins that may go on in the next bytes.
  private func endOfCharacters(_ bytes: [UInt8]) -> Int {
    if unit == .byte { return bytes.count }
    let tail = bytes.suffix(4)
    return tail.lastIndex { $0 & 0xC0 != 0x80 } ?? bytes.count
  }
}
