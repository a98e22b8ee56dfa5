// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CommandSupport

/// What was typed.
struct Charmodel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "charmodel",
    abstract: "Look into models, check them, and exchange them with other programs.",
    discussion: """
      A model is what chartrain writes. See charmodel(5) for its file.

        charmodel info hamlet.safetensors
        charmodel export --to tfjs -o web hamlet.safetensors
      """,
    version: Version.line(
      "charmodel", level: try? Kernels(environment: Terminal.processEnvironment).name),
    subcommands: [Info.self, Verify.self, Export.self, Import.self, Average.self, Half.self])
}
