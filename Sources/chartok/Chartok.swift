// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport

/// What was typed.
struct Chartok: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chartok",
    abstract: "Build, check and apply character sets.",
    usage: """
      chartok [build] [--unit <unit>] [--min-count <n>] [--max-size <n>] [--lossy]
                     [-o <file>] [--force] [<files> ...]
      chartok check -c <charset> [--lossy] [<files> ...]
      chartok encode -c <charset> [--lossy] [-o <file>] [--force] [<files> ...]
      chartok decode -c <charset> [-o <file>] [--force] [<files> ...]
      chartok stats [--unit <unit>] [--lossy] [<files> ...]
      """,
    discussion: """
      Reads text and writes its charset: every character on a line, in code point order, with its count. Line by \
      line that gives the ids that chartrain learns and charsample writes. See charset(5).

        chartok hamlet.txt > hamlet.charset
        chartok check -c hamlet.charset macbeth.txt
        chartok encode -c hamlet.charset hamlet.txt > hamlet.ids
      """,
    version: Version.line("chartok"),
    subcommands: [Build.self, Check.self, Encode.self, Decode.self, Stats.self],
    defaultSubcommand: Build.self)
}
