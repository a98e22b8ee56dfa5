// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport

/// What was typed.
struct Charmodel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "charmodel", abstract: "Not built yet.", version: Version.line("charmodel"))
}
