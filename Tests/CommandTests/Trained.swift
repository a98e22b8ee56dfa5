// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// A small model that many tests write text with, trained once.
enum Trained {
  /// The model's file.
  static func model() throws -> [UInt8] { try trained.get() }

  /// The file of a model of records, names of two or three syllables.
  static func modelOfRecords() throws -> [UInt8] { try trainedOnRecords.get() }

  /// What that model has learned.
  static let names: String = {
    let syllables = ["an", "be", "car", "do", "el", "fi", "gus", "ha", "jo", "lu", "mar", "no"]
    return (0..<600).map { number in
      let name = (0...(1 + number % 2)).map { syllables[(number * 31 + $0 * number * 7) % 12] }.joined()
      return name.prefix(1).uppercased() + name.dropFirst() + "\n"
    }.joined()
  }()

  private static let trainedOnRecords = Result {
    let place = try Workplace(["names.txt": names])
    try place.run(
      "chartrain", "--quiet", "--records", "--layers", "16", "--epochs", "12", "-o", "m", "names.txt"
    ).done()
    return try place.read("m")
  }

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
  static let here: [String] = ["portable", "avx2", "avx512", "bf16", "amx", "neon"].filter { name in
    guard let place = try? Workplace.withModel() else { return false }
    let outcome = try? place.run(
      "charsample", "-m", "m", "--prompt", "", "-n", "1", environment: ["CHARTOOLS_ISA": name])
    return outcome?.ending == .status(0)
  }
}
