// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import ModelFile

/// Bits of a right file turned over; `Tests/Hard/damage.py` gives such files to the programs.
@Suite struct DamagedModelTests {
  private let right = Forgery().bytes

  private func turned(_ bit: Int) -> [UInt8] {
    var bytes = right
    bytes[bit / 8] ^= 1 << (bit % 8)
    return bytes
  }

  @Test func aBitTurnedOverAnywhereIsNoticed() {
    #expect(refusal(of: right) == nil)
    for bit in stride(from: 0, to: right.count * 8, by: 7) {
      #expect(refusal(of: turned(bit)) != nil, "bit \(bit)")
    }
  }

  @Test func withItsDigestMadeRightItIsRefusedOrAnotherModel() throws {
    let start = try #require(right.indices.first { right[$0...].starts(with: Array("xxh64:".utf8)) }) + 6
    var models = 0
    for bit in stride(from: 0, to: right.count * 8, by: 5) where !(start - 6..<start + 16).contains(bit / 8) {
      var bytes = turned(bit)
      bytes.replaceSubrange(start..<start + 16, with: Array(repeating: UInt8(ascii: "0"), count: 16))
      Forgery.sign(&bytes)
      guard let model = try? read(bytes) else { continue }
      models += 1
      let parameters = model.parameters
      #expect(parameters.layout.tensors.allSatisfy { parameters[$0].allSatisfy(\.isFinite) }, "bit \(bit)")
    }
    // Most bits of the values make another number.
    #expect(models > 100)
  }
}
