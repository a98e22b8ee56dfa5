// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// Turns the ids of a charset back into text: 16-bit little-endian numbers, in whatever blocks their bytes come.
public struct IDDecoder {
  /// The charset that gave the ids.
  public let charset: Charset

  /// The bytes of every id, one after the other, and where each id's begin.
  private let bytes: [UInt8]
  private let starts: [Int]

  private var source: String
  /// The first half of an id whose second half is still to come.
  private var half: UInt8?
  /// How many bytes have been taken.
  private var offset = 0
  /// Room for the text of a slice.
  private var text: [UInt8]

  private static let sliceSize = 16 << 10

  /// A decoder at the start of a source.
  public init(charset: Charset, source: String = "ids") {
    self.charset = charset
    self.source = source
    var bytes: [UInt8] = []
    var starts = [0]
    for id in 0..<charset.count {
      bytes.append(contentsOf: charset.bytes(of: id))
      starts.append(bytes.count)
    }
    self.bytes = bytes
    self.starts = starts
    let longest = zip(starts, starts.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    text = [UInt8](repeating: 0, count: (Self.sliceSize + 1) / 2 * longest)
  }

  /// Decodes a whole input, which must end with a whole id.
  ///
  /// - Parameters:
  ///   - input: read to its end.
  ///   - body: takes text as it comes; it is valid during the call.
  /// - Throws: `TextError`, `FileError`, or what `body` throws.
  public mutating func decode(_ input: InputReader, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    source = input.name
    offset = 0
    while let block = try input.nextBlock() { try decode(block, body) }
    try finish()
  }

  /// Decodes the next bytes.
  ///
  /// - Parameters:
  ///   - block: the next bytes of the ids.
  ///   - body: takes their text; it is valid during the call.
  /// - Throws: `TextError.idOutOfRange`, after the text before that id has been handed over; or what `body` throws.
  public mutating func decode(
    _ block: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    for start in stride(from: 0, to: block.count, by: Self.sliceSize) {
      let slice = block[start..<min(start + Self.sliceSize, block.count)]
      let (count, failure) = decode(UnsafeRawBufferPointer(rebasing: slice))
      try text.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      if let failure { throw failure }
    }
  }

  /// Ends the source.
  ///
  /// - Throws: `TextError.oddByteCount` if half an id is left.
  public mutating func finish() throws(TextError) {
    if half != nil { throw .oddByteCount(source: source, byteCount: offset) }
  }

  /// Writes the text of a slice to `text`, as far as its ids are good, and says how many bytes it has.
  private mutating func decode(_ slice: UnsafeRawBufferPointer) -> (count: Int, failure: TextError?) {
    var half = half
    defer { self.half = half }
    let offsetBefore = offset
    offset += slice.count
    var written = 0
    for (index, byte) in slice.enumerated() {
      guard let low = half else {
        half = byte
        continue
      }
      half = nil
      let id = Int(byte) << 8 | Int(low)
      if id >= charset.count {
        let offset = offsetBefore + index - 1
        return (written, .idOutOfRange(source: source, offset: offset, id: id, count: charset.count))
      }
      for place in starts[id]..<starts[id + 1] {
        text[written] = bytes[place]
        written += 1
      }
    }
    return (written, nil)
  }
}
