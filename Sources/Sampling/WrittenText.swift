// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// What was written after a seed.
public struct WrittenText: Equatable, Sendable {
  /// The text's symbols, but for those that were taken out while it was being written.
  public private(set) var ids: [UInt16] = []
  /// What each of them costs in nats under the model itself, at temperature 1 and before any filter; empty unless it
  /// was asked for.
  public private(set) var losses: [Double] = []
  /// What the end of a record cost; nil if the text did not end so, or nobody asked.
  public private(set) var endLoss: Double?
  /// Why it ended; nil while it is being written.
  public private(set) var stop: StopReason?

  private var lineCount = 0
  private var takenCount = 0

  /// A text of which nothing is written yet.
  public init() {}

  /// What the text and the end of its record cost.
  public var score: Score {
    Score(
      nats: losses.reduce(0, +) + (endLoss ?? 0), count: losses.count + (endLoss == nil ? 0 : 1))
  }

  /// Takes the next symbol, which may end the text.
  ///
  /// - Parameter loss: what it costs in nats; nil if that is not wanted.
  public mutating func append(_ id: UInt16, loss: Double?, ends: TextEnds) {
    if id == ends.recordEnd {
      endLoss = loss
      stop = .record
      return
    }
    ids.append(id)
    if let loss { losses.append(loss) }
    if !ends.until.isEmpty, let count = Self.untilCount(ids, ends.until) {
      ids.removeLast(count)
      losses.removeLast(min(count, losses.count))
      stop = .until
      return
    }
    if let lines = ends.lines, id == lines.newline {
      lineCount += 1
      if lineCount >= lines.count { stop = .lines }
    }
    if stop == nil { stopIfLongEnough(ends) }
  }

  /// Ends a text that has reached its length, be it 0.
  public mutating func stopIfLongEnough(_ ends: TextEnds) {
    let count = takenCount + ids.count
    if let length = ends.length, count >= length {
      stop = .length
    } else if let most = ends.maxLength, count >= most {
      stop = .maxLength
    }
  }

  /// Takes out the symbols that are sure to be part of the text, so that a text without end takes no memory; only
  /// where losses are not wanted.
  public mutating func takeDecided(_ ends: TextEnds) -> [UInt16] {
    precondition(losses.isEmpty, "a text that is charged stays whole")
    let count = ids.count - ends.undecidedCount(of: ids)
    if count == 0 { return [] }
    defer {
      ids.removeFirst(count)
      takenCount += count
    }
    return Array(ids[..<count])
  }

  /// How many symbols at the end of `ids` are one of `patterns`, the longest; nil for none.
  private static func untilCount(_ ids: [UInt16], _ patterns: [[UInt16]]) -> Int? {
    patterns.lazy.filter { $0.last == ids.last && ids.suffix($0.count).elementsEqual($0) }.map(\.count).max()
  }
}
