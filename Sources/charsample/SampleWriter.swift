// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport
import FileSupport
import Sampling

/// Brings seeds to the models and their continuations to the output, in order and as soon as they are there.
struct SampleWriter {
  let series: TextSeries
  let printer: ContinuationPrinter
  let output: OutputWriter
  /// Whether each character is wanted as it is born.
  let isEager: Bool

  /// Characters written to each text between two looks at input and output; of a text alone there can be more.
  private static let patientSteps = 16
  private static let lonelySteps = 64

  /// Continues all seeds, or until a signal asks to stop; gives the number of texts for which none was accepted.
  func write(_ seeds: Seeds) throws -> Int {
    var missing = 0
    var failure: (any Error)?
    var hasMore = true
    while true {
      // A seed that cannot be read is an error after those before it are written, however they arrived.
      do {
        while hasMore && series.hasRoom {
          var seed = try seeds.nextArrived()
          if seed == nil && series.isDone {
            // Nothing is kept back while more input is waited for.
            try output.flush()
            seed = try seeds.next()
            hasMore = seed != nil
          }
          guard let seed else { break }
          series.add(seed)
        }
      } catch {
        hasMore = false
        failure = error
      }
      if series.isDone || Signals.pending != nil { break }
      series.advance(steps: isEager ? 1 : series.isAlone ? Self.lonelySteps : Self.patientSteps)
      missing += try deliver()
    }
    if let failure { throw failure }
    return missing
  }

  /// Writes what is finished in order, and what has grown of the next text.
  private func deliver() throws -> Int {
    var missing = 0
    var hasFinished = false
    while let continuation = series.next() {
      if continuation.text == nil { missing += 1 }
      try printer.finish(continuation)
      hasFinished = true
    }
    if printer.streams, let (continuation, ids) = series.takeUnderWay() {
      try printer.grow(continuation, by: ids)
    }
    if hasFinished { try output.flush() }
    return missing
  }
}
