// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads JSON value by value as its caller asks for them, from bytes that nobody vouches for.
///
/// Nothing is built but what is asked for, and memory is bounded whatever the bytes say: by the depth, by the
/// members of an object and by the length of a string. Strings must be UTF-8 and keys must differ.
///
/// A container is read by entering it and asking until it has no more:
///
///     try json.enterObject()
///     while let key = try json.nextKey() { … read or skip one value … }
package struct JSONScanner<Source: IteratorProtocol> where Source.Element == UInt8 {
  /// What the next value is, as far as its first byte tells.
  package enum Kind {
    case object
    case array
    case string
    case number
    case null
    case boolean
  }

  private var lexer: JSONLexer<Source>
  private var containers: [JSONContainer] = []
  private let depth: Int

  /// A scanner at the beginning of a text, whose containers lie at most `depth` deep inside each other.
  package init(_ source: Source, depth: Int = JSONLimit.depth) {
    lexer = JSONLexer(source)
    self.depth = depth
  }

  /// How many bytes have been taken.
  package var offset: Int { lexer.offset }

  // MARK: Values

  /// What the next value is.
  package mutating func kind() throws(JSONError) -> Kind {
    lexer.skipSpace()
    guard let byte = lexer.byte else { throw lexer.error(.ended) }
    switch byte {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    default: throw lexer.error(.expected("a value"))
    }
  }

  /// Reads a string of at most `limit` bytes.
  package mutating func readString(limit: Int) throws(JSONError) -> String {
    let start = offset
    try lexer.expect("\"", "a string")
    var bytes: [UInt8] = []
    while let byte = try lexer.nextStringByte() {
      if bytes.count == limit { throw lexer.error(.tooLong(limit: limit), at: start) }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Checks a string of any length and leaves it where it is.
  ///
  /// - Returns: where its contents stand, still escaped; the closing quote is the byte behind them.
  package mutating func skipString() throws(JSONError) -> Range<Int> {
    try lexer.expect("\"", "a string")
    let start = offset
    while try lexer.nextStringByte() != nil {}
    return start..<offset - 1
  }

  /// Reads a number that counts something.
  package mutating func readCount() throws(JSONError) -> Int {
    let start = offset
    guard let count = Int(exactly: try readUInt64()) else { throw lexer.error(.numberTooLarge, at: start) }
    return count
  }

  /// Reads a whole number that is not negative.
  package mutating func readUInt64() throws(JSONError) -> UInt64 {
    let number = try lexer.takeNumber()
    guard number.isWhole else { throw lexer.error(.notWhole, at: number.start) }
    guard let value = UInt64(number.text) else { throw lexer.error(.numberTooLarge, at: number.start) }
    return value
  }

  /// Reads a finite number.
  package mutating func readDouble() throws(JSONError) -> Double {
    let number = try lexer.takeNumber()
    guard let value = Double(number.text), value.isFinite else {
      throw lexer.error(.numberTooLarge, at: number.start)
    }
    return value
  }

  /// Reads `null`.
  package mutating func readNull() throws(JSONError) {
    try readWord("null")
  }

  /// Reads `true` or `false`.
  package mutating func readBoolean() throws(JSONError) -> Bool {
    lexer.skipSpace()
    let isTrue = lexer.byte == UInt8(ascii: "t")
    try readWord(isTrue ? "true" : "false")
    return isTrue
  }

  private mutating func readWord(_ word: String) throws(JSONError) {
    lexer.skipSpace()
    for letter in word.utf8 where try lexer.take() != letter {
      throw lexer.error(.expected("a value"), at: offset - 1)
    }
  }

  /// Reads the next value, whatever it is, and keeps nothing of it.
  package mutating func skipValue() throws(JSONError) {
    switch try kind() {
    case .string: _ = try skipString()
    case .number: _ = try lexer.takeNumber()
    case .null: try readNull()
    case .boolean: _ = try readBoolean()
    case .object:
      try enterObject()
      while try nextKey() != nil { try skipValue() }
    case .array:
      try enterArray()
      while try hasNextElement() { try skipValue() }
    }
  }

  // MARK: Containers

  /// Begins to read an object.
  package mutating func enterObject() throws(JSONError) {
    try lexer.expect("{", "an object")
    try enter(JSONContainer(isObject: true))
  }

  /// The next key of the object under way, whose value comes next; nil at the object's end, which is left.
  package mutating func nextKey() throws(JSONError) -> String? {
    guard try hasNext(closing: "}") else { return nil }
    let start = offset
    let container = containers.count - 1
    if containers[container].memberCount > JSONLimit.members {
      throw lexer.error(.tooManyMembers(limit: JSONLimit.members))
    }
    let key = try readString(limit: JSONLimit.keyLength)
    if !containers[container].keys.insert(key).inserted { throw lexer.error(.duplicateKey(key), at: start) }
    try lexer.expect(":", "a colon")
    return key
  }

  /// Begins to read an array.
  package mutating func enterArray() throws(JSONError) {
    try lexer.expect("[", "an array")
    try enter(JSONContainer(isObject: false))
  }

  /// Whether the array under way has one more element, which comes next; if not, the array is left.
  package mutating func hasNextElement() throws(JSONError) -> Bool {
    try hasNext(closing: "]")
  }

  /// Makes sure that nothing but space is left.
  package mutating func finish() throws(JSONError) {
    lexer.skipSpace()
    if lexer.byte != nil { throw lexer.error(.expected("the end")) }
  }

  private mutating func enter(_ container: JSONContainer) throws(JSONError) {
    if containers.count == depth {
      throw lexer.error(.tooDeep(limit: depth), at: offset - 1)
    }
    containers.append(container)
  }

  private mutating func hasNext(closing: Unicode.Scalar) throws(JSONError) -> Bool {
    precondition(!containers.isEmpty, "no object or array is under way")
    let container = containers.count - 1
    precondition(containers[container].isObject == (closing == "}"), "an object is not an array")
    lexer.skipSpace()
    if lexer.byte == UInt8(ascii: closing) {
      _ = try lexer.take()
      containers.removeLast()
      return false
    }
    if containers[container].memberCount > 0 { try lexer.expect(",", "a comma") }
    containers[container].memberCount += 1
    lexer.skipSpace()
    return true
  }
}

/// An object or array under way.
///
/// Not a part of `JSONScanner`, for each kind of which it would be a type of its own, to be put together when a program
/// starts.
private struct JSONContainer {
  let isObject: Bool
  var memberCount = 0
  var keys: Set<String> = []
}

/// What a `JSONScanner` puts up with.
package enum JSONLimit {
  /// Containers inside each other.
  package static let depth = 8
  /// Members of one object: the tensors of the largest checkpoint are some hundreds.
  static let members = 2048
  /// Bytes of a key.
  static let keyLength = 128
  /// Characters of a number.
  static let numberLength = 64
}
