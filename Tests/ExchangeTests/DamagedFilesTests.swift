// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Exchange

/// The inputs that the fuzzer of `Tests/Hard/fuzz.sh` begins with, a few of their bytes changed, cut or doubled.
@Suite struct DamagedFilesTests {
  private func kept(_ target: String) throws -> [UInt8] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: tests.appendingPathComponent("Fuzz/Corpus/\(target)/tiny")))
  }

  private func damaged(_ bytes: [UInt8], _ number: Int) -> [UInt8] {
    var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
    func roll(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(bound, 1)))
    }
    var bytes = bytes
    for _ in 0...roll(3) where !bytes.isEmpty {
      let place = roll(bytes.count)
      switch roll(4) {
      case 0: bytes[place] = UInt8(roll(256))
      case 1: bytes[place] = [0, 0x7F, 0x80, 0xFF][roll(4)]
      case 2: bytes.removeLast(roll(bytes.count / 4))
      default: bytes.insert(contentsOf: bytes[place...].prefix(roll(16)), at: place)
      }
    }
    return bytes
  }

  @Test(arguments: ["keras", "pytorch", "tfjs"])
  func damageIsRefusedOrHarmless(target: String) throws {
    let right = try kept(target)
    func isTaken(_ bytes: [UInt8]) -> Bool {
      bytes.withUnsafeBytes { bytes in
        switch target {
        case "keras": (try? KerasArchive.read(bytes, name: "input")) != nil
        case "pytorch": (try? PyTorchReader.read(bytes, name: "input")) != nil
        default: (try? TensorFlowJSModel(parsing: bytes)) != nil
        }
      }
    }
    #expect(isTaken(right))
    let taken = (0..<400).count { isTaken(damaged(right, $0)) }
    #expect(taken < 400)
  }
}
