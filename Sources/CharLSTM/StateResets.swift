// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// Where texts begin inside a chunk of T steps of B rows: there the state is zero before the step, and nothing flows
/// back through it.
public struct StateResets: Equatable, Sendable {
  /// The rows t·B + b before which the state is zero, ascending.
  public let places: [Int]
  /// The rows t·B + b in which the network puts out zeros, whatever it has read.
  ///
  /// A text's first character follows there, and nothing is read before it; the state is zero in the next step.
  public let silent: [Int]

  /// No text begins inside the chunk.
  public static let none = StateResets([])

  /// Resets before the rows t·B + b in `places`.
  ///
  /// - Parameters:
  ///   - places: in any order.
  ///   - silent: see `silent`; each has its reset in the next step, of this chunk or of the next one.
  public init(_ places: [Int], silent: [Int] = []) {
    self.places = places.sorted()
    self.silent = silent
  }

  /// The places in one step of a chunk of `rows` rows.
  func places(inStep step: Int, rows: Int) -> ArraySlice<Int> {
    if places.isEmpty { return [] }
    return places[places.firstIndex(notBelow: step * rows)..<places.firstIndex(notBelow: (step + 1) * rows)]
  }
}
