// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// What the held-out text costs under several models, to be read by people.
public struct CostTable: Equatable, Sendable {
  /// A model and what it costs.
  public struct Row: Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// Nats per character.
    public var nats: Double

    /// A model and its cost.
    public init(name: String, nats: Double) {
      self.name = name
      self.nats = nats
    }
  }

  /// The best model first.
  public let rows: [Row]

  /// A table of these models, in any order.
  public init(_ rows: [Row]) {
    self.rows = rows.filter { $0.nats.isFinite }.sorted { $0.nats < $1.nats }
  }

  /// The rows of n-gram models by their orders.
  public static func rows(nGrams costs: [Int: Double]) -> [Row] {
    costs.sorted { $0.key < $1.key }.map { Row(name: "order-\($0.key) n-gram", nats: $0.value) }
  }

  /// The table in lines, the first one its head.
  public var lines: [String] {
    let cells =
      [("held-out text, per character", "nats", "bits")]
      + rows.map {
        ("  " + $0.name, fixed($0.nats, 3), fixed($0.nats * Score.bitsPerNat, 3))
      }
    let width = cells.reduce(0) { max($0, $1.0.unicodeScalars.count) }
    return cells.map { Self.padded($0, width) + Self.padded($1, -8) + Self.padded($2, -8) }
  }

  /// Text with spaces behind it, or before it where the width is negative.
  private static func padded(_ text: String, _ width: Int) -> String {
    let spaces = String(repeating: " ", count: max(0, abs(width) - text.unicodeScalars.count))
    return width < 0 ? spaces + text : text + spaces
  }
}
