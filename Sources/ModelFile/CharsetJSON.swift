// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// A charset as a JSON array in the order of the ids: strings, or numbers for bytes, and `null` for the unknown id.
package struct CharsetJSON {
  typealias Scanner = JSONScanner<JSONStringBytes>

  /// A grapheme has at most so many scalars: texts are cut there.
  static let longestSymbol = 64

  /// How many ids there are, the unknown one with them.
  package let count: Int
  /// Whether the last id is the unknown one.
  let hasUnknown: Bool
  private let unit: TextUnit
  private let contents: UnsafeRawBufferPointer

  /// Checks all of the array and keeps nothing of it, so that a bad one costs no memory however long it is.
  ///
  /// - Parameter contents: the array as the contents of a JSON string, which have to outlive this value.
  /// - Throws: `ModelFileError.Problem`, or `JSONError`.
  package init(checking contents: UnsafeRawBufferPointer, unit: TextUnit) throws {
    self.contents = contents
    self.unit = unit
    var last: Symbol?
    var count = 0
    var hasUnknown = false
    var json = Scanner(JSONStringBytes(contents))
    try json.enterArray()
    while try json.hasNextElement() {
      if hasUnknown { throw ModelFileError.Problem.charset(.unknownNotLast, id: count - 1) }
      if count == Charset.largestCount {
        throw ModelFileError.Problem.charset(.tooMany(limit: Charset.largestCount), id: count)
      }
      if try json.kind() == .null {
        try json.readNull()
        hasUnknown = true
      } else {
        guard let symbol = try Self.readSymbol(&json, unit) else {
          throw ModelFileError.Problem.charset(.kind, id: count)
        }
        if let last, symbol <= last { throw ModelFileError.Problem.charset(.order, id: count) }
        last = symbol
      }
      count += 1
    }
    try json.finish()
    if last == nil { throw ModelFileError.Problem.charset(.empty, id: 0) }
    self.count = count
    self.hasUnknown = hasUnknown
  }

  /// Reads the array again and keeps it.
  ///
  /// - Throws: nothing but for a contradiction to the first reading: `JSONError`, or `CharsetError`.
  package func charset() throws -> Charset {
    let knownCount = count - (hasUnknown ? 1 : 0)
    var symbols: [Symbol] = []
    symbols.reserveCapacity(knownCount)
    var json = Scanner(JSONStringBytes(contents))
    try json.enterArray()
    while symbols.count < knownCount, try json.hasNextElement() {
      if let symbol = try Self.readSymbol(&json, unit) { symbols.append(symbol) }
    }
    return try Charset(unit: unit, symbols: symbols, hasUnknown: hasUnknown)
  }

  /// The next element, or nil if it is not one character of this unit.
  private static func readSymbol(_ json: inout Scanner, _ unit: TextUnit) throws(JSONError) -> Symbol? {
    if unit == .byte {
      guard try json.kind() == .number else { return nil }
      return UInt8(exactly: try json.readCount()).map(Symbol.init(byte:))
    }
    guard try json.kind() == .string else { return nil }
    let scalars = try json.readString(limit: 4 * longestSymbol).unicodeScalars.map(\.value)
    guard (1...(unit == .scalar ? 1 : longestSymbol)).contains(scalars.count) else { return nil }
    return Symbol(scalars: scalars)
  }

  /// The array for a charset; how often its characters were counted is left out.
  package static func serialized(_ charset: Charset) -> [UInt8] {
    var json = JSONWriter()
    json.beginArray()
    for symbol in charset.symbols {
      if let byte = symbol.byte {
        json.number(byte)
      } else {
        json.string(utf8: symbol.utf8)
      }
    }
    if charset.hasUnknown { json.null() }
    json.endArray()
    return json.bytes
  }
}
