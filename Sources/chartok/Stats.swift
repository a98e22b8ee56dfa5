// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CharText
import CommandSupport

struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a text: its size, its symbols, and the entropy of a character given those before it.",
    discussion: "Lists names and values, separated by a tab. Entropies are in bits per character.")

  @Option(help: "What counts as one character.")
  var unit = TextUnit.scalar

  @OptionGroup var reading: Reading
  @OptionGroup var inputs: Inputs

  func run() throws {
    var counter = StatisticsCounter(unit: unit, isLossy: reading.lossy)
    try inputs.readEach { try counter.add($0) }
    let statistics = try counter.finish()
    try withStandardOutput { writer in
      for row in statistics.rows { try writer.write("\(row.name)\t\(row.value)\n") }
    }
    if let order = statistics.exceededOrder {
      Messages(program: "chartok").warn(
        "too many different sequences to count for entropy from order \(order) on, which is shown as -")
    }
  }
}
