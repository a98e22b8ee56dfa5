// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import Sampling

/// Where seeds come from, one after the other, as ids of the model's charset.
final class Seeds {
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

  private let source: Source
  private let charset: Charset
  private let isStrict: Bool
  private let randomSeed: UInt64
  private let messages: Messages?
  private let records: RecordReader?
  private var count: UInt64 = 0
  private var hasWarned = false

  /// Of the random numbers that choose an excerpt.
  private static let excerptStream = UInt64.max

  /// - Parameters:
  ///   - isStrict: whether characters that the charset does not have are an error.
  ///   - randomSeed: chooses the excerpt.
  ///   - messages: for a warning about such characters; nil for none.
  init(_ source: Source, charset: Charset, isStrict: Bool, randomSeed: UInt64, messages: Messages?) throws {
    self.source = source
    self.charset = charset
    self.isStrict = isStrict
    self.randomSeed = randomSeed
    self.messages = messages
    if case .lines = source {
      records = RecordReader(try InputReader(path: "-"), separator: UInt8(ascii: "\n"))
    } else {
      records = nil
    }
  }

  /// The next seed, or nil after the last.
  func next() throws -> BatchGenerator.Seed? {
    if let records { return try records.next().map(seed(ofLine:)) }
    guard count == 0 else { return nil }
    count = 1
    return BatchGenerator.Seed(number: 0, ids: try onlyOne())
  }

  /// The next seed if it is here already: what can be written together with the one before.
  func nextArrived() throws -> BatchGenerator.Seed? {
    try records?.nextArrived().map(seed(ofLine:))
  }

  private func seed(ofLine line: [UInt8]) throws -> BatchGenerator.Seed {
    defer { count += 1 }
    return BatchGenerator.Seed(number: count, ids: try encode(line, place: "stdin", line: Int(count) + 1))
  }

  private func onlyOne() throws -> [UInt16] {
    switch source {
    case .lines: return []
    case .whole: return try encode(InputReader(path: "-").readAll(), place: "stdin")
    case .text(let text): return try encode(Array(text.utf8), place: "--prompt")
    case .excerpt(let path, let length):
      let input = try InputReader(path: path)
      let ids = try IDSequence(encode(input.readAll(), place: input.name))
      guard ids.count > 0 else { throw TextError.tooShort(source: input.name, count: 0, needed: 1) }
      var random = PhiloxGenerator(seed: randomSeed, stream: Self.excerptStream)
      return Excerpt(of: ids, in: 0..<ids.count, length: length, continuation: 0, using: &random).seed
    }
  }

  /// Characters that the model does not know become its unknown id or are left out, with one warning a run.
  private func encode(_ text: [UInt8], place: String, line: Int? = nil) throws -> [UInt16] {
    var encoder = TextEncoder(charset: charset, policy: isStrict ? .fail : .unknownOrSkip, source: place)
    let ids: [UInt16]
    do {
      ids = try encoder.encodeWhole(text)
    } catch {
      // The encoder knows one line; which of the input's it is, is known here.
      throw line.map { error.movedToLine($0) } ?? error
    }
    if let symbol = encoder.firstUncovered, !hasWarned {
      hasWarned = true
      let fate = charset.hasUnknown ? "taken as unknown" : "left out"
      messages?.warn(
        "the model does not know \(symbol.notation): such characters are \(fate)",
        place: line.map { "\(place):\($0)" } ?? place)
    }
    return ids
  }
}

extension TextError {
  /// The same error of a text that is line `number` of its source.
  fileprivate func movedToLine(_ number: Int) -> TextError {
    switch self {
    case .invalidUTF8(let source, _, let byte, let offset):
      .invalidUTF8(source: source, line: number, byte: byte, offset: offset)
    case .truncatedUTF8(let source, _, let byte, let offset):
      .truncatedUTF8(source: source, line: number, byte: byte, offset: offset)
    case .notInCharset(let source, _, let column, let symbol):
      .notInCharset(source: source, line: number, column: column, symbol: symbol)
    default: self
    }
  }
}
