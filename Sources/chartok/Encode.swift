// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CharText
import CommandSupport

struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn text into ids, as 16-bit little-endian numbers.",
    discussion: """
      A character that the charset does not have becomes its unknown id; without one it is an error.
      """)

  @OptionGroup var charset: CharsetOption
  @OptionGroup var reading: Reading
  @OptionGroup var output: OutputOptions
  @OptionGroup var inputs: Inputs

  func validate() throws {
    try charset.validate(beside: inputs)
  }

  func run() throws {
    try output.refuseTerminal("ids are", or: ", or a pipe such as | od -An -tu2")
    var encoder = try TextEncoder(charset: charset.read(), isLossy: reading.lossy)
    try output.write { writer in
      try inputs.readEach { try encoder.encode($0) { try writer.write(littleEndian: $0) } }
      try encoder.finish { try writer.write(littleEndian: $0) }
    }
  }
}
