// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport

/// What was typed.
struct Charscore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "charscore", abstract: "Not built yet.", version: Version.line("charscore"))
}
