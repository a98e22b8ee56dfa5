// SPDX-License-Identifier: GPL-3.0-or-later

/// Takes JSON apart into characters, the bytes of strings, and numbers.
struct JSONLexer<Source: IteratorProtocol> where Source.Element == UInt8 {
  private var source: Source
  /// The byte at `offset`; nil at the end.
  private(set) var byte: UInt8?
  /// How many bytes have been taken.
  private(set) var offset = 0
  /// What is left of a character of several bytes in a string: the next byte lowest, 0 for none.
  private var pending: UInt32 = 0

  init(_ source: Source) {
    self.source = source
    byte = self.source.next()
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

  // MARK: Numbers

  /// A number as it is written.
  struct Number {
    var text = ""
    /// Where it begins.
    let start: Int
    /// Whether it consists of digits alone.
    var isWhole = true
  }

  /// Takes a number as JSON's grammar has it.
  mutating func takeNumber() throws(JSONError) -> Number {
    skipSpace()
    var number = Number(start: offset)
    func isOne(of letters: String) -> Bool { byte.map { letters.utf8.contains($0) } ?? false }
    func isAtDigit() -> Bool { byte.map(isDigit) ?? false }
    func takeByte() throws(JSONError) {
      if number.text.utf8.count == JSONLimit.numberLength { throw error(.numberTooLarge, at: number.start) }
      number.isWhole = number.isWhole && isAtDigit()
      number.text.unicodeScalars.append(Unicode.Scalar(try take()))
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
    return number
  }

  // MARK: Bytes

  /// Takes the next byte, whatever it is.
  @inline(__always)
  mutating func take() throws(JSONError) -> UInt8 {
    guard let taken = byte else { throw error(.ended) }
    byte = source.next()
    offset += 1
    return taken
  }

  /// Takes space and then this character, which goes by this name in messages.
  mutating func expect(_ character: Unicode.Scalar, _ name: String) throws(JSONError) {
    skipSpace()
    guard let byte else { throw error(.ended) }
    guard byte == UInt8(ascii: character) else { throw error(.expected(name)) }
    _ = try take()
  }

  mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      self.byte = source.next()
      offset += 1
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// An error here, or at another place.
  func error(_ problem: JSONError.Problem, at place: Int? = nil) -> JSONError {
    JSONError(problem: problem, offset: place ?? offset)
  }
}
