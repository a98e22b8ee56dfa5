// SPDX-License-Identifier: GPL-3.0-or-later

/// Decodes the UTF-8 of one source, in whatever blocks it comes, into Unicode scalars.
///
/// Strict decoding ends at the first byte that does not belong. Lossy decoding puts U+FFFD in the place of each
/// ill-formed piece, cut as Unicode recommends (chapter 3.9, "maximal subparts") and as Swift's own
/// `String(decoding:as:)` does. A byte order mark is a character like any other.
public struct UTF8Decoder {
  /// The most scalars that decoding `byteCount` bytes or finishing can give, with those left from before.
  public static func capacity(forByteCount byteCount: Int) -> Int { byteCount + 1 }

  /// What messages call the source.
  public let source: String
  /// Whether ill-formed bytes are replaced rather than refused.
  public let isLossy: Bool

  /// Bytes and newlines in the blocks decoded so far.
  private var offset = 0
  private var newlines = 0

  // The character under way: its bits so far, how many bytes it has and still needs, what the next may be.
  private var partial: UInt32 = 0
  private var lead: UInt8 = 0
  private var taken = 0
  private var needed = 0
  private var lowest: UInt8 = 0x80
  private var highest: UInt8 = 0xBF

  /// A decoder at the start of a source.
  public init(source: String, isLossy: Bool = false) {
    self.source = source
    self.isLossy = isLossy
  }

  /// Decodes a whole text.
  ///
  /// - Throws: `TextError` at the first ill-formed byte, unless lossy.
  public static func decode(
    _ bytes: [UInt8], source: String = "text", isLossy: Bool = false
  ) throws(TextError) -> [UInt32] {
    var decoder = UTF8Decoder(source: source, isLossy: isLossy)
    var scalars = [UInt32](repeating: 0, count: capacity(forByteCount: bytes.count) + 1)
    let outcome = scalars.withUnsafeMutableBufferPointer { scalars in
      bytes.withUnsafeBytes { bytes in
        Result { () throws(TextError) -> Int in
          let count = try decoder.decode(bytes, into: scalars)
          return try count + decoder.finish(into: UnsafeMutableBufferPointer(rebasing: scalars[count...]))
        }
      }
    }
    scalars.removeLast(try scalars.count - outcome.get())
    return scalars
  }

  /// Decodes the next block.
  ///
  /// - Parameters:
  ///   - block: the next bytes of the source.
  ///   - scalars: takes the scalars; `capacity(forByteCount:)` of them must fit.
  /// - Returns: how many scalars the block ended.
  /// - Throws: `TextError.invalidUTF8`, unless lossy.
  public mutating func decode(
    _ block: UnsafeRawBufferPointer, into scalars: UnsafeMutableBufferPointer<UInt32>
  ) throws(TextError) -> Int {
    let (count, failure) = decodeUpToFailure(block, into: scalars)
    if let failure { throw failure }
    return count
  }

  /// Ends the source: a character that is not complete by now never will be.
  ///
  /// - Parameter scalars: takes the replacement if the decoder is lossy and there has to be one.
  /// - Returns: how many scalars that gave, 0 or 1.
  /// - Throws: `TextError.truncatedUTF8`, unless lossy.
  public mutating func finish(into scalars: UnsafeMutableBufferPointer<UInt32>) throws(TextError) -> Int {
    guard needed > 0 else { return 0 }
    needed = 0
    guard isLossy else {
      throw .truncatedUTF8(source: source, line: newlines + 1, byte: lead, offset: offset - taken)
    }
    scalars[0] = 0xFFFD
    return 1
  }

  /// Decodes a block as far as it goes, so that what stands before a bad byte is not lost with it.
  mutating func decodeUpToFailure(
    _ block: UnsafeRawBufferPointer, into scalars: UnsafeMutableBufferPointer<UInt32>
  ) -> (count: Int, failure: TextError?) {
    precondition(scalars.count >= Self.capacity(forByteCount: block.count), "no room for the scalars")
    guard let bytes = block.baseAddress, let out = scalars.baseAddress else { return (0, nil) }
    let end = block.count
    var read = 0
    var written = 0
    while read < end {
      if needed == 0 {
        let run = widenASCII(bytes + read, end - read, into: out + written)
        read += run
        written += run
        if read == end { break }
        let whole = Self.wholeCharacter(bytes + read, end - read)
        if whole.length > 0 {
          out[written] = whole.scalar
          written += 1
          read += whole.length
          continue
        }
      }
      let byte = bytes.load(fromByteOffset: read, as: UInt8.self)
      let isAccepted = needed == 0 ? begin(with: byte) : extend(with: byte)
      if isAccepted {
        read += 1
        if needed == 0 {
          out[written] = partial
          written += 1
        }
        continue
      }
      // The byte cannot stand here. If it broke off a character, that one is bad and the byte gets its own turn.
      let isBrokenOff = needed > 0
      needed = 0
      guard isLossy else {
        let before = UnsafeRawBufferPointer(start: bytes, count: read)
        return (
          written,
          .invalidUTF8(
            source: source, line: newlines + countNewlines(before) + 1, byte: isBrokenOff ? lead : byte,
            offset: offset + read - (isBrokenOff ? taken : 0))
        )
      }
      out[written] = 0xFFFD
      written += 1
      if !isBrokenOff { read += 1 }
    }
    offset += end
    newlines += countNewlines(block)
    return (written, nil)
  }

