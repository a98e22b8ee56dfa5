// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CharText
import CommandSupport

struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn ids back into text.",
    discussion: "The unknown id becomes U+FFFD, or ? when the unit is bytes.")

  @OptionGroup var charset: CharsetOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var inputs: Inputs

  func validate() throws {
    try charset.validate(beside: inputs)
  }

  func run() throws {
    var decoder = try IDDecoder(charset: charset.read())
    try output.write { writer in
      try inputs.readEach { try decoder.decode($0) { try writer.write($0) } }
    }
  }
}
