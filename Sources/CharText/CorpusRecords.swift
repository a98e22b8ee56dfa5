// SPDX-License-Identifier: GPL-3.0-or-later

extension Corpus {
  /// The same corpus with each line a text of its own, which its newline ends.
  ///
  /// - Throws: `TextError.noRecordEnd` when the charset has no newline.
  public func ofRecords() throws(TextError) -> Corpus {
    guard let newline = charset.newlineID else { throw .noRecordEnd }
    return Corpus(
      charset: charset, ids: ids,
      beginnings: TextBeginnings(documents: beginnings.documents, recordEnd: newline), digest: givenDigest)
  }

  /// The same corpus of records with the records in another order, each order being as likely as any other.
  ///
  /// While it works it takes a second copy of the ids and four bytes a record, eight in a corpus of 2³² characters.
  /// - Parameter below: gives a random number in 0 ..< its argument (Fisher-Yates, from the first record on).
  /// - Throws: `TextError.outOfMemory`.
  public func shufflingRecords(_ below: (Int) -> Int) throws(TextError) -> Corpus {
    ids.count <= Int(UInt32.max)
      ? try reordered(UInt32.self, below) : try reordered(UInt64.self, below)
  }

  private func reordered<Place: FixedWidthInteger>(
    _: Place.Type, _ below: (Int) -> Int
  ) throws(TextError) -> Corpus {
    guard let recordEnd = beginnings.recordEnd, ids.count > 0 else { return self }
    var starts: [Place] = [0]
    // Where records end that no newline ends: the last of a document may be one.
    var openEnds: [Place: Int] = [:]
    for first in stride(from: 0, to: ids.count, by: 1 << 16) {
      for place in beginnings.places(in: first..<min(first + (1 << 16), ids.count), of: ids) {
        if ids[place - 1] != recordEnd { openEnds[starts[starts.count - 1]] = place }
        starts.append(Place(place))
      }
    }
    if ids[ids.count - 1] != recordEnd { openEnds[starts[starts.count - 1]] = ids.count }
    for index in starts.indices.dropLast() { starts.swapAt(index, index + below(starts.count - index)) }

    var shuffled = IDBuffer()
    var block = [UInt16](repeating: 0, count: 4096)
    var documents: [Int] = []
    var isOpen = false
    for start in starts {
      // No newline tells that a record begins here, so it has to be told.
      if isOpen { documents.append(shuffled.count) }
      let openEnd = openEnds[start]
      isOpen = openEnd != nil
      var place = Int(start)
      let end = openEnd ?? endOfRecord(from: place, recordEnd)
      while place < end {
        let count = min(end - place, block.count)
        ids.copy(from: place, count: count, to: &block)
        try shuffled.append(block[..<count])
        place += count
      }
    }
    return Corpus(
      charset: charset, ids: IDSequence(taking: shuffled),
      beginnings: TextBeginnings(documents: documents, recordEnd: recordEnd), digest: digest)
  }

  private func endOfRecord(from start: Int, _ recordEnd: Int) -> Int {
    var place = start
    while ids[place] != recordEnd { place += 1 }
    return place + 1
  }
}
