// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

extension Charset {
  /// No charset file is larger than this many bytes.
  public static let largestFile = 16 << 20

  /// What a charset file begins with, before the name of the unit.
  private static let headerWords = ["#charset", "1"]
  private static let unitWord = "unit="
  private static let unknownWord = "unknown"

  /// Reads the charset file that `input` gives.
  ///
  /// - Throws: `CharsetError`, or `FileError` when reading fails.
  public init(reading input: InputReader) throws {
    var bytes: [UInt8] = []
    while let block = try input.nextBlock() {
      if block.count > Self.largestFile - bytes.count {
        throw CharsetError(.tooLarge(limit: Self.largestFile), source: input.name)
      }
      bytes.append(contentsOf: block)
    }
    self = try bytes.withUnsafeBytes { try Charset(parsing: $0, source: input.name) }
  }

  /// Reads the bytes of a charset file.
  ///
  /// Only the first column of a line counts, and the third if it is there. Empty lines, lines beginning with `#`,
  /// CR before the line's end and a missing last newline are accepted.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - source: what messages call the file.
  /// - Throws: `CharsetError` with the line to blame.
  public init(parsing bytes: UnsafeRawBufferPointer, source: String? = nil) throws(CharsetError) {
    if bytes.count > Self.largestFile {
      throw CharsetError(.tooLarge(limit: Self.largestFile), source: source)
    }
    var lines = Lines(rest: bytes[...])
    var parser: Parser?
    while let line = lines.next() {
      do throws(CharsetError.Problem) {
        if parser == nil {
          parser = try Parser(unit: Self.unit(inHeader: line))
        } else {
          try parser?.take(line)
        }
      } catch {
        throw CharsetError(error, source: source, line: lines.number)
      }
    }
    guard let parser else { throw CharsetError(.header, source: source, line: 1) }
    do {
      try self.init(
        unit: parser.unit, symbols: parser.symbols, hasUnknown: parser.hasUnknown, counts: parser.counts)
    } catch {
      throw CharsetError(error.problem, source: source)
    }
  }

  /// The charset as a file: the same bytes for the same symbols and counts.
  public func serialized() -> [UInt8] {
    var text = (Self.headerWords + [Self.unitWord + unit.rawValue]).joined(separator: " ") + "\n"
    for (id, symbol) in symbols.enumerated() {
      text += "\(symbol.notation)\t\(symbol.display)\(countColumn(id))\n"
    }
    if let unknownID { text += "\(Self.unknownWord)\t-\(countColumn(unknownID))\n" }
    return Array(text.utf8)
  }

  private func countColumn(_ id: Int) -> String { counts.map { "\t\($0[id])" } ?? "" }

  private static func unit(
    inHeader line: Slice<UnsafeRawBufferPointer>
  ) throws(CharsetError.Problem) -> TextUnit {
    var line = line
    // Some editors put a byte order mark before everything they save.
    if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
    let words = line.prefix(200).split(whereSeparator: isBlank).map { String(decoding: $0, as: UTF8.self) }
    guard words.first == headerWords[0], words.count >= 2 else { throw .header }
    guard words[1] == headerWords[1] else { throw .version(words[1]) }
    guard words.count == 3, words[2].hasPrefix(unitWord) else { throw .header }
    let name = String(words[2].dropFirst(unitWord.count))
    guard let unit = TextUnit(rawValue: name) else { throw .unit(name) }
    return unit
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// The lines of a file without their ends.
  private struct Lines {
    var rest: Slice<UnsafeRawBufferPointer>
    var number = 0

    mutating func next() -> Slice<UnsafeRawBufferPointer>? {
      if rest.isEmpty { return nil }
      number += 1
      let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
      let line = rest[rest.startIndex..<end]
      rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...]
      return line.last == 0x0D ? line.dropLast() : line
    }
  }

  /// What the lines after the first have said so far.
  private struct Parser {
    let unit: TextUnit
    private(set) var symbols: [Symbol] = []
    private(set) var hasUnknown = false
    /// The counts so far; nil from the first line without one.
    private(set) var counts: [UInt64]? = []

    init(unit: TextUnit) {
      self.unit = unit
    }

    mutating func take(_ line: Slice<UnsafeRawBufferPointer>) throws(CharsetError.Problem) {
      if line.first == UInt8(ascii: "#") || line.allSatisfy(isBlank) { return }
      let columns = line.split(separator: 0x09, maxSplits: 3, omittingEmptySubsequences: false)
      // Tabs may have become spaces on the way; no symbol's notation has one.
      let word = columns[0].split(whereSeparator: isBlank).first ?? columns[0]
      // The longest notation is that of a grapheme of 64 scalars; anything else need not be shown whole.
      let notation = String(decoding: word.prefix(512), as: UTF8.self)
      if hasUnknown { throw .unknownNotLast }
      if symbols.count == Charset.largestCount { throw .tooManySymbols(limit: Charset.largestCount) }
      if notation == unknownWord {
        hasUnknown = true
      } else {
        let symbol = try Symbol(notation: notation, unit: unit)
        if let last = symbols.last, last >= symbol {
          throw last == symbol || symbols.contains(symbol) ? .duplicate(symbol) : .order(symbol, after: last)
        }
        symbols.append(symbol)
      }
      guard columns.count > 2, let text = Self.trimmed(columns[2]) else {
        counts = nil
        return
      }
      guard text.utf8.first != UInt8(ascii: "+"), let count = UInt64(text) else { throw .count(text) }
      counts?.append(count)
    }

    private static func trimmed(_ column: Slice<UnsafeRawBufferPointer>) -> String? {
      guard let first = column.firstIndex(where: { !isBlank($0) }) else { return nil }
      let last = column.lastIndex(where: { !isBlank($0) }) ?? first
      return String(decoding: column[first...last].prefix(64), as: UTF8.self)
    }
  }
}
