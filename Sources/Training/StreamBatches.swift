// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// A text cut into B contiguous streams that are read side by side, a chunk of at most T characters at a time.
///
/// Every character of the text is a target but a remainder of fewer than B, which lies elsewhere each epoch.
public struct StreamBatches: Sendable {
  /// B: what was asked for, or fewer where the text is too short for streams of T characters.
  public let rows: Int
  /// The chunks of an epoch; they differ in length by one step at most.
  public let chunkCount: Int

  private let ids: IDSequence
  private let first: Int  // the place of the first target
  private let beginning: Int?
  private let streamLength: Int
  private let remainder: Int

  /// Streams over `ids[range]`.
  ///
  /// - Parameters:
  ///   - range: at least one place, two without a `beginning`.
  ///   - beginning: the id that is read before the text's first character.
  public init(_ ids: IDSequence, in range: Range<Int>, beginning: Int?, batchSize: Int, sequenceLength: Int) {
    let targets = beginning == nil ? range.dropFirst() : range
    precondition(!targets.isEmpty, "nothing to train on")
    self.ids = ids
    self.beginning = beginning
    first = targets.lowerBound
    rows = min(batchSize, max(1, targets.count / sequenceLength))
    streamLength = targets.count / rows
    remainder = targets.count % rows
    chunkCount = (streamLength + sequenceLength - 1) / sequenceLength
  }

  /// The steps of chunk `index`.
  public func steps(ofChunk index: Int) -> Range<Int> {
    streamLength * index / chunkCount..<streamLength * (index + 1) / chunkCount
  }

  /// How many places the streams may begin at: 0 ..< this.
  public var offsetCount: Int { remainder + 1 }

  /// Fills inputs and targets [steps, rows.count], time-major, of some rows of chunk `index`.
  ///
  /// - Parameter offset: where this epoch's streams begin, below `offsetCount`.
  public func fill(
    chunk index: Int, rows: Range<Int>, offset: Int, inputs: UnsafeMutablePointer<UInt16>,
    targets: UnsafeMutablePointer<UInt16>
  ) {
    let steps = steps(ofChunk: index)
    for (column, row) in rows.enumerated() {
      let start = first + offset + row * streamLength + steps.lowerBound
      for step in 0..<steps.count {
        let place = start + step
        // The character before a place is its input; only the text's very first has none.
        inputs[step * rows.count + column] = UInt16(
          place == first ? beginning ?? ids[place - 1] : ids[place - 1])
        targets[step * rows.count + column] = UInt16(ids[place])
      }
    }
  }
}
