// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CharText
import CommandSupport

struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Make the charset of a text (the default).")

  @Option(help: "What counts as one character.")
  var unit = TextUnit.scalar

  @Option(
    help: ArgumentHelp("Make one unknown character of all that occur less often than this.", valueName: "n"))
  var minCount: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Have at most this many ids: the rarest characters become one unknown one, which counts too.",
      valueName: "n"))
  var maxSize: Int?

  @OptionGroup var reading: Reading
  @OptionGroup var output: OutputOptions
  @OptionGroup var inputs: Inputs

  func validate() throws {
    if minCount == 0 { throw ValidationError("--min-count must be at least 1.") }
    if let maxSize, maxSize < 2 {
      throw ValidationError("--max-size must be at least 2, for one character and the unknown one.")
    }
  }

  func run() throws {
    try output.write { writer in
      var builder = CharsetBuilder(unit: unit, isLossy: reading.lossy)
      try inputs.readEach { try builder.add($0) }
      try writer.write(builder.build(minCount: minCount, maxSize: maxSize).serialized())
    }
  }
}
