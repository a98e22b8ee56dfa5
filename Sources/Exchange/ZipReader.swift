// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the files in a zip archive that is in memory, and believes nothing that it says before it is checked.
///
/// Files must be stored as they are. No two may share a byte, so all of them together are no larger than the archive.
struct ZipReader {
  /// A file in the archive.
  struct Entry {
    let name: String
    let bytes: UnsafeRawBufferPointer
  }

  /// The files in the order of the directory.
  let entries: [Entry]

  /// What was found in the directory, not yet looked for.
  private struct Listing {
    let name: String
    let checksum: UInt32
    let size: Int
    let offset: Int
  }

  /// Reads the directory and checks every file.
  ///
  /// - Parameter bytes: the whole archive, which has to outlive what is read.
  /// - Throws: `ExchangeError.Problem`.
  init(_ bytes: UnsafeRawBufferPointer) throws(ExchangeError.Problem) {
    let archive = Archive(bytes: bytes)
    let listings: [Listing]
    do {
      listings = try archive.listings()
    } catch {
      throw .archive(error)
    }
    var names: Set<String> = []
    var entries: [Entry] = []
    var taken: [Range<Int>] = []
    for listing in listings {
      do throws(ZipProblem) {
        guard names.insert(listing.name).inserted else { throw .duplicate }
        let range = try archive.place(of: listing)
        taken.append(listing.offset..<range.upperBound)
        entries.append(Entry(name: listing.name, bytes: UnsafeRawBufferPointer(rebasing: bytes[range])))
      } catch {
        throw .member(listing.name, error)
      }
    }
    let inOrder = taken.indices.sorted { taken[$0].lowerBound < taken[$1].lowerBound }
    for (before, after) in zip(inOrder, inOrder.dropFirst())
    where taken[before].upperBound > taken[after].lowerBound {
      throw .member(entries[after].name, .extent)
    }
    for (entry, listing) in zip(entries, listings) {
      var checksum = CRC32()
      checksum.update(entry.bytes)
      guard checksum.value == listing.checksum else { throw .member(entry.name, .checksum) }
    }
    self.entries = entries
  }

  /// The archive's bytes and how to read records from them.
  private struct Archive {
    let bytes: UnsafeRawBufferPointer

    private func number<Number: FixedWidthInteger>(_ offset: Int) -> Number {
      Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    private func short(_ offset: Int) -> Int { Int(number(offset) as UInt16) }

    private func size(_ offset: Int) throws(ZipProblem) -> Int {
      let size: UInt32 = number(offset)
      guard size != ZipFormat.elsewhere else { throw .tooLarge }
      return Int(size)
    }

    /// Where the record begins that ends the directory.
    private func end() throws(ZipProblem) -> Int {
      let last = bytes.count - ZipFormat.endSize
      guard last >= 0 else { throw .noDirectory }
      for offset in stride(from: last, through: max(0, last - ZipFormat.longestComment), by: -1)
      where number(offset) == ZipFormat.endSignature && short(offset + 20) == last - offset {
        return offset
      }
      throw .noDirectory
    }

    /// What the directory lists.
    func listings() throws(ZipProblem) -> [Listing] {
      let end = try end()
      let count = short(end + 10)
      guard short(end + 4) == 0, short(end + 6) == 0, short(end + 8) == count else { throw .noDirectory }
      var offset = try size(end + 16)
      let limit = offset + (try size(end + 12))
      guard limit <= end else { throw .record(offset: offset) }
      var listings: [Listing] = []
      for _ in 0..<count {
        guard limit - offset >= ZipFormat.directorySize, number(offset) == ZipFormat.directorySignature else {
          throw .record(offset: offset)
        }
        let name = offset + ZipFormat.directorySize
        let next = name + short(offset + 28) + short(offset + 30) + short(offset + 32)
        guard next <= limit else { throw .record(offset: offset) }
        let isPlain = short(offset + 8) & 1 == 0 && short(offset + 10) == 0
        let size = try size(offset + 24)
        guard isPlain, size == (try self.size(offset + 20)) else { throw .compressed }
        listings.append(
          Listing(
            name: String(decoding: bytes[name..<name + short(offset + 28)], as: UTF8.self),
            checksum: number(offset + 16), size: size, offset: try self.size(offset + 42)))
        offset = next
      }
      return listings
    }

    /// Where a file's contents are.
    func place(of listing: Listing) throws(ZipProblem) -> Range<Int> {
      let offset = listing.offset
      guard offset <= bytes.count - ZipFormat.localSize, number(offset) == ZipFormat.localSignature else {
        throw .record(offset: offset)
      }
      // The sizes that stand here may be blank; those of the directory count.
      let start = offset + ZipFormat.localSize + short(offset + 26) + short(offset + 28)
      guard start <= bytes.count, listing.size <= bytes.count - start else { throw .extent }
      return start..<start + listing.size
    }
  }
}
