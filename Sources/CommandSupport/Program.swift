// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CSystem
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is the same in every program: parse, run, word what went wrong, end with the right status.
public enum Program {
  /// Runs a command with the arguments this process was given and ends the process.
  ///
  ///     @main struct Main {
  ///       static func main() { Program.main(Chartok.self) }
  ///     }
  ///
  /// A signal noted by `Signals` ends the process by that signal once the command has returned or thrown, and
  /// a reader that has gone away ends it quietly by SIGPIPE.
  public static func main<C: ParsableCommand>(_ command: C.Type) -> Never {
    chartools_reserve_standard_descriptors()
    chartools_survive_size_limits()
    switch run(command, arguments: arguments, output: STDOUT_FILENO, diagnostics: STDERR_FILENO) {
    case .status(let status): exit(status)
    case .signal(let signal): Signals.finish(signal)
    }
  }

  /// What was typed, without the program's name.
  ///
  /// On Linux Swift itself reads it from /proc, which need not be mounted.
  private static var arguments: [String] {
    let count = chartools_argument_count()
    guard count > 0 else { return Array(CommandLine.arguments.dropFirst()) }
    return (1..<count).compactMap { chartools_argument($0).map { String(cString: $0) } }
  }

  /// How a process ends.
  enum Ending: Equatable {
    case status(Int32)
    case signal(Int32)
  }

  /// Runs a command and says how the process shall end.
  ///
  /// - Parameters:
  ///   - command: the program's root command.
  ///   - arguments: what was typed, without the program's name.
  ///   - output: the descriptor for what was asked for: help, version, completions.
  ///   - diagnostics: the descriptor for what went wrong.
  static func run<C: ParsableCommand>(
    _ command: C.Type, arguments: [String], output: Int32, diagnostics: Int32
  ) -> Ending {
    var outcome: Outcome
    do {
      var parsed = try command.parseAsRoot(arguments)
      do {
        try parsed.run()
        outcome = Outcome(.status(ExitStatus.done.rawValue))
      } catch {
        outcome = Outcome(ofRunning: command, failedWith: error)
      }
    } catch {
      outcome = Outcome(ofParsing: command, failedWith: error)
      if arguments.first?.hasPrefix("--generate-completion-script") ?? false {
        outcome.answer = CompletionScript.mended(
          outcome.answer, of: name(of: command), hasSubcommands: !command.configuration.subcommands.isEmpty,
          hasDefault: command.configuration.defaultSubcommand != nil)
      }
    }
    if !outcome.answer.isEmpty {
      do {
        let writer = OutputWriter(descriptor: output, name: "stdout")
        try writer.write(outcome.answer)
        try writer.flush()
      } catch {
        outcome = Outcome(ofRunning: command, failedWith: error)
      }
    }
    if !outcome.complaint.isEmpty {
      Messages(program: name(of: command), descriptor: diagnostics).show(outcome.complaint)
    }
    if let signal = Signals.pending { return .signal(signal) }
    return outcome.ending
  }

  /// What people type to start the program.
  static func name<C: ParsableCommand>(of command: C.Type) -> String {
    command.configuration.commandName ?? String(describing: command).lowercased()
  }
}
