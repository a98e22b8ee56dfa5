// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// What a command says of the models that the first version of the format has written.
///
/// They are never made anew: whatever becomes of the programs, these files open and give the same bytes.
private func said(_ command: String) throws -> String {
  try Workplace().shell("cd '\(Programs.checkout)/Tests/CommandTests/Format1' && \(command)").done()
}

@Test(arguments: ["portable", ""])
func modelsOfTheFirstFormatWriteTheSameTextForEver(level: String) throws {
  let isa = level.isEmpty ? "" : "CHARTOOLS_ISA=\(level) "
  #expect(
    try said("\(isa)charsample -m text.safetensors --prompt 'The ' --seed 1 -t 0.75 -n 300 | cmp - text.txt")
      == "")
  #expect(
    try said(
      "yes '' | head -20 | \(isa)charsample -m records.safetensors --seed 1 -t 0.75 | cmp - records.txt")
      == "")
  #expect(
    try said(
      "printf 'The cat sees the sea.\\n日本 ? x\\n' | \(isa)charscore -m text.safetensors | cmp - scores.txt")
      == "")
}

@Test func modelsOfTheFirstFormatAreValid() throws {
  #expect(
    try said("charmodel verify text.safetensors records.safetensors")
      == "text.safetensors: OK\nrecords.safetensors: OK\n")
}
