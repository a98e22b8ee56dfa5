// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// A small model that many tests write text with, trained once.
enum Trained {
  /// The model's file.
  static func model() throws -> [UInt8] { try trained.get() }

  private static let trained = Result {
    let place = try Workplace(["prose.txt": Prose.text(lines: 200)])
    try place.run(
      "chartrain", "--quiet", "--layers", "16", "--epochs", "3", "--batch-size", "8", "-o", "m", "prose.txt"
    ).done()
    return try place.read("m")
  }
}

extension Workplace {
  /// A folder with the small model in it as `m`, and other files.
  static func withModel(_ files: [String: String] = [:]) throws -> Workplace {
    let place = try Workplace(files)
    try place.write("m", Trained.model())
    return place
  }
}

/// The instruction sets that this machine runs, found by trying.
enum InstructionSets {
  static let here: [String] = ["portable", "avx2", "avx512", "bf16", "neon"].filter { name in
    guard let place = try? Workplace.withModel() else { return false }
    let outcome = try? place.run(
      "charsample", "-m", "m", "--prompt", "", "-n", "1", environment: ["CHARTOOLS_ISA": name])
    return outcome?.ending == .status(0)
  }
}
