// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct CodeReaderTests {
  @Test func blocksAreReadInSlicesThatLeaveNothingOut() {
    for count in [0, 1, 16_383, 16_384, 16_385, 50_000] {
      let bytes = [UInt8](repeating: 0x61, count: count)
      bytes.withUnsafeBytes { block in
        let slices = Array(CodeReader.slices(of: block))
        #expect(slices.map(\.count).reduce(0, +) == count)
        #expect(slices.allSatisfy { !$0.isEmpty && $0.count <= 16_384 })
      }
    }
  }

  @Test func graphemesThatAreNotKeptTakeNoMemory() {
    var reader = CodeReader(
      unit: .grapheme, isLossy: false, source: "t", clusters: ClusterTable(learns: false))
    var codes: Set<UInt32> = []
    for mark in UInt32(0x300)..<0x340 {
      let text = utf8("e" + String(Character(Unicode.Scalar(mark)!)) + "x")
      let piece = text.withUnsafeBytes { reader.read($0) }
      // There is the x of the piece before, too, which was still under way.
      if let code = piece.codes.max(), code >= ClusterTable.firstCode {
        #expect(reader.symbol(of: code) == Symbol(scalars: [0x65, mark]))
        codes.insert(code)
      }
    }
    #expect(codes.count == 1)
  }

  @Test func aPieceEndsWithWhatWentWrong() {
    var reader = CodeReader(unit: .scalar, isLossy: false, source: "t", clusters: ClusterTable(learns: true))
    let piece = [0x61, 0x62, 0xFF].withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) in
      reader.read(UnsafeRawBufferPointer(bytes))
    }
    #expect(Array(piece.codes) == [0x61, 0x62])
    #expect(piece.failure == .invalidUTF8(source: "t", line: 1, byte: 0xFF, offset: 2))
  }
}
