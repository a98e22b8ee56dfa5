// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import Sampling

/// Where seeds come from, one after the other, as ids of the model's charset.
struct Seeds {
  enum Source {
    /// Each line of standard input.
    case lines
    /// All of standard input.
    case whole
    /// What was typed.
    case text(String)
    /// A piece of a file, of so many characters.
    case excerpt(path: String, length: Int)
  }

  let source: Source
  let charset: Charset
  let isStrict: Bool
  let messages: Messages?

  /// Of the random numbers that choose an excerpt.
  private static let excerptStream = UInt64.max

  /// Calls `body` with each seed and its number, from 0.
  func forEach(_ randomSeed: UInt64, _ body: (UInt64, [UInt16]) throws -> Void) throws {
    var hasWarned = false
    switch source {
    case .lines:
      let records = RecordReader(try InputReader(path: "-"), separator: UInt8(ascii: "\n"))
      var number: UInt64 = 0
      while let line = try records.next() {
        try body(number, encode(line, place: "stdin:\(number + 1)", &hasWarned))
        number += 1
      }
    case .whole:
      try body(0, encode(InputReader(path: "-").readAll(), place: "stdin", &hasWarned))
    case .text(let text):
      try body(0, encode(Array(text.utf8), place: "--prompt", &hasWarned))
    case .excerpt(let path, let length):
      let input = try InputReader(path: path)
      let ids = try IDSequence(encode(input.readAll(), place: input.name, &hasWarned))
      guard ids.count > 0 else { throw TextError.empty(source: input.name) }
      var random = PhiloxGenerator(seed: randomSeed, stream: Self.excerptStream)
      try body(0, Excerpt(of: ids, in: 0..<ids.count, length: length, continuation: 0, using: &random).seed)
    }
  }

  /// Characters that the model does not know become its unknown id or are left out, with one warning a run.
  private func encode(_ text: [UInt8], place: String, _ hasWarned: inout Bool) throws -> [UInt16] {
    var encoder = TextEncoder(charset: charset, policy: isStrict ? .fail : .unknownOrSkip, source: place)
    let ids = try encoder.encodeWhole(text)
    if let symbol = encoder.firstUncovered, !hasWarned {
      hasWarned = true
      let fate = charset.hasUnknown ? "taken as unknown" : "left out"
      messages?.warn("the model does not know \(symbol.notation): such characters are \(fate)", place: place)
    }
    return ids
  }
}
