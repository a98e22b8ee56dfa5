// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport

/// Takes judged texts, in order.
protocol JudgedTextSink: AnyObject {
  func take(_ judged: JudgedText) throws
  /// - Throws: `ExitStatus.no` where there was nothing to be found.
  func finish() throws
}

/// Passes some texts on to be printed, in order or sorted.
final class Selection: JudgedTextSink {
  private let options: Options
  private let figure: Figure
  private let printer: TextPrinter
  private var kept: [Candidate] = []
  private var count = 0
  private var printedCount = 0

  struct Options {
    /// Only texts whose figure is above this.
    var above: Double?
    /// Only texts whose figure is below this.
    var below: Double?
    /// Only so many, with the highest figures or the lowest.
    var extreme: (count: Int, isTop: Bool)?
    /// Sorted by figure.
    var isRanked = false

    /// Whether some texts are left out.
    var isFilter: Bool { above != nil || below != nil || extreme != nil }
  }

  private struct Candidate {
    let judged: JudgedText
    let verdict: Verdict
    let place: Int
  }

  init(_ options: Options, figure: Figure, printer: TextPrinter) {
    self.options = options
    self.figure = figure
    self.printer = printer
  }

  func take(_ judged: JudgedText) throws {
    let verdict = Verdict(judged.scores, figure: figure)
    count += 1
    if let above = options.above, !(verdict.value > above) { return }
    if let below = options.below, !(verdict.value < below) { return }
    guard options.extreme != nil || options.isRanked else {
      printedCount += 1
      return try printer.print(judged, verdict)
    }
    // Of an empty text there is nothing to say that could be the most or the least.
    if options.extreme != nil && judged.scores[0].count == 0 { return }
    kept.append(Candidate(judged: judged, verdict: verdict, place: count))
    if let extreme = options.extreme, kept.count >= 2 * extreme.count + 1024 { prune(to: extreme.count) }
  }

  func finish() throws {
    if let extreme = options.extreme { prune(to: extreme.count) }
    if options.isRanked { kept.sort(by: precedes) } else { kept.sort { $0.place < $1.place } }
    for candidate in kept { try printer.print(candidate.judged, candidate.verdict) }
    printedCount += kept.count
    if options.isFilter && printedCount == 0 { throw ExitStatus.no }
  }

  /// Gives up all but the `count` that are wanted most.
  private func prune(to count: Int) {
    kept.sort(by: precedes)
    kept.removeLast(max(0, kept.count - count))
  }

  /// By figure, the one that is asked for first; of equals as they came.
  private func precedes(_ left: Candidate, _ right: Candidate) -> Bool {
    let (a, b) = (left.verdict.value, right.verdict.value)
    if a == b { return left.place < right.place }
    return options.extreme?.isTop ?? true ? a > b : a < b
  }
}
