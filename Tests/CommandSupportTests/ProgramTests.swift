// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import FileSupport
import Testing

@testable import CommandSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A program whose subcommands end in every way a program can.
private struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Ends as it is told.", version: "1.2.3",
    subcommands: [End.self, Leave.self, Strange.self])
}

private struct LibraryError: UserFacingError {
  let kind: ErrorKind
  let place: String?
  var reason: String { "it is so" }
}

private struct End: ParsableCommand {
  @Option var status: Int32 = 0
  @Option var kind: Int?
  @Option var place: String?
  @Flag var closedPipe = false
  @Flag var failure = false
  @Flag var interruption = false

  func validate() throws {
    if status < 0 { throw ValidationError("Status must not be negative.") }
  }

  func run() throws {
    if let kind { throw LibraryError(kind: ErrorKind.allCases[kind], place: place) }
    if closedPipe { throw FileError("stdout", .write, code: EPIPE) }
    if interruption { throw FileError("stdin", .read, code: EINTR) }
    if failure { throw CommandFailure(place: place, "worded already", status: .cannotCreate) }
    if let status = ExitStatus(rawValue: status), status != .done { throw status }
    if status != 0 { throw ExitCode(status) }
  }
}

private struct Leave: ParsableCommand {
  func run() throws { throw ValidationError("Options contradict each other.") }
}

private struct Strange: ParsableCommand {
  struct Failure: Error {}
  func run() throws { throw Failure() }
}

struct ProgramTests {
  private let output = Pipe()
  private let diagnostics = Pipe()

  /// Runs the sample program and gives how it ends, what it put out and what it said.
  private func run(_ arguments: String...) -> (ending: Program.Ending, output: String, said: String) {
    let ending = Program.run(
      Sample.self, arguments: arguments, output: output.writing, diagnostics: diagnostics.writing)
    return (ending, output.received(), diagnostics.received())
  }

  @Test func successIsSilent() {
    let result = run("end")
    #expect(result.ending == .status(0))
    #expect(result.output == "")
    #expect(result.said == "")
  }

  @Test func helpIsAnAnswer() {
    for arguments in [["--help"], ["help"], []] {
      let ending = Program.run(
        Sample.self, arguments: arguments, output: output.writing, diagnostics: diagnostics.writing)
      let text = output.received()
      #expect(ending == .status(0))
      #expect(text.contains("Ends as it is told.") && text.contains("USAGE: sample"))
      #expect(text.hasSuffix("\n"))
      #expect(diagnostics.received() == "")
    }
  }

  @Test func theVersionIsAnAnswer() {
    let result = run("--version")
    #expect(result.ending == .status(0))
    #expect(result.output == "1.2.3\n")
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreAnAnswer(shell: String) {
    let result = run("--generate-completion-script", shell)
    #expect(result.ending == .status(0))
    #expect(result.output.contains("sample"))
    #expect(result.said == "")
  }

  @Test func anAnswerThatCannotBeWrittenIsAnError() {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let ending = Program.run(
      Sample.self, arguments: ["--help"], output: full, diagnostics: diagnostics.writing)
    #expect(ending == .status(74))
    #expect(diagnostics.received() == "sample: stdout: no space left on device\n")
  }

  @Test func anAnswerNobodyReadsEndsQuietly() {
    output.closeReading()
    #expect(run("--help").ending == .signal(SIGPIPE))
    #expect(diagnostics.received() == "")
  }

  @Test func aWrongOptionIsAUsageError() {
    let result = run("end", "--colour")
    #expect(result.ending == .status(64))
    #expect(result.output == "")
    #expect(result.said.hasPrefix("sample: unknown option '--colour'"))
    #expect(result.said.contains("\nUsage: sample end "))
    #expect(result.said.hasSuffix("\n"))
  }

  @Test func aValueThatDoesNotFitIsAUsageError() {
    #expect(run("end", "--status", "many").ending == .status(64))
    let result = run("end", "--status=-1")
    #expect(result.ending == .status(64))
    #expect(result.said.hasPrefix("sample: status must not be negative.\n"))
  }

  @Test func aRunningCommandMayFindAUsageError() {
    let result = run("leave")
    #expect(result.ending == .status(64))
    #expect(result.said.hasPrefix("sample: options contradict each other.\nUsage: sample "))
  }

  @Test func eachKindOfErrorHasItsStatus() {
    let statuses: [ErrorKind: Int32] = [
      .usage: 64, .badData: 65, .noInput: 66, .diverged: 70, .cannotCreate: 73, .io: 74,
    ]
    for (index, kind) in ErrorKind.allCases.enumerated() {
      let result = run("end", "--kind", String(index), "--place", "a.txt:3")
      #expect(statuses[kind].map { .status($0) } == result.ending)
      #expect(result.said == "sample: a.txt:3: it is so\n")
    }
  }

  @Test func anErrorNeedsNoPlace() {
    #expect(run("end", "--kind", "0").said == "sample: it is so\n")
  }

  @Test func aFailureThatIsWordedAlreadyIsShownAsItIs() {
    let result = run("end", "--failure", "--place", "here")
    #expect(result.ending == .status(73))
    #expect(result.said == "sample: here: worded already\n")
  }

  @Test(arguments: [1, 65, 3]) func aBareStatusIsSilent(status: Int32) {
    let result = run("end", "--status", String(status))
    #expect(result.ending == .status(status))
    #expect(result.said == "")
  }

  @Test func aReaderThatHasGoneAwayEndsTheProgramQuietly() {
    let result = run("end", "--closed-pipe")
    #expect(result.ending == .signal(SIGPIPE))
    #expect(result.said == "")
  }

  @Test func anErrorNobodyForesawIsShownAndNotANo() {
    let result = run("strange")
    #expect(result.ending == .status(70))
    #expect(result.said == "sample: unexpected error: Failure()\n")
  }

  @Test func aNotedSignalEndsTheProgramOnceItsCommandIsDone() async {
    await #expect(processExitsWith: .success) {
      Signals.catchInterrupts()
      kill(getpid(), SIGTERM)
      while Signals.pending == nil { usleep(100) }
      for arguments in [["end"], ["end", "--interruption"], ["end", "--status", "1"]] {
        let diagnostics = Pipe()
        let ending = Program.run(
          Sample.self, arguments: arguments, output: -1, diagnostics: diagnostics.writing)
        #expect(ending == .signal(SIGTERM))
        #expect(diagnostics.received() == "")
      }
    }
  }
}