  /// Takes the first byte of a character; false if none begins with it.
  private mutating func begin(with byte: UInt8) -> Bool {
    (lowest, highest) = (0x80, 0xBF)
    switch byte {
    case 0xC2...0xDF:
      needed = 1
      partial = UInt32(byte & 0x1F)
    case 0xE0...0xEF:
      needed = 2
      partial = UInt32(byte & 0x0F)
      // Narrower second bytes keep out overlong forms and surrogates.
      if byte == 0xE0 { lowest = 0xA0 }
      if byte == 0xED { highest = 0x9F }
    case 0xF0...0xF4:
      needed = 3
      partial = UInt32(byte & 0x07)
      // The same for overlong forms and for what lies beyond U+10FFFF.
      if byte == 0xF0 { lowest = 0x90 }
      if byte == 0xF4 { highest = 0x8F }
    default:
      return false
    }
    lead = byte
    taken = 1
    return true
  }

  /// Takes a further byte of a character; false if it cannot follow.
  private mutating func extend(with byte: UInt8) -> Bool {
    guard lowest <= byte && byte <= highest else { return false }
    (lowest, highest) = (0x80, 0xBF)
    partial = partial << 6 | UInt32(byte & 0x3F)
    taken += 1
    needed -= 1
    return true
  }

  /// Reads a character of two to four bytes that is well-formed and all there; the length is 0 otherwise.
  ///
  /// This is the fast way for the common case. Whatever it does not like goes through `begin` and `extend`.
  @inline(__always)
  private static func wholeCharacter(
    _ bytes: UnsafeRawPointer, _ count: Int
  ) -> (scalar: UInt32, length: Int) {
    func byte(_ index: Int) -> UInt32 { UInt32(bytes.load(fromByteOffset: index, as: UInt8.self)) }
    func isContinuation(_ byte: UInt32) -> Bool { byte & 0xC0 == 0x80 }
    if count < 2 { return (0, 0) }
    let (first, second) = (byte(0), byte(1))
    guard isContinuation(second) else { return (0, 0) }
    if first < 0xE0 {
      return first < 0xC2 ? (0, 0) : ((first & 0x1F) << 6 | second & 0x3F, 2)
    }
    if count < 3 { return (0, 0) }
    let third = byte(2)
    guard isContinuation(third) else { return (0, 0) }
    if first < 0xF0 {
      let scalar = (first & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
      return scalar < 0x800 || scalar & 0xF800 == 0xD800 ? (0, 0) : (scalar, 3)
    }
    if count < 4 { return (0, 0) }
    let fourth = byte(3)
    guard isContinuation(fourth), first < 0xF8 else { return (0, 0) }
    let scalar = (first & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | fourth & 0x3F
    return scalar < 0x1_0000 || scalar > 0x10_FFFF ? (0, 0) : (scalar, 4)
  }
}

/// Widens the ASCII bytes that `bytes` begins with, sixteen at a time, and says how many there were.
@inline(__always)
private func widenASCII(
  _ bytes: UnsafeRawPointer, _ count: Int, into out: UnsafeMutablePointer<UInt32>
) -> Int {
  var index = 0
  while index + 16 <= count {
    let low = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    let high = bytes.loadUnaligned(fromByteOffset: index + 8, as: UInt64.self)
    if (low | high) & 0x8080_8080_8080_8080 != 0 { break }
    widen(bytes + index, 16, into: out + index)
    index += 16
  }
  while index < count {
    let byte = bytes.load(fromByteOffset: index, as: UInt8.self)
    if byte >= 0x80 { break }
    out[index] = UInt32(byte)
    index += 1
  }
  return index
}

/// Writes each byte as a number of 32 bits.
@inline(__always)
func widen(_ bytes: UnsafeRawPointer, _ count: Int, into out: UnsafeMutablePointer<UInt32>) {
  for index in 0..<count { out[index] = UInt32(bytes.load(fromByteOffset: index, as: UInt8.self)) }
}

/// How many newline bytes a block has.
func countNewlines(_ bytes: UnsafeRawBufferPointer) -> Int {
  var count = 0
  for byte in bytes where byte == 0x0A { count &+= 1 }
  return count
}
