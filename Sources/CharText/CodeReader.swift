// SPDX-License-Identifier: GPL-3.0-or-later

/// Cuts texts into symbols, each given as its code (see `ClusterTable`), in pieces of bounded size.
///
/// Several sources follow each other as one text; only a character may not be split between two of them.
struct CodeReader {
  /// Some codes of a text, valid until the reader is used again, and what ended them if something did.
  struct Piece {
    let codes: UnsafeBufferPointer<UInt32>
    /// Where in `codes` the separator stands, ascending; nowhere unless the reader has one.
    var separators: [Range<Int>] = []
    let failure: TextError?

    /// Hands over the codes, each separator by itself.
    func forEachPart(
      _ body: (_ part: UnsafeBufferPointer<UInt32>, _ isSeparator: Bool) throws -> Void
    ) rethrows {
      var place = 0
      for separator in separators {
        try body(UnsafeBufferPointer(rebasing: codes[place..<separator.lowerBound]), false)
        try body(UnsafeBufferPointer(rebasing: codes[separator]), true)
        place = separator.upperBound
      }
      try body(UnsafeBufferPointer(rebasing: codes[place...]), false)
    }
  }

  /// Sixteen kilobytes become codes that stay in the processor's cache until they are used.
  private static let sliceSize = 16 << 10

  /// How the text is cut.
  let unit: TextUnit
  /// Whether ill-formed UTF-8 is replaced.
  let isLossy: Bool
  /// What the codes of clusters mean.
  private(set) var clusters: ClusterTable

  private var decoder: UTF8Decoder
  private var splitter = GraphemeSplitter()
  private var separator: SeparatorFinder?
  private let scalars = CodeScratch(capacity: UTF8Decoder.capacity(forByteCount: sliceSize))
  private let codes = CodeScratch(capacity: UTF8Decoder.capacity(forByteCount: sliceSize))

  /// A reader at the start of `source`, which knows the clusters in `clusters`.
  ///
  /// - Parameter separator: what stands between documents, in UTF-8; it is found where its characters are characters
  ///   of the text. Nothing if it is empty.
  init(
    unit: TextUnit, isLossy: Bool, source: String, clusters: ClusterTable, separator: [UInt8] = []
  ) {
    self.unit = unit
    self.isLossy = isLossy
    self.clusters = clusters
    decoder = UTF8Decoder(source: source, isLossy: isLossy)
    if !separator.isEmpty { find(separator) }
  }

  private mutating func find(_ separator: [UInt8]) {
    var reader = CodeReader(unit: unit, isLossy: true, source: "separator", clusters: clusters)
    // Its clusters are numbered for good, so that those of the text compare.
    reader.clusters.learns = true
    var codes: [UInt32] = []
    separator.withUnsafeBytes { bytes in
      for slice in Self.slices(of: bytes) { codes += reader.read(slice).codes }
    }
    codes += reader.endSource().codes
    codes += reader.endText().codes
    let learns = clusters.learns
    clusters = reader.clusters
    clusters.learns = learns
    self.separator = SeparatorFinder(codes, pieceCapacity: self.codes.buffer.count)
  }

  /// What messages call the source.
  var source: String { decoder.source }

  /// Goes to the beginning of another text, whatever became of the one before.
  mutating func begin(text source: String) {
    begin(source: source)
    splitter = GraphemeSplitter()
  }

  /// The parts of a block that `read` takes one at a time.
  static func slices(of block: UnsafeRawBufferPointer) -> some Sequence<UnsafeRawBufferPointer> {
    stride(from: 0, to: block.count, by: sliceSize).lazy.map { start in
      UnsafeRawBufferPointer(rebasing: block[start..<min(start + sliceSize, block.count)])
    }
  }

  /// Goes on with another source; the one before has been ended.
  mutating func begin(source: String) {
    decoder = UTF8Decoder(source: source, isLossy: isLossy)
  }

  /// Reads one slice of a block.
  mutating func read(_ slice: UnsafeRawBufferPointer) -> Piece {
    precondition(slice.count <= Self.sliceSize, "a block is read in slices")
    clusters.forgetPassing()
    guard let bytes = slice.baseAddress else { return piece(scalars, 0, nil) }
    if unit == .byte {
      widen(bytes, slice.count, into: scalars.start)
      return piece(scalars, slice.count, nil)
    }
    let (count, failure) = decoder.decodeUpToFailure(slice, into: scalars.buffer)
    return unit == .scalar ? piece(scalars, count, failure) : split(count, failure)
  }

  /// Ends the source: a character cut off there is an error, or replaced.
  mutating func endSource() -> Piece {
    clusters.forgetPassing()
    do {
      let count = try decoder.finish(into: scalars.buffer)
      return unit == .grapheme ? split(count, nil) : piece(scalars, count, nil)
    } catch {
      return piece(scalars, 0, error)
    }
  }

  /// Ends the text after its last source has been ended.
  mutating func endText() -> Piece {
    clusters.forgetPassing()
    guard unit == .grapheme else { return piece(codes, 0, nil, isLast: true) }
    do {
      return try piece(codes, splitter.finish(clusters: &clusters, into: codes.start), nil, isLast: true)
    } catch {
      return piece(codes, 0, error, isLast: true)
    }
  }

  /// The symbol of a code of the last piece.
  func symbol(of code: UInt32) -> Symbol {
    unit == .byte ? Symbol(byte: UInt8(code)) : Symbol(scalars: clusters.scalars(of: code))
  }

  /// Makes clusters of the first `count` scalars.
  private mutating func split(_ count: Int, _ failure: TextError?) -> Piece {
    do {
      let decoded = UnsafeBufferPointer(rebasing: scalars.buffer[..<count])
      return try piece(codes, splitter.split(decoded, clusters: &clusters, into: codes.start), failure)
    } catch {
      return piece(codes, 0, error)
    }
  }

  private mutating func piece(
    _ scratch: CodeScratch, _ count: Int, _ failure: TextError?, isLast: Bool = false
  ) -> Piece {
    let piece = Piece(codes: UnsafeBufferPointer(start: scratch.start, count: count), failure: failure)
    return separator?.take(piece, isLast: isLast) ?? piece
  }
}
