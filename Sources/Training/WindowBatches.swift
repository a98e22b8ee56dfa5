// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// Windows of T characters, each with the character after it as its target, B of them a batch.
public struct WindowBatches: Sendable {
  /// T: what was asked for, or less where the text is shorter.
  public let length: Int
  /// B, the windows of a batch.
  public let rows: Int
  /// Batches an epoch.
  public let batchCount: Int

  private let ids: IDSequence
  private let beginnings: TextBeginnings
  private let first: Int
  private let sampleStep: Int
  let windowCount: Int

  /// Windows over `ids[range]`, at least two places, beginning every `sampleStep` characters.
  ///
  /// Where a text begins inside a window, the state is zero again; a window that another text follows has nothing to
  /// predict.
  public init(
    _ ids: IDSequence, in range: Range<Int>, beginnings: TextBeginnings = .none, length: Int, sampleStep: Int,
    examplesPerEpoch: Int, batchSize: Int
  ) {
    precondition(range.count > 1, "nothing to train on")
    self.ids = ids
    self.beginnings = beginnings
    self.sampleStep = sampleStep
    self.length = min(length, range.count - 1)
    first = range.lowerBound
    windowCount = Self.count(in: range, length: length, sampleStep: sampleStep)
    rows = batchSize
    batchCount = (examplesPerEpoch + batchSize - 1) / batchSize
  }

  /// The number of windows of `length` characters with a character after them; a shorter text is one window.
  public static func count(in range: Range<Int>, length: Int, sampleStep: Int) -> Int {
    guard range.count > 1 else { return 0 }
    return (range.count - min(length, range.count - 1) + sampleStep - 1) / sampleStep
  }

  /// Where `most` of the windows begin, or all if there are no more, spread evenly.
  public static func starts(in range: Range<Int>, length: Int, sampleStep: Int, most: Int = .max) -> [Int] {
    let all = count(in: range, length: length, sampleStep: sampleStep)
    let count = min(all, most)
    return (0..<count).map { range.lowerBound + all * $0 / count * sampleStep }
  }

  /// The order in which windows are drawn: each once before any is drawn again.
  struct Order {
    private var shuffled: [UInt32] = []
    /// Windows taken since they were shuffled.
    var next = 0
    /// Random numbers drawn before that.
    private(set) var shuffledAt: UInt64 = 0

    mutating func shuffle(_ windows: WindowBatches, using random: inout PhiloxGenerator) {
      shuffledAt = random.position
      shuffled = Array(0..<UInt32(clamping: windows.windowCount))
      for index in shuffled.indices.dropLast() {
        shuffled.swapAt(index, index + random.below(shuffled.count - index))
      }
      next = 0
    }

    /// Where the windows of the next batch begin.
    mutating func nextStarts(_ windows: WindowBatches, using random: inout PhiloxGenerator) -> [Int] {
      (0..<windows.rows).map { _ in
        if next == shuffled.count { shuffle(windows, using: &random) }
        defer { next += 1 }
        return windows.first + Int(shuffled[next]) * windows.sampleStep
      }
    }
  }

  /// Fills inputs [T, starts.count], time-major, and targets [starts.count]; says where in them texts begin.
  @discardableResult
  public func fill(
    starts: ArraySlice<Int>, inputs: UnsafeMutablePointer<UInt16>, targets: UnsafeMutablePointer<UInt16>
  ) -> ChunkBeginnings {
    var resets: [Int] = []
    var uncharged: [Int] = []
    for (column, start) in starts.enumerated() {
      for step in 0..<length { inputs[step * starts.count + column] = UInt16(ids[start + step]) }
      targets[column] = UInt16(ids[start + length])
      for place in beginnings.places(in: start + 1..<start + length + 1, of: ids) {
        if place == start + length {
          uncharged.append(column)
        } else {
          resets.append((place - start) * starts.count + column)
        }
      }
    }
    return ChunkBeginnings(resets: StateResets(resets), uncharged: uncharged)
  }
}
