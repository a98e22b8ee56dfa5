// SPDX-License-Identifier: GPL-3.0-or-later

/// What a safetensors header says of one tensor.
public struct SafetensorsEntry: Equatable, Sendable {
  /// What can be wrong with an entry by itself or beside its neighbour.
  public enum Problem: Error, Equatable, Sendable {
    /// One of `dtype`, `shape` and `data_offsets` is not there.
    case missing(String)
    /// A member that the format does not have.
    case unknownMember(String)
    /// A type that is none of `ElementType`.
    case unknownType(String)
    /// A shape of too many dimensions.
    case rank(limit: Int)
    /// More bytes than can be counted.
    case tooLarge
    /// The offsets are not two, or the end is before the beginning.
    case offsets
    /// Type and shape make another number of bytes than lie between the offsets.
    case size(between: Int, needed: Int)
    /// Bytes before the tensor's that belong to none.
    case hole
    /// Bytes that belong to the tensor before too.
    case overlap
  }

  /// Dimensions that a shape has at most.
  static let largestRank = 8

  /// The tensor's name.
  public let name: String
  /// What its elements are.
  public let type: ElementType
  /// Its dimensions, the outermost first; none for a single number.
  public let shape: [Int]
  /// Its bytes, counted from the end of the header.
  public let bytes: Range<Int>

  /// The bytes that elements of `type` in this `shape` take.
  ///
  /// - Throws: `Problem.tooLarge`.
  static func byteCount(of type: ElementType, _ shape: [Int]) throws(Problem) -> Int {
    var count = type.size
    for dimension in shape {
      let product = count.multipliedReportingOverflow(by: dimension)
      if product.overflow { throw .tooLarge }
      count = product.partialValue
    }
    return count
  }

  init(name: String, type: ElementType, shape: [Int], begin: Int, end: Int) throws(Problem) {
    if begin > end { throw .offsets }
    let needed = try Self.byteCount(of: type, shape)
    if needed != end - begin { throw .size(between: end - begin, needed: needed) }
    self.name = name
    self.type = type
    self.shape = shape
    bytes = begin..<end
  }

  /// Reads the value that stands behind a tensor's name.
  ///
  /// - Throws: `Problem`, or `JSONError`.
  init(name: String, from json: inout JSONScanner<some IteratorProtocol<UInt8>>) throws {
    var type: ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "dtype":
        let word = try json.readString(limit: 32)
        guard let known = ElementType(rawValue: word) else { throw Problem.unknownType(word) }
        type = known
      case "shape":
        shape = try Self.readCounts(&json, atMost: Self.largestRank, orThrow: .rank(limit: Self.largestRank))
      case "data_offsets":
        offsets = try Self.readCounts(&json, atMost: 2, orThrow: .offsets)
      default:
        throw Problem.unknownMember(key)
      }
    }
    guard let type else { throw Problem.missing("dtype") }
    guard let shape else { throw Problem.missing("shape") }
    guard let offsets else { throw Problem.missing("data_offsets") }
    guard offsets.count == 2 else { throw Problem.offsets }
    try self.init(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private static func readCounts(
    _ json: inout JSONScanner<some IteratorProtocol<UInt8>>, atMost limit: Int, orThrow problem: Problem
  ) throws -> [Int] {
    var counts: [Int] = []
    try json.enterArray()
    while try json.hasNextElement() {
      if counts.count == limit { throw problem }
      counts.append(try json.readCount())
    }
    return counts
  }
}
