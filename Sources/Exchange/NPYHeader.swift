// SPDX-License-Identifier: GPL-3.0-or-later

/// The header of a `.npy` file: what its elements are, in which order, and its shape (NumPy's `lib/format`).
struct NPYHeader: Equatable {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The data begins at a multiple of this in files written here, as in NumPy's.
  private static let alignment = 64
  /// Dimensions of the arrays that networks have at most.
  private static let largestRank = 8

  let format: NumberFormat
  let isBigEndian: Bool
  /// Whether the first dimension's elements stand side by side, not the last's.
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the data begins.
  let dataOffset: Int

  /// The header of an array of little-endian 32-bit floats.
  static func serialized(shape: [Int]) -> [UInt8] {
    let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (\(dimensions)), }".utf8)
    let used = magic.count + 4 + text.count + 1
    text += repeatElement(0x20, count: (alignment - used % alignment) % alignment)
    text.append(0x0A)
    var header = LittleEndianBytes(bytes: magic + [1, 0])
    header.append(UInt16(text.count))
    return header.bytes + text
  }

  /// Reads the header that `bytes`, a whole file, begin with, and makes sure that the file ends where it says.
  ///
  /// - Throws: `NPYProblem`.
  init(parsing bytes: UnsafeRawBufferPointer) throws(NPYProblem) {
    guard bytes.starts(with: Self.magic), bytes.count >= 12 else { throw .notNPY }
    let version = bytes[6]
    guard (1...3).contains(version), bytes[7] == 0 else { throw .version(Int(version)) }
    let start = version == 1 ? 10 : 12
    let length =
      version == 1
      ? Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
      : Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
    guard length <= bytes.count - start else { throw .header }
    var literal = Literal(text: bytes[start..<start + length])
    try literal.read()
    guard let word = literal.type, let isFortranOrder = literal.isFortranOrder, let shape = literal.shape
    else {
      throw .header
    }
    let (format, isBigEndian) = try Self.type(word)
    (self.format, self.isBigEndian, self.isFortranOrder, self.shape) = (
      format, isBigEndian, isFortranOrder, shape
    )
    dataOffset = start + length
    var size = format.size
    for dimension in shape {
      let product = size.multipliedReportingOverflow(by: dimension)
      guard !product.overflow else { throw .size(shape: shape, byteCount: bytes.count - dataOffset) }
      size = product.partialValue
    }
    guard size == bytes.count - dataOffset else {
      throw .size(shape: shape, byteCount: bytes.count - dataOffset)
    }
    guard shape.count <= 2 || !isFortranOrder else { throw .fortranOrder }
  }

  private static func type(_ word: String) throws(NPYProblem) -> (NumberFormat, isBigEndian: Bool) {
    let format: NumberFormat? =
      switch word.dropFirst() {
      case "f2": .float16
      case "f4": .float32
      case "f8": .float64
      default: nil
      }
    guard let format, let order = word.first, order == "<" || order == ">" else { throw .type(word) }
    return (format, order == ">")
  }

  /// The dictionary that a header is: as much of Python's notation as NumPy writes.
  private struct Literal {
    var text: Slice<UnsafeRawBufferPointer>
    var type: String?
    var isFortranOrder: Bool?
    var shape: [Int]?

    /// Reads all of the text.
    mutating func read() throws(NPYProblem) {
      try expect("{")
      while !take("}") {
        let key = try string()
        try expect(":")
        switch key {
        case "descr" where type == nil: type = try string()
        case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
        case "shape" where shape == nil: shape = try tuple()
        default: throw .header
        }
        if !take(",") {
          try expect("}")
          break
        }
      }
      skipSpace()
      guard text.isEmpty else { throw .header }
    }

    private mutating func skipSpace() {
      text = text.drop { $0 == 0x20 || $0 == 0x0A }
    }

    private mutating func take(_ word: String) -> Bool {
      skipSpace()
      guard text.starts(with: word.utf8) else { return false }
      text = text.dropFirst(word.utf8.count)
      return true
    }

    private mutating func expect(_ word: String) throws(NPYProblem) {
      guard take(word) else { throw .header }
    }

    private mutating func string() throws(NPYProblem) -> String {
      skipSpace()
      guard let quote = text.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
        let end = text.dropFirst().prefix(33).firstIndex(of: quote)
      else { throw .header }
      defer { text = text[(end + 1)...] }
      return String(decoding: text[(text.startIndex + 1)..<end], as: UTF8.self)
    }

    private mutating func boolean() throws(NPYProblem) -> Bool {
      if take("True") { return true }
      try expect("False")
      return false
    }

    private mutating func tuple() throws(NPYProblem) -> [Int] {
      try expect("(")
      var numbers: [Int] = []
      while !take(")") {
        skipSpace()
        let digits = text.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard numbers.count < NPYHeader.largestRank, digits.count <= 19,
          let number = Int(String(decoding: digits, as: UTF8.self))
        else { throw .header }
        numbers.append(number)
        text = text.dropFirst(digits.count)
        if !take(",") {
          try expect(")")
          break
        }
      }
      return numbers
    }
  }
}

/// What can be wrong with a `.npy` file.
public enum NPYProblem: Error, Equatable, Sendable {
  /// It does not begin as such a file does.
  case notNPY
  /// Another version of the format.
  case version(Int)
  /// Its header is not what NumPy writes.
  case header
  /// Its elements are no floats.
  case type(String)
  /// Shape and type make another number of bytes than follow.
  case size(shape: [Int], byteCount: Int)
  /// Columns stand together in an array that is no matrix.
  case fortranOrder

  var reason: String {
    switch self {
    case .notNPY: "not an array in NumPy's format"
    case .version(let version): "version \(version) of NumPy's format is not known"
    case .header: "its header is not what NumPy writes"
    case .type(let type): "its type is \(type); floats are read: f2, f4 and f8"
    case .size(let shape, let count): "the shape \(shape) does not fit the \(count) bytes that follow"
    case .fortranOrder: "Fortran order is read in matrices only"
    }
  }
}
