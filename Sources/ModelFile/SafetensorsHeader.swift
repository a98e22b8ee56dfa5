// SPDX-License-Identifier: GPL-3.0-or-later

/// The header of a safetensors file: which tensors it holds and where, and strings under `__metadata__`.
///
/// The format: eight bytes with the length of the header, little-endian; the header, a JSON object that may have
/// spaces behind it; the tensors' bytes, one tensor right behind the other. A header that breaks any of its rules is
/// refused before anything is allocated that its numbers ask for.
public struct SafetensorsHeader: Sendable {
  /// A string under `__metadata__`, left where it is.
  package struct MetadataEntry: Equatable, Sendable {
    package let key: String
    /// Where its contents stand in the file, still escaped; the closing quote is the byte behind them.
    package let contents: Range<Int>
  }

  /// The longest header that is read, in bytes.
  ///
  /// A quarter of what the format allows, and more than the largest charset takes.
  public static let largestLength = 32 << 20
  /// The bytes before the header, which hold its length.
  static let prefixLength = 8
  /// The data begins at a multiple of this in files written here; readers do not count on it.
  static let alignment = 64
  static let metadataKey = "__metadata__"

  /// The tensors in the order of their bytes.
  public let entries: [SafetensorsEntry]
  /// The bytes before the first tensor's.
  public let dataOffset: Int
  /// The strings under `__metadata__`, in the file's order.
  package let metadata: [MetadataEntry]

  /// The size of the whole file, by what the header says.
  public var fileSize: Int { dataOffset + (entries.last?.bytes.upperBound ?? 0) }

  /// The bytes that have to be there before a header can be read: its length and the header.
  ///
  /// - Parameter bytes: at least the first eight bytes of a file, or all it has.
  /// - Throws: `ModelFileError.Problem` when there are fewer, or the length is absurd.
  static func extent(in bytes: UnsafeRawBufferPointer) throws(ModelFileError.Problem) -> Int {
    guard bytes.count >= prefixLength else { throw .tooShort(byteCount: bytes.count) }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(largestLength) else { throw .headerLength(length, limit: largestLength) }
    return prefixLength + Int(length)
  }

  /// Reads the header of the file that begins with `bytes`, at least with the whole header.
  ///
  /// - Throws: `ModelFileError.Problem`.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(ModelFileError.Problem) {
    let end = try Self.extent(in: bytes)
    guard end <= bytes.count else { throw .cutShort(at: bytes.count, of: nil) }
    let text = UnsafeRawBufferPointer(rebasing: bytes[Self.prefixLength..<end])
    guard text.first == UInt8(ascii: "{") else { throw .noHeader }
    var contents = Contents()
    do {
      var json = JSONScanner(text.makeIterator())
      try contents.read(&json)
    } catch {
      throw ModelFileError.Problem(error, in: "header")
    }
    dataOffset = end
    metadata = contents.metadata
    entries = try Self.inOrder(contents.entries)
    guard let last = entries.last, last.bytes.upperBound > Int.max - end else { return }
    throw .entry(last.name, .tooLarge)
  }

  /// Makes sure that the file ends where its last tensor does.
  ///
  /// - Throws: `ModelFileError.Problem`.
  public func check(fileSize size: Int) throws(ModelFileError.Problem) {
    if size < fileSize { throw .cutShort(at: size, of: fileSize) }
    if size > fileSize { throw .excess(after: fileSize) }
  }

  /// The tensors in the order of their bytes, which must follow each other without holes and overlaps.
  private static func inOrder(
    _ entries: [SafetensorsEntry]
  ) throws(ModelFileError.Problem) -> [SafetensorsEntry] {
    let sorted = entries.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    var end = 0
    for entry in sorted {
      if entry.bytes.lowerBound > end { throw .entry(entry.name, .hole) }
      if entry.bytes.lowerBound < end { throw .entry(entry.name, .overlap) }
      end = entry.bytes.upperBound
    }
    return sorted
  }

  /// The header's members as they come.
  private struct Contents {
    var entries: [SafetensorsEntry] = []
    var metadata: [MetadataEntry] = []

    mutating func read(_ json: inout JSONScanner<UnsafeRawBufferPointer.Iterator>) throws {
      try json.enterObject()
      while let name = try json.nextKey() {
        if name == metadataKey {
          try readMetadata(&json)
        } else {
          do {
            entries.append(try SafetensorsEntry(name: name, from: &json))
          } catch let problem as SafetensorsEntry.Problem {
            throw ModelFileError.Problem.entry(name, problem)
          }
        }
      }
      try json.finish()
    }

    private mutating func readMetadata(_ json: inout JSONScanner<UnsafeRawBufferPointer.Iterator>) throws {
      try json.enterObject()
      while let key = try json.nextKey() {
        let place = try json.skipString()
        metadata.append(
          MetadataEntry(key: key, contents: place.lowerBound + prefixLength..<place.upperBound + prefixLength)
        )
      }
    }
  }
}

extension SafetensorsHeader {
  /// The bytes before the data of a file that holds these tensors, one right behind the other.
  ///
  /// The same input gives the same bytes. Spaces behind the header make the data begin at a multiple of 64.
  ///
  /// - Parameters:
  ///   - tensors: names, which differ, types and shapes in the order of the data.
  ///   - metadata: keys, which differ, and what they say, in the order in which they shall stand.
  ///   - limit: the longest header that readers accept.
  /// - Throws: `ModelFileError.Problem.headerLength` when it would be longer.
  static func serialized(
    tensors: [(name: String, type: ElementType, shape: [Int])], metadata: [(key: String, value: [UInt8])],
    limit: Int = largestLength
  ) throws(ModelFileError.Problem) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key(metadataKey)
    json.beginObject()
    for (key, value) in metadata {
      json.key(key)
      json.string(utf8: value)
    }
    json.endObject()
    var end = 0
    for (name, type, shape) in tensors {
      let begin = end
      do {
        end += try SafetensorsEntry.byteCount(of: type, shape)
      } catch {
        throw .entry(name, error)
      }
      json.key(name)
      json.beginObject()
      json.key("dtype")
      json.string(type.rawValue)
      json.key("shape")
      json.array(shape)
      json.key("data_offsets")
      json.array([begin, end])
      json.endObject()
    }
    json.endObject()
    let used = prefixLength + json.bytes.count
    let length = (used + alignment - 1) / alignment * alignment - prefixLength
    guard length <= limit else { throw .headerLength(UInt64(length), limit: limit) }
    let padding = repeatElement(UInt8(ascii: " "), count: length - json.bytes.count)
    return withUnsafeBytes(of: UInt64(length).littleEndian) { Array($0) } + json.bytes + padding
  }
}
