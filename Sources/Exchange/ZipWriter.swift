// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// Writes a zip archive of files that are not compressed: the same bytes for the same files.
struct ZipWriter {
  private struct Entry {
    let name: [UInt8]
    let checksum: UInt32
    let size: UInt32
    let offset: UInt32
  }

  private let output: OutputWriter
  private var entries: [Entry] = []
  private var offset = 0

  /// An archive that goes to `output`, which its maker flushes.
  init(_ output: OutputWriter) {
    self.output = output
  }

  /// Adds a file that consists of these two parts.
  ///
  /// - Throws: `FileError`, or `ZipProblem.tooLarge`.
  mutating func add(_ name: String, _ head: [UInt8], _ body: UnsafeRawBufferPointer) throws {
    let name = Array(name.utf8)
    let size = head.count + body.count
    guard size + offset < Int(ZipFormat.elsewhere) else { throw ZipProblem.tooLarge }
    var checksum = CRC32()
    head.withUnsafeBytes { checksum.update($0) }
    checksum.update(body)
    let entry = Entry(name: name, checksum: checksum.value, size: UInt32(size), offset: UInt32(offset))
    entries.append(entry)
    var record = LittleEndianBytes()
    record.append(ZipFormat.localSignature)
    Self.append(entry, to: &record)
    record.bytes += name
    try output.write(record.bytes)
    try output.write(head)
    try output.write(body)
    offset += record.bytes.count + size
  }

  /// Ends the archive with its directory.
  ///
  /// - Throws: `FileError`, or `ZipProblem.tooLarge`.
  func finish() throws {
    var directory = LittleEndianBytes()
    for entry in entries {
      directory.append(ZipFormat.directorySignature)
      directory.append(UInt16(20))
      Self.append(entry, to: &directory)
      // No comment, first disk, no attributes.
      for _ in 0..<3 { directory.append(UInt16(0)) }
      directory.append(UInt32(0))
      directory.append(entry.offset)
      directory.bytes += entry.name
    }
    guard offset + directory.bytes.count < Int(ZipFormat.elsewhere) else { throw ZipProblem.tooLarge }
    let size = directory.bytes.count
    directory.append(ZipFormat.endSignature)
    for _ in 0..<2 { directory.append(UInt16(0)) }
    for _ in 0..<2 { directory.append(UInt16(entries.count)) }
    directory.append(UInt32(size))
    directory.append(UInt32(offset))
    directory.append(UInt16(0))
    try output.write(directory.bytes)
  }

  /// What the local record and the directory say alike: version 2.0, no flags, stored, on the first day that the
  /// format knows, checksum, sizes, length of the name, nothing extra.
  private static func append(_ entry: Entry, to record: inout LittleEndianBytes) {
    for word: UInt16 in [20, 0, 0, 0, 1 << 5 | 1] { record.append(word) }
    record.append(entry.checksum)
    record.append(entry.size)
    record.append(entry.size)
    record.append(UInt16(entry.name.count))
    record.append(UInt16(0))
  }
}

/// Bytes of numbers, the lowest byte first.
struct LittleEndianBytes {
  var bytes: [UInt8] = []

  mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
