// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the values of an axis become places on paper.
struct PlotScale {
  /// The values at the two ends.
  let values: ClosedRange<Double>
  /// Whether equal factors, not equal differences, are equally far apart.
  let isLogarithmic: Bool
  /// Where the lower value is, and where the upper one.
  let places: (from: Double, to: Double)

  /// - Parameter values: different from each other; above 0 for a logarithmic scale.
  init(_ values: ClosedRange<Double>, isLogarithmic: Bool = false, from: Double, to: Double) {
    precondition(values.lowerBound < values.upperBound && (!isLogarithmic || values.lowerBound > 0))
    self.values = values
    self.isLogarithmic = isLogarithmic
    places = (from, to)
  }

  /// The place of a value, which may lie outside of the axis.
  subscript(value: Double) -> Double {
    let (low, high) = (values.lowerBound, values.upperBound)
    let part =
      isLogarithmic
      ? log(max(value, low * 1e-3) / low) / log(high / low) : (value - low) / (high - low)
    return places.from + part * (places.to - places.from)
  }

  /// Round values to mark: multiples of 1, 2 or 5 times a power of ten, at most `count` of them; on a logarithmic scale
  /// 1, 2 and 5 times each power of ten, or as many of these as `count` allows.
  func ticks(atMost count: Int) -> [Double] {
    isLogarithmic ? logarithmicTicks(atMost: count) : linearTicks(atMost: count)
  }

  private func linearTicks(atMost count: Int) -> [Double] {
    let (low, high) = (values.lowerBound, values.upperBound)
    var exponent = Int(floor(log10((high - low) / Double(max(count, 1))))) - 1
    while true {
      for factor in [1, 2, 5] {
        // Multiplied or divided by a whole power: 3 / 10 is 0.3, and 3 * 0.1 is not.
        let power = pow(10, Double(abs(exponent)))
        func value(_ step: Int) -> Double {
          exponent < 0 ? Double(step * factor) / power : Double(step * factor) * power
        }
        let first = Int(ceil(low / value(1) - 1e-9))
        let last = Int(floor(high / value(1) + 1e-9))
        if last - first < count { return first > last ? [] : (first...last).map(value) }
      }
      exponent += 1
    }
  }

  private func logarithmicTicks(atMost count: Int) -> [Double] {
    let (low, high) = (values.lowerBound, values.upperBound)
    let decades = Int(floor(log10(low)))...Int(ceil(log10(high)))
    let choices: [(factors: [Double], every: Int)] = [
      ([1, 2, 5], 1), ([1], 1), ([1], 2), ([1], 3), ([1], 5),
    ]
    for choice in choices {
      var ticks: [Double] = []
      for decade in decades where decade % choice.every == 0 {
        let power = pow(10, Double(abs(decade)))
        for factor in choice.factors { ticks.append(decade < 0 ? factor / power : factor * power) }
      }
      ticks.removeAll { $0 < low * (1 - 1e-9) || $0 > high * (1 + 1e-9) }
      if ticks.count <= count { return ticks }
    }
    return []
  }

  /// Values with as many decimals as the one that has most.
  static func labelled(_ values: [Double]) -> [(value: Double, label: String)] {
    let decimals = values.map { short($0).split(separator: ".").dropFirst().first?.count ?? 0 }.max() ?? 0
    return values.map { ($0, fixed($0, decimals)) }
  }

  /// A round number in words: at most three digits, with K, M, G for thousands and more.
  static func label(_ value: Double) -> String {
    for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "K")] where value.magnitude >= unit {
      return short(value / unit) + suffix
    }
    return short(value)
  }

  /// As many decimals as it takes, at most six.
  static func short(_ value: Double) -> String {
    for decimals in 0..<6 {
      let text = fixed(value, decimals)
      if let back = Double(text), (back - value).magnitude <= 1e-9 * max(value.magnitude, 1e-3) {
        return text
      }
    }
    return fixed(value, 6)
  }
}
