// SPDX-License-Identifier: GPL-3.0-or-later

/// Where texts begin inside a chunk of T steps of B rows: there the state is zero before the step, and nothing flows
/// back through it.
public struct StateResets: Equatable, Sendable {
  /// The rows t·B + b before which the state is zero, ascending.
  public let places: [Int]

  /// No text begins inside the chunk.
  public static let none = StateResets([])

  /// Resets before the rows t·B + b in `places`.
  ///
  /// - Parameter places: in any order.
  public init(_ places: [Int]) {
    self.places = places.sorted()
  }

  /// The places in one step of a chunk of `rows` rows.
  func places(inStep step: Int, rows: Int) -> ArraySlice<Int> {
    if places.isEmpty { return [] }
    let first = firstIndex(notBelow: step * rows)
    return places[first..<firstIndex(notBelow: (step + 1) * rows)]
  }

  private func firstIndex(notBelow place: Int) -> Int {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
