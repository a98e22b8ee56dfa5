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
struct JSONScanner<Source: IteratorProtocol> where Source.Element == UInt8 {
  /// What the next value is, as far as its first byte tells.
  enum Kind {
    case object
    case array
    case string
    case number
    case null
    case boolean
  }

  private struct Container {
    let isObject: Bool
    var memberCount = 0
    var keys: Set<String> = []
  }

  private var source: Source
  /// The byte at `offset`; nil at the end.
  private var byte: UInt8?
  /// How many bytes have been taken.
  private(set) var offset = 0
  /// What is left of a character of several bytes in a string: the next byte lowest, 0 for none.
  private var pending: UInt32 = 0
  private var containers: [Container] = []

  init(_ source: Source) {
    self.source = source
    byte = self.source.next()
  }

  // MARK: Values

  /// What the next value is.
  mutating func kind() throws(JSONError) -> Kind {
    skipSpace()
    guard let byte else { throw error(.ended) }
    switch byte {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    default: throw error(.expected("a value"))
    }
  }

  /// Reads a string of at most `limit` bytes.
  mutating func readString(limit: Int) throws(JSONError) -> String {
    let start = offset
    try expect("\"", "a string")
    var bytes: [UInt8] = []
    while let byte = try nextStringByte() {
      if bytes.count == limit { throw error(.tooLong(limit: limit), at: start) }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Checks a string of any length and leaves it where it is.
  ///
  /// - Returns: where its contents stand, still escaped; the closing quote is the byte behind them.
  mutating func skipString() throws(JSONError) -> Range<Int> {
    try expect("\"", "a string")
    let start = offset
    while try nextStringByte() != nil {}
    return start..<offset - 1
  }

  /// Reads a number that counts something.
  mutating func readCount() throws(JSONError) -> Int {
    let start = offset
    guard let count = Int(exactly: try readUInt64()) else { throw error(.numberTooLarge, at: start) }
    return count
  }

  /// Reads a whole number that is not negative.
  mutating func readUInt64() throws(JSONError) -> UInt64 {
    let number = try takeNumber()
    guard number.text.utf8.allSatisfy(isDigit) else { throw error(.notWhole, at: number.start) }
    guard let value = UInt64(number.text) else { throw error(.numberTooLarge, at: number.start) }
    return value
  }

  /// Reads a finite number.
  mutating func readDouble() throws(JSONError) -> Double {
    let number = try takeNumber()
    guard let value = Double(number.text), value.isFinite else {
      throw error(.numberTooLarge, at: number.start)
    }
    return value
  }

  /// Reads `null`.
  mutating func readNull() throws(JSONError) {
    skipSpace()
    for letter in "null".utf8 where try take() != letter { throw error(.expected("a value"), at: offset - 1) }
  }

  /// Reads the next value, whatever it is, and keeps nothing of it.
  mutating func skipValue() throws(JSONError) {
    switch try kind() {
    case .string: _ = try skipString()
    case .number: _ = try takeNumber()
    case .null: try readNull()
    case .boolean:
      let word = byte == UInt8(ascii: "t") ? "true" : "false"
      for letter in word.utf8 where try take() != letter { throw error(.expected("a value"), at: offset - 1) }
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
  mutating func enterObject() throws(JSONError) {
    try expect("{", "an object")
    try enter(Container(isObject: true))
  }

  /// The next key of the object under way, whose value comes next; nil at the object's end, which is left.
  mutating func nextKey() throws(JSONError) -> String? {
    guard try hasNext(closing: "}") else { return nil }
    let start = offset
    let container = containers.count - 1
    if containers[container].memberCount > JSONLimit.members {
      throw error(.tooManyMembers(limit: JSONLimit.members))
    }
    let key = try readString(limit: JSONLimit.keyLength)
    if !containers[container].keys.insert(key).inserted { throw error(.duplicateKey(key), at: start) }
    try expect(":", "a colon")
    return key
  }

  /// Begins to read an array.
  mutating func enterArray() throws(JSONError) {
    try expect("[", "an array")
    try enter(Container(isObject: false))
  }

  /// Whether the array under way has one more element, which comes next; if not, the array is left.
  mutating func hasNextElement() throws(JSONError) -> Bool {
    try hasNext(closing: "]")
  }

  /// Makes sure that nothing but space is left.
  mutating func finish() throws(JSONError) {
    skipSpace()
    if byte != nil { throw error(.expected("the end")) }
  }

  private mutating func enter(_ container: Container) throws(JSONError) {
    if containers.count == JSONLimit.depth { throw error(.tooDeep(limit: JSONLimit.depth), at: offset - 1) }
    containers.append(container)
  }

  private mutating func hasNext(closing: Unicode.Scalar) throws(JSONError) -> Bool {
    precondition(!containers.isEmpty, "no object or array is under way")
    let container = containers.count - 1
    precondition(containers[container].isObject == (closing == "}"), "an object is not an array")
    skipSpace()
    if byte == UInt8(ascii: closing) {
      _ = try take()
      containers.removeLast()
      return false
    }
    if containers[container].memberCount > 0 { try expect(",", "a comma") }
    containers[container].memberCount += 1
    skipSpace()
    return true
  }

  // MARK: Characters

  /// The next byte of the string under way with its escapes resolved; nil behind the closing quote.
  mutating func nextStringByte() throws(JSONError) -> UInt8? {
    if pending != 0 {
      defer { pending >>= 8 }
      return UInt8(truncatingIfNeeded: pending)
    }
    let byte = try take()
    switch byte {
    case UInt8(ascii: "\""): return nil
    case UInt8(ascii: "\\"): return try takeEscape()
    case 0..<0x20: throw error(.controlCharacter, at: offset - 1)
    case 0x20..<0x80: return byte
    default:
      try takeContinuation(of: byte)
      return byte
    }
  }

  /// Puts into `pending` what has to follow the first byte of a UTF-8 sequence (Unicode standard, table 3-7).
  private mutating func takeContinuation(of first: UInt8) throws(JSONError) {
    let start = offset - 1
    let second: ClosedRange<UInt8>
    let count: UInt32
    switch first {
    case 0xC2...0xDF: (second, count) = (0x80...0xBF, 1)
    case 0xE0: (second, count) = (0xA0...0xBF, 2)
    case 0xED: (second, count) = (0x80...0x9F, 2)
    case 0xE1...0xEF: (second, count) = (0x80...0xBF, 2)
    case 0xF0: (second, count) = (0x90...0xBF, 3)
    case 0xF1...0xF3: (second, count) = (0x80...0xBF, 3)
    case 0xF4: (second, count) = (0x80...0x8F, 3)
    default: throw error(.invalidUTF8, at: start)
    }
    for index in 0..<count {
      let byte = try take()
      guard (index == 0 ? second : 0x80...0xBF).contains(byte) else { throw error(.invalidUTF8, at: start) }
      pending |= UInt32(byte) << (8 * index)
    }
  }

  /// The first byte of what an escape stands for; the others go into `pending`.
  private mutating func takeEscape() throws(JSONError) -> UInt8 {
    let start = offset - 1
    switch try take() {
    case UInt8(ascii: "\""): return UInt8(ascii: "\"")
    case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
    case UInt8(ascii: "/"): return UInt8(ascii: "/")
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "u"): break
    default: throw error(.invalidEscape, at: start)
    }
    var value = try takeFourDigits(start)
    if (0xD800...0xDBFF).contains(value), byte == UInt8(ascii: "\\") {
      _ = try take()
      guard try take() == UInt8(ascii: "u") else { throw error(.loneSurrogate, at: start) }
      let low = try takeFourDigits(start)
      guard (0xDC00...0xDFFF).contains(low) else { throw error(.loneSurrogate, at: start) }
      value = 0x1_0000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
      throw error(.loneSurrogate, at: start)
    }
    var shift: UInt32 = 0
    for byte in encoded.dropFirst() {
      pending |= UInt32(byte) << shift
      shift += 8
    }
    return encoded.first ?? 0
  }

  private mutating func takeFourDigits(_ start: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try take())).hexDigitValue else {
        throw error(.invalidEscape, at: start)
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// Takes a number as JSON's grammar has it.
  private mutating func takeNumber() throws(JSONError) -> (text: String, start: Int) {
    skipSpace()
    let start = offset
    var text = ""
    func isOne(of letters: String) -> Bool { byte.map { letters.utf8.contains($0) } ?? false }
    func isAtDigit() -> Bool { byte.map(isDigit) ?? false }
    func takeByte() throws(JSONError) {
      if text.utf8.count == JSONLimit.numberLength { throw error(.numberTooLarge, at: start) }
      text.unicodeScalars.append(Unicode.Scalar(try take()))
    }
    func takeDigits() throws(JSONError) {
      if !isAtDigit() { throw error(byte == nil ? .ended : .expected("a digit")) }
      while isAtDigit() { try takeByte() }
    }
    if isOne(of: "-") { try takeByte() }
    if isOne(of: "0") {
      try takeByte()
      // JSON knows no leading zeros: what follows is a stray digit.
      if isAtDigit() { throw error(.expected("the end of a number")) }
    } else {
      try takeDigits()
    }
    if isOne(of: ".") {
      try takeByte()
      try takeDigits()
    }
    if isOne(of: "eE") {
      try takeByte()
      if isOne(of: "+-") { try takeByte() }
      try takeDigits()
    }
    return (text, start)
  }

  // MARK: Bytes

  @inline(__always)
  private mutating func take() throws(JSONError) -> UInt8 {
    guard let taken = byte else { throw error(.ended) }
    byte = source.next()
    offset += 1
    return taken
  }

  private mutating func expect(_ character: Unicode.Scalar, _ name: String) throws(JSONError) {
    skipSpace()
    guard let byte else { throw error(.ended) }
    guard byte == UInt8(ascii: character) else { throw error(.expected(name)) }
    _ = try take()
  }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      self.byte = source.next()
      offset += 1
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private func error(_ problem: JSONError.Problem, at place: Int? = nil) -> JSONError {
    JSONError(problem: problem, offset: place ?? offset)
  }
}

/// What a `JSONScanner` puts up with.
enum JSONLimit {
  /// Containers inside each other.
  static let depth = 8
  /// Members of one object: the tensors of the largest checkpoint are some hundreds.
  static let members = 2048
  /// Bytes of a key.
  static let keyLength = 128
  /// Characters of a number.
  static let numberLength = 64
}
