// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// A charset that breaks the rules, and where in its file it does.
public struct CharsetError: UserFacingError, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Problem: Error, Equatable, Sendable {
    /// The first line is not `#charset 1 unit=...`.
    case header
    /// The file is of another version of the format.
    case version(String)
    /// The unit is none of those that `TextUnit` names.
    case unit(String)
    /// A line that does not begin with a symbol of the charset's unit.
    case notation(String, TextUnit)
    /// A surrogate, which is no character.
    case surrogate(UInt32)
    /// A number beyond U+10FFFF.
    case beyondUnicode(UInt32)
    /// A grapheme cluster of more scalars than any text is cut into.
    case clusterTooLong(Int)
    /// A count that is not a number.
    case count(String)
    /// A symbol that is listed twice.
    case duplicate(Symbol)
    /// A symbol that stands after a greater one.
    case order(Symbol, after: Symbol)
    /// The unknown symbol is not the last, or is listed twice.
    case unknownNotLast
    /// More symbols than an id of 16 bits can tell apart.
    case tooManySymbols(limit: Int)
    /// No symbol but perhaps the unknown one.
    case empty
    /// The file is larger than any charset.
    case tooLarge(limit: Int)
    /// A symbol of another kind than the charset's unit.
    case kind(Symbol, TextUnit)
    /// Not one count for each id.
    case countOfCounts(Int, expected: Int)
  }

  /// The charset file's name; nil for a charset that is not from a file.
  public let source: String?
  /// The line, from 1; nil where no line is to blame.
  public let line: Int?
  /// What is wrong.
  public let problem: Problem

  /// A problem with a charset, in a line of a file if it has one.
  public init(_ problem: Problem, source: String? = nil, line: Int? = nil) {
    self.problem = problem
    self.source = source
    self.line = line
  }

  /// File and line, as far as they are known.
  public var place: String? {
    guard let source else { return line.map { "line \($0)" } }
    return line.map { "\(source):\($0)" } ?? source
  }

  /// What is wrong and what to do about it.
  public var reason: String { problem.reason }

  /// Always bad data.
  public var kind: ErrorKind { .badData }

  /// What is wrong and what to do about it.
  public var description: String { reason }
}

extension CharsetError.Problem {
  /// The problem in words.
  var reason: String {
    switch self {
    case .header:
      "not a charset: its first line must be \"#charset 1 unit=scalar\", or unit=byte or unit=grapheme"
    case .version(let version):
      "version \(version) of the charset format is not known; this program reads version 1"
    case .unit(let unit):
      "unknown unit \"\(unit)\"; the units are scalar, byte and grapheme"
    case .notation(let text, let unit):
      "\"\(text)\" is not a \(unit.rawValue); expected \(unit.notationExample)"
    case .surrogate(let value):
      "U+\(hexadecimal(value, digits: 4)) is a surrogate, not a character; delete the line"
    case .beyondUnicode(let value):
      "U+\(hexadecimal(value, digits: 4)) is beyond the last character, U+10FFFF"
    case .clusterTooLong(let count):
      "a grapheme of \(count) scalars; texts are cut after \(GraphemeSplitter.longestCluster)"
    case .count(let text):
      "the count \"\(text)\" is not a number; mend it or delete it"
    case .duplicate(let symbol):
      "\(symbol.notation) is listed twice; delete one of the lines"
    case .order(let symbol, let greater):
      "\(symbol.notation) stands after \(greater.notation); ids follow the order of the lines, "
        + "which must ascend: move the line to its place"
    case .unknownNotLast:
      "the line \"unknown\" must be there only once, as the last"
    case .tooManySymbols(let limit):
      "more than \(limit) symbols; --max-size folds the rarest into one unknown symbol"
    case .empty:
      "no characters in the charset"
    case .tooLarge(let limit):
      "larger than \(limit >> 20) MB, so it cannot be a charset"
    case .kind(let symbol, let unit):
      "\(symbol.notation) is not a \(unit.rawValue)"
    case .countOfCounts(let count, let expected):
      "\(count) counts for \(expected) symbols"
    }
  }
}

extension TextUnit {
  /// How a charset file writes a symbol of this unit.
  fileprivate var notationExample: String {
    switch self {
    case .scalar: "U+0041"
    case .byte: "0x41"
    case .grapheme: "U+0041 or U+0065+0301"
    }
  }
}
