// SPDX-License-Identifier: GPL-3.0-or-later

/// Columns, each as wide as its widest cell.
func table(_ rows: [[String]]) -> String {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    var line = ""
    for (cell, width) in zip(row, widths) {
      line += "  " + cell + String(repeating: " ", count: width - cell.count)
    }
    while line.last == " " { line.removeLast() }
    return line
  }.joined(separator: "\n")
}

/// `1 character`, `2 characters`.
func characters(_ count: Int) -> String { count == 1 ? "1 character" : "\(count) characters" }

/// Cells in lines that are no wider than `width`, row by row.
func columns(_ cells: [String], width: Int) -> String {
  let widest = (cells.map(\.count).max() ?? 0) + 2
  let count = max(1, (width - 1) / widest)
  return table(
    stride(from: 0, to: cells.count, by: count).map { Array(cells[$0..<min($0 + count, cells.count)]) })
}
