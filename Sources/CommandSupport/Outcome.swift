// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What became of a command: how the process ends and what people are told.
struct Outcome {
  /// How the process ends.
  var ending: Program.Ending
  /// What was asked for, for standard output.
  var answer = ""
  /// What went wrong, for standard error, without the program's name.
  var complaint = ""

  init(_ ending: Program.Ending, answer: String = "", complaint: String = "") {
    self.ending = ending
    self.answer = answer
    self.complaint = complaint
  }

  private init(_ status: ExitStatus, _ reason: String, place: String?) {
    self.init(.status(status.rawValue), complaint: Messages.line(reason, place: place))
  }

  /// Words what the argument parser threw: help that was asked for, or a mistake in what was typed.
  init<C: ParsableCommand>(ofParsing command: C.Type, failedWith error: any Error) {
    let text = command.fullMessage(for: error)
    if command.exitCode(for: error) == .success {
      self.init(.status(ExitStatus.done.rawValue), answer: Self.endingInNewline(text))
    } else {
      let complaint = Self.beginningInLowerCase(text.removing(prefix: command._errorPrefix))
      self.init(.status(ExitStatus.usage.rawValue), complaint: complaint)
    }
  }

  /// Words what a running command threw.
  init<C: ParsableCommand>(ofRunning command: C.Type, failedWith error: any Error) {
    switch error {
    case let error as FileError where error.isClosedPipe:
      self.init(.signal(SIGPIPE))
    case let error as FileError where error.isInterruption:
      // Only a signal that Signals has noted ends a wait so, and that one will end the process.
      self.init(.status(ExitStatus.ioError.rawValue))
    case let error as any UserFacingError:
      self.init(ExitStatus(error.kind), error.reason, place: error.place)
    case let error as CommandFailure:
      self.init(error.status, error.reason, place: error.place)
    case let status as ExitStatus:
      self.init(.status(status.rawValue))
    case let code as ExitCode:
      self.init(.status(code.rawValue))
    default:
      if [.success, .validationFailure].contains(command.exitCode(for: error)) {
        self.init(ofParsing: command, failedWith: error)
      } else {
        self.init(.diverged, "unexpected error: \(error)", place: nil)
      }
    }
  }

  private static func endingInNewline(_ text: String) -> String {
    text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
  }

  /// Makes "Unknown option" "unknown option", but leaves "UTF-8" as it is.
  private static func beginningInLowerCase(_ text: String) -> String {
    guard let second = text.dropFirst().first, second.isLowercase || second == " " else { return text }
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}

extension String {
  fileprivate func removing(prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
