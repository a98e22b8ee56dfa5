// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// A text, or the ids of a text, that cannot be used as it is.
public enum TextError: UserFacingError, Equatable, CustomStringConvertible {
  /// A byte that cannot stand where it stands in UTF-8, with its offset from the start of the source in bytes.
  ///
  /// Of an ill-formed sequence it is the first byte.
  case invalidUTF8(source: String, line: Int, byte: UInt8, offset: Int)
  /// The source ends inside the character that began with `byte` at `offset`.
  case truncatedUTF8(source: String, line: Int, byte: UInt8, offset: Int)
  /// A character that the charset does not have; line and column count from 1.
  case notInCharset(source: String, line: Int, column: Int, symbol: Symbol)
  /// No characters at all to make a charset of.
  case empty(source: String?)
  /// Fewer characters than are needed.
  case tooShort(source: String?, count: Int, needed: Int)
  /// More different characters than ids.
  case tooManySymbols(count: Int, limit: Int)
  /// More different grapheme clusters than can be told apart in bounded memory.
  case tooManyGraphemes(limit: Int)
  /// Every character is rarer than asked for.
  case allTooRare(minCount: UInt64)
  /// A file of 16-bit ids with an odd number of bytes, which is `byteCount`.
  case oddByteCount(source: String, byteCount: Int)
  /// An id that the charset does not have, with the offset of its first byte.
  case idOutOfRange(source: String, offset: Int, id: Int, count: Int)
  /// Lines are to be records, and the charset does not have what ends them.
  case noRecordEnd
  /// The system has no memory for so many bytes.
  case outOfMemory(byteCount: Int)

  /// Where it is: a file, with its line and column as far as they are known.
  public var place: String? {
    switch self {
    case .invalidUTF8(let source, let line, _, _), .truncatedUTF8(let source, let line, _, _):
      "\(source):\(line)"
    case .notInCharset(let source, let line, let column, _):
      "\(source):\(line):\(column)"
    case .empty(let source), .tooShort(let source, _, _):
      source
    case .oddByteCount(let source, _), .idOutOfRange(let source, _, _, _):
      source
    case .tooManySymbols, .tooManyGraphemes, .allTooRare, .noRecordEnd, .outOfMemory:
      nil
    }
  }

  /// What is wrong and what to do about it.
  public var reason: String {
    switch self {
    case .invalidUTF8(_, _, let byte, let offset):
      "invalid UTF-8 byte 0x\(hexadecimal(UInt32(byte), digits: 2)) at offset \(offset)"
    case .truncatedUTF8(_, _, let byte, let offset):
      "the text ends inside the UTF-8 character that begins with byte "
        + "0x\(hexadecimal(UInt32(byte), digits: 2)) at offset \(offset)"
    case .notInCharset(_, _, _, let symbol):
      "\(symbol.notation) '\(symbol.display)' is not in the charset"
    case .empty:
      "empty text: no characters to make a charset of"
    case .tooShort(_, let count, let needed):
      "the text is too short: \(count) character\(count == 1 ? "" : "s"), at least \(needed) needed"
    case .tooManySymbols(let count, let limit):
      "\(count) different characters, more than \(limit); "
        + "chartok --max-size folds the rarest into one unknown symbol"
    case .tooManyGraphemes(let limit):
      "more than \(limit) different graphemes; use --unit scalar"
    case .allTooRare(let minCount):
      "no character occurs \(minCount) times or more; lower --min-count"
    case .oddByteCount(_, let byteCount):
      "\(byteCount) bytes: 16-bit ids need an even number, so the last id is cut off at offset \(byteCount - 1)"
    case .idOutOfRange(_, let offset, let id, let count):
      "id \(id) at offset \(offset) is not in the charset, whose ids end at \(count - 1)"
    case .noRecordEnd:
      "a record ends with a newline, and there is none among the characters"
    case .outOfMemory(let byteCount):
      "no memory for \(byteCount) bytes of text"
    }
  }

  /// Bad data, except that a lack of memory is the system's.
  public var kind: ErrorKind {
    if case .outOfMemory = self { .io } else { .badData }
  }

  /// What is wrong and what to do about it.
  public var description: String { reason }
}

extension TextError {
  /// The same error of a text that is line `number` of its source.
  public func movedToLine(_ number: Int) -> TextError {
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
