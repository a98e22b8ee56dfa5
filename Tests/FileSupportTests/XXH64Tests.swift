// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport
import Testing

struct XXH64Tests {
  /// Length, checksum with seed 0, checksum with seed 2654435761; from Tests/Reference/xxh64.py.
  private static let golden: [(length: Int, plain: UInt64, seeded: UInt64)] = [
    (0, 0xEF46_DB37_51D8_E999, 0xAC75_FDA2_929B_17EF),
    (1, 0x2078_E1AD_38AD_738B, 0xE09A_55EE_04EE_9790),
    (3, 0x634D_95FC_01A1_89CD, 0x2812_951F_9274_C573),
    (4, 0xEED3_4090_8A1A_C6C6, 0x7077_2155_4679_9520),
    (5, 0x342B_D7A5_F3E2_EDCD, 0xA881_CAD2_CCF7_7A8D),
    (7, 0x0DA4_9362_1D6D_C898, 0x502E_324A_DB3B_FAC6),
    (8, 0x76F9_16C7_BB52_3126, 0x3EEF_A3E2_2275_23C4),
    (9, 0x175D_7BEE_83BD_73B9, 0x2245_93BA_CB7C_A6D3),
    (12, 0xFB52_F89A_1DC4_49D2, 0xD8BD_70DD_67AF_144B),
    (15, 0x4E1C_333B_057F_B6A4, 0x377A_D0D5_A5C4_2D70),
    (16, 0x7BBE_FF67_6993_12F6, 0xA3BF_833B_B266_1796),
    (31, 0x65C5_FEB0_1DA7_464D, 0xD59B_0494_237A_2E46),
    (32, 0x7665_C921_C9BF_2EC7, 0x3C9B_8CA3_26D1_9018),
    (33, 0xB5A9_D9EF_259A_E821, 0xBF02_19F3_7394_23B4),
    (39, 0xE214_8DBB_C5AB_4089, 0x76FC_C6EF_C6F8_1C2B),
    (40, 0xC942_02B2_B088_6774, 0x1E05_A3D4_615D_092B),
    (45, 0x4E42_37A8_72CE_D8E6, 0x193A_D6C4_6AC2_DE81),
    (63, 0xB028_9CD9_3240_34F0, 0xED9A_BFB1_D3B4_C22C),
    (64, 0xFFF2_525C_99BF_2005, 0x57D6_4632_337A_D473),
    (65, 0x01FB_D6D6_AC20_FBAF, 0x4BEC_2A99_2244_011B),
    (96, 0xB4C9_1238_BEBC_5148, 0xCF77_9A97_828F_490A),
    (100, 0x74E5_02DB_362E_FD4C, 0x9203_B64A_F7D0_C8F2),
    (1_000, 0x6264_43C8_029D_0542, 0x5FC1_CFBD_EF1F_261C),
    (100_003, 0x1CBD_2919_D074_581B, 0xB0EE_0A33_E7A6_8237),
  ]

  private static func text(_ length: Int) -> [UInt8] {
    (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
  }

  @Test func agreesWithThePublishedVectors() {
    #expect(XXH64.hash([]) == 0xEF46_DB37_51D8_E999)
    #expect(XXH64.hash(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
    #expect(XXH64.hash(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
  }

  @Test func agreesWithTheReferenceAtEveryBorderOfItsStripes() {
    for (length, plain, seeded) in Self.golden {
      #expect(XXH64.hash(Self.text(length)) == plain, "length \(length)")
      #expect(XXH64.hash(Self.text(length), seed: 2_654_435_761) == seeded, "length \(length), seeded")
    }
  }

  @Test func doesNotDependOnHowTheBytesArrive() {
    let text = Self.text(131)
    let whole = XXH64.hash(text)
    for cut in 0...text.count {
      for step in [1, 7, 31, 32, 33, 64] {
        var state = XXH64()
        state.update(Array(text[..<cut]))
        for start in stride(from: cut, to: text.count, by: step) {
          state.update(Array(text[start..<min(start + step, text.count)]))
        }
        #expect(state.finalize() == whole, "cut at \(cut), then pieces of \(step)")
      }
    }
  }

  @Test func takesBytesAtAnyAlignment() {
    let text = Self.text(100)
    for shift in 1..<8 {
      let shifted = [UInt8](repeating: 0, count: shift) + text
      let hash = shifted.withUnsafeBytes { XXH64.hash(UnsafeRawBufferPointer(rebasing: $0[shift...])) }
      #expect(hash == XXH64.hash(text))
    }
  }

  @Test func goesOnAfterAnInterimResult() {
    var state = XXH64()
    state.update(Self.text(40))
    #expect(state.finalize() == 0xC942_02B2_B088_6774)
    state.update(Array(Self.text(100)[40...]))
    #expect(state.finalize() == 0x74E5_02DB_362E_FD4C)
  }
}
