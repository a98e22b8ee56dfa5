// SPDX-License-Identifier: GPL-3.0-or-later

/// Measures multiply-adds in registers alone, which is the limit that any training or sampling speed can be held
/// against.
public struct PeakMeter {
  private let products: Network.ProductsBox
  private let workers: Workers
  private let clock: () -> Double
  private var repeats = 1 << 11

  /// - Parameters:
  ///   - workers: the threads that multiply at once.
  ///   - clock: seconds from any beginning.
  /// - Returns: nil where this machine lacks the precision.
  public init?(_ kernels: Kernels, _ precision: Precision, workers: Workers, clock: @escaping () -> Double) {
    guard let products = kernels.products(precision) else { return nil }
    self.products = Network.ProductsBox(table: products)
    self.workers = workers
    self.clock = clock
  }

  /// Floating-point operations a second, the mean of about `seconds`, five thousandths at least.
  public mutating func mean(seconds: Double) -> Double {
    let begin = clock()
    var now = begin
    var operations = 0.0
    repeat {
      operations += multiplyAndAdd()
      let taken = clock() - now
      now += taken
      if taken < Self.shortest { repeats *= 2 }
    } while now - begin < max(seconds, Self.shortest)
    return operations / (now - begin)
  }

  /// Seconds beside which it is nothing to wake threads.
  private static let shortest = 0.005

  /// In pieces, so that no thread waits long for one that is slower.
  private func multiplyAndAdd() -> Double {
    let done = workers.map(8 * workers.count) { [products, repeats] _ in
      var sink: Float = 0.25
      return products.table.peak(repeats, &sink)
    }
    return done.reduce(0, +)
  }
}

extension Kernels {
  /// The floating-point operations a second that `workers` can reach: the best mean of a hundredth of a second, of those
  /// that about `seconds` have; nil where this machine lacks the precision.
  public func measuredPeak(
    _ precision: Precision, workers: Workers, seconds: Double = 0.3, clock: @escaping () -> Double
  ) -> Double? {
    guard var meter = PeakMeter(self, precision, workers: workers, clock: clock) else { return nil }
    let end = clock() + seconds
    var best = 0.0
    repeat { best = max(best, meter.mean(seconds: 0.01)) } while clock() < end
    return best
  }
}
