// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// A shell's completion script as the argument parser makes it, with two of its mistakes mended.
///
/// It gives every program a subcommand `help`. Where there are no subcommands that is not true, and where files may be
/// given too, zsh refuses the script: "doubled rest argument definition". And where a subcommand is the default, it
/// offers only their names, not the files that may be given at once.
enum CompletionScript {
  /// - Parameters:
  ///   - script: for bash, zsh or fish.
  ///   - program: the program's name.
  ///   - hasSubcommands: whether there are any but `help`.
  ///   - hasDefault: whether one of them is meant where none is given.
  static func mended(_ script: String, of program: String, hasSubcommands: Bool, hasDefault: Bool) -> String {
    var isMissingFiles = hasDefault
    var lines: [Substring] = []
    for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
      if !hasSubcommands && offersHelp(line, of: program) { continue }
      lines.append(line)
      if isMissingFiles, let files = files(after: line, of: program) {
        lines.append(files)
        isMissingFiles = false
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Whether a line's meaning is that there are subcommands.
  private static func offersHelp(_ line: Substring, of program: String) -> Bool {
    let line = line.trimmingPrefix { $0 == " " }
    return ["'(-): :->command'", "'(-)*:: :->arg'", "COMPREPLY+=($(compgen -W 'help' -- \"${cur}\"))"]
      .contains(line)
      || line.hasPrefix("complete -c '\(program)' ") && line.contains(" -fa 'help' ")
  }

  /// What offers files, too, behind the line that offers a program's subcommands, the first of a script; else nil.
  private static func files(after line: Substring, of program: String) -> Substring? {
    let margin = line.prefix { $0 == " " }
    let line = line.dropFirst(margin.count)
    if line.hasPrefix("_describe -V subcommand ") { return margin + "_files && ret=0" }
    if line.hasPrefix("COMPREPLY+=($(compgen -W '") { return margin + "__\(program)_add_completions -f" }
    let first =
      "complete -c '\(program)' -n '__\(program)_should_offer_completions_for_positional \"\(program)\" -eq 1'"
    return line.hasPrefix(first + " -fa ") ? first + " -F" : nil
  }
}
