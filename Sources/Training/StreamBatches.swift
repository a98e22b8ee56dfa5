// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
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
  private let beginnings: TextBeginnings
  private let first: Int  // the place of the first target
  private let beginning: Int?
  private let streamLength: Int
  private let remainder: Int

  /// Streams over `ids[range]`.
  ///
  /// - Parameters:
  ///   - range: at least one place, two without a `beginning`.
  ///   - beginnings: where other texts begin than the one at the range's start.
  ///   - beginning: the id that is read before a text's first character.
  public init(
    _ ids: IDSequence, in range: Range<Int>, beginnings: TextBeginnings = .none, beginning: Int?,
    batchSize: Int,
    sequenceLength: Int
  ) {
    let targets = beginning == nil ? range.dropFirst() : range
    precondition(!targets.isEmpty, "nothing to train on")
    self.ids = ids
    self.beginnings = beginnings
    self.beginning = beginning
    first = targets.lowerBound
    rows = min(batchSize, max(1, targets.count / sequenceLength))
    streamLength = targets.count / rows
    remainder = targets.count % rows
    chunkCount = (streamLength + sequenceLength - 1) / sequenceLength
  }

  /// The steps of some chunks, one behind the other.
  public func steps(of chunks: Range<Int>) -> Range<Int> {
    streamLength * chunks.lowerBound / chunkCount..<streamLength * chunks.upperBound / chunkCount
  }

  /// The most steps that so many chunks, one behind the other, or all there are, take anywhere.
  func mostSteps(chunks count: Int) -> Int {
    let together = min(count, chunkCount)
    return (streamLength * together + chunkCount - 1) / chunkCount
  }

  /// How many places the streams may begin at: 0 ..< this.
  public var offsetCount: Int { remainder + 1 }

  /// Fills inputs and targets [steps, rows.count], time-major, of some rows of some chunks.
  ///
  /// - Parameter offset: where this epoch's streams begin, below `offsetCount`.
  /// - Returns: where in it texts begin.
  @discardableResult
  public func fill(
    _ chunks: Range<Int>, rows: Range<Int>, offset: Int, inputs: UnsafeMutablePointer<UInt16>,
    targets: UnsafeMutablePointer<UInt16>
  ) -> ChunkBeginnings {
    let steps = steps(of: chunks)
    var resets: [Int] = []
    var silent: [Int] = []
    for (column, row) in rows.enumerated() {
      let start = first + offset + row * streamLength + steps.lowerBound
      for step in 0..<steps.count {
        let place = start + step
        // The character before a place is its input; only the text's very first has none.
        inputs[step * rows.count + column] = UInt16(
          place == first ? beginning ?? ids[place - 1] : ids[place - 1])
        targets[step * rows.count + column] = UInt16(ids[place])
      }
      if let beginning {
        for place in beginnings.places(in: start..<start + steps.count, of: ids) {
          inputs[(place - start) * rows.count + column] = UInt16(beginning)
          resets.append((place - start) * rows.count + column)
        }
      } else {
        // A text's first character, before which nothing is read, is itself the first that is.
        for place in beginnings.places(in: start - 1..<start + steps.count, of: ids) {
          if place >= start { silent.append((place - start) * rows.count + column) }
          if place + 1 < start + steps.count { resets.append((place + 1 - start) * rows.count + column) }
        }
      }
    }
    return ChunkBeginnings(resets: StateResets(resets, silent: silent))
  }
}

/// Where texts begin inside a chunk of T steps of B rows.
public struct ChunkBeginnings: Equatable, Sendable {
  /// Where the state is zero again.
  public var resets = StateResets.none
  /// The rows of targets that are not charged: they belong to another text than what is read before them.
  public var uncharged: [Int] = []

  /// These places; by default the chunk is of one text.
  public init(resets: StateResets = .none, uncharged: [Int] = []) {
    self.resets = resets
    self.uncharged = uncharged
  }
}
