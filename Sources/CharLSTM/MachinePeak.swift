// SPDX-License-Identifier: GPL-3.0-or-later

extension Kernels {
  /// Floating-point operations a second that `workers` reach with multiply-adds in registers alone: the limit that any
  /// training or sampling speed can be held against.
  ///
  /// - Parameters:
  ///   - clock: seconds from any beginning.
  ///   - seconds: about how long to measure.
  /// - Returns: the best of several short measurements; nil where this machine lacks the precision.
  public func measuredPeak(
    _ precision: Precision, workers: Workers, seconds: Double = 0.3, clock: () -> Double
  ) -> Double? {
    guard let products = products(precision) else { return nil }
    let box = Network.ProductsBox(table: products)
    var repeats = 1 << 16
    var best = 0.0
    let end = clock() + seconds
    while clock() < end {
      let begin = clock()
      let operations = workers.map(workers.count) { [repeats] _ in
        var sink: Float = 0.25
        return box.table.peak(repeats, &sink)
      }
      let taken = clock() - begin
      if taken < 0.01 { repeats *= 2 } else { best = max(best, operations.reduce(0, +) / taken) }
    }
    return best
  }
}
