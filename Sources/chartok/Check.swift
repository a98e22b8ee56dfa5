// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CharText
import CommandSupport

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the characters that a charset does not have.",
    discussion: "Lists each as file:line:column: U+XXXX 'x' is not in the charset; exits 1 if there are any.")

  @OptionGroup var charset: CharsetOption
  @OptionGroup var reading: Reading
  @OptionGroup var inputs: Inputs

  func validate() throws {
    try charset.validate(beside: inputs)
  }

  func run() throws {
    var check = try CoverageCheck(charset: charset.read(), isLossy: reading.lossy)
    try withStandardOutput { writer in
      try inputs.readEach { try check.check($0) { try writer.write("\($0)\n") } }
      try check.finish { try writer.write("\($0)\n") }
      if check.findingCount > 0 { throw ExitStatus.no }
    }
  }
}
