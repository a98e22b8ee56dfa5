// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

@testable import CommandSupport
@testable import charmodel
@testable import charsample
@testable import charscore
@testable import chartok
@testable import chartrain

/// A whole command line, an argument on each line behind the program's letter: parsed, nothing run, and what is wrong
/// with it put into words.
func readArguments(_ bytes: UnsafeRawBufferPointer) {
  guard let program = bytes.first else { return }
  let arguments = bytes.dropFirst().split(separator: 0x0A, omittingEmptySubsequences: false)
    .map { String(decoding: $0.filter { $0 != 0 }, as: UTF8.self) }
  switch program {
  case UInt8(ascii: "t"): parse(arguments, as: Chartok.self)
  case UInt8(ascii: "r"): parse(arguments, as: Chartrain.self)
  case UInt8(ascii: "s"): parse(arguments, as: Charsample.self)
  case UInt8(ascii: "c"): parse(arguments, as: Charscore.self)
  case UInt8(ascii: "m"): parse(arguments, as: Charmodel.self)
  default: break
  }
}

private func parse<Command: ParsableCommand>(_ arguments: [String], as command: Command.Type) {
  do {
    let parsed = try command.parseAsRoot(arguments)
    if let training = parsed as? Chartrain { _ = training.training.request }
  } catch {
    let outcome = Outcome(ofParsing: command, failedWith: error)
    precondition(!outcome.answer.isEmpty || !outcome.complaint.isEmpty)
    precondition(escapingControls(outcome.complaint).unicodeScalars.allSatisfy { isHarmless($0) })
  }
}
