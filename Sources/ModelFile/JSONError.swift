// SPDX-License-Identifier: GPL-3.0-or-later

/// JSON that breaks the rules, or asks for more than this reader gives, and the byte where it does.
public struct JSONError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// Something else stands where this was expected.
    case expected(String)
    /// The text ends too early.
    case ended
    /// Bytes that are not UTF-8.
    case invalidUTF8
    /// A backslash with something behind it that is no escape.
    case invalidEscape
    /// Half of a surrogate pair, which is no character.
    case loneSurrogate
    /// A control character that is not escaped.
    case controlCharacter
    /// A key that its object has already.
    case duplicateKey(String)
    /// A key or a string of too many bytes.
    case tooLong(limit: Int)
    /// Objects and arrays inside each other, too many of them.
    case tooDeep(limit: Int)
    /// An object of too many members.
    case tooManyMembers(limit: Int)
    /// A negative or fractional number where things are counted.
    case notWhole
    /// A number beyond what can be held.
    case numberTooLarge
  }

  /// What is wrong.
  public let problem: Problem
  /// Where it is, in bytes from the beginning of the JSON text.
  public let offset: Int

  /// What is wrong, in words.
  public var reason: String {
    switch problem {
    case .expected(let something): "\(something) is missing"
    case .ended: "the text ends too early"
    case .invalidUTF8: "not UTF-8"
    case .invalidEscape: "an unknown escape"
    case .loneSurrogate: "half of a surrogate pair"
    case .controlCharacter: "a control character"
    case .duplicateKey(let key): "\"\(key)\" is there twice"
    case .tooLong(let limit): "more than \(limit) bytes in one string"
    case .tooDeep(let limit): "nested more than \(limit) deep"
    case .tooManyMembers(let limit): "more than \(limit) members in one object"
    case .notWhole: "not a whole number"
    case .numberTooLarge: "too large a number"
    }
  }
}
