// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import Sampling

/// Where seeds come from, and how they are read.
struct SeedOptions {
  enum Source {
    /// Each record of standard input.
    case records
    /// All of standard input.
    case whole
    /// What was typed.
    case text(String)
    /// A piece of a file, of so many characters.
    case excerpt(path: String, length: Int)
  }

  var source: Source
  /// What ends a record of standard input.
  var separator = UInt8(ascii: "\n")
  /// Whether seeds hold backslash escapes.
  var hasEscapes = false
  /// Whether characters that the charset does not have are an error.
  var isStrict = false
  /// The number of the first record.
  var firstRecord: UInt64 = 1
  /// The TAB-separated field that a record's random numbers depend on, in place of its number; 0 for all of it.
  var key: Int?
}

/// Seeds one after the other, as ids of the model's charset.
final class Seeds {
  private let options: SeedOptions
  private let charset: Charset
  private let randomSeed: UInt64
  private let messages: Messages?
  private let records: RecordReader?
  private var count: UInt64 = 0
  private var hasWarned = false

  /// Of the random numbers that choose an excerpt.
  private static let excerptStream = UInt64.max
  /// Bytes of the longest record.
  private static let longestRecord = 1 << 28

  /// - Parameters:
  ///   - randomSeed: chooses the excerpt.
  ///   - messages: for a warning about characters that the charset does not have; nil for none.
  init(_ options: SeedOptions, charset: Charset, randomSeed: UInt64, messages: Messages?) throws {
    self.options = options
    self.charset = charset
    self.randomSeed = randomSeed
    self.messages = messages
    if case .records = options.source {
      records = RecordReader(
        try InputReader(path: "-", interrupted: Signals.isInterrupted), separator: options.separator,
        limit: Self.longestRecord)
    } else {
      records = nil
    }
  }

  /// The next seed, or nil after the last.
  func next() throws -> Seed? {
    if let records { return try records.next().map(seed(of:)) }
    guard count == 0 else { return nil }
    return try onlyOne()
  }

  /// The next seed if it is here already; nil where `next` might have to wait.
  func nextArrived() throws -> Seed? {
    guard let records else { return try next() }
    return try records.nextArrived().map(seed(of:))
  }

  private func seed(of record: [UInt8]) throws -> Seed {
    try seed(record, place: "stdin", line: Int(count) + 1)
  }

  private func onlyOne() throws -> Seed? {
    switch options.source {
    case .records: return nil
    case .whole:
      return try seed(
        InputReader(path: "-", interrupted: Signals.isInterrupted).readAll(), place: "stdin")
    case .text(let text): return try seed(Array(text.utf8), place: "--prompt")
    case .excerpt(let path, let length):
      let input = try InputReader(path: path)
      let ids = try IDSequence(encode(input.readAll(), place: input.name, line: nil))
      guard ids.count > 0 else { throw TextError.tooShort(source: input.name, count: 0, needed: 1) }
      var random = PhiloxGenerator(seed: randomSeed, stream: Self.excerptStream)
      let excerpt = Excerpt(of: ids, in: 0..<ids.count, length: length, continuation: 0, using: &random).seed
      return seed(excerpt, excerpt.flatMap { charset.bytes(of: Int($0)) })
    }
  }

  private func seed(_ record: [UInt8], place: String, line: Int? = nil) throws -> Seed {
    let text = options.hasEscapes ? try Escapes.decode(record, source: place, line: line) : record
    return seed(try encode(text, place: place, line: line), text, record: record)
  }

  private func seed(_ ids: [UInt16], _ text: [UInt8], record: [UInt8]? = nil) -> Seed {
    defer { count += 1 }
    let number = options.firstRecord &+ count
    return Seed(
      number: number, stream: options.key.map { Self.stream(ofField: $0, in: record ?? text) } ?? number,
      ids: ids, bytes: text)
  }

  /// The random numbers of a record that has this field; one that does not exist is empty, as for cut(1).
  private static func stream(ofField key: Int, in record: [UInt8]) -> UInt64 {
    if key == 0 { return XXH64.hash(record) }
    let fields = record.split(separator: 0x09, maxSplits: key, omittingEmptySubsequences: false)
    return XXH64.hash(fields.count >= key ? Array(fields[key - 1]) : [])
  }

  /// Characters that the model does not know become its unknown id or are left out, with one warning a run.
  private func encode(_ text: [UInt8], place: String, line: Int?) throws -> [UInt16] {
    var encoder = TextEncoder(
      charset: charset, policy: options.isStrict ? .fail : .unknownOrSkip, source: place)
    let ids: [UInt16]
    do {
      ids = try encoder.encodeWhole(text)
    } catch {
      // The encoder knows one record; which of the input's it is, is known here.
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
