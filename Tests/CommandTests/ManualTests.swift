// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// A list of names, which examples use.
private let names = "Ada\nAlan\nAnna\nGrace\nKen\nLinus\nDonald\nEdsger\n"

/// The options that a program's help lists, with those of its subcommands.
private func optionsInHelp(of command: [String], _ place: Workplace) throws -> Set<String> {
  let help = try RunningProgram(try place.launch(command[0], command.dropFirst() + ["--help"])).finish()
    .done()
  var options: Set<String> = []
  var section: Substring = ""
  for line in help.split(separator: "\n") {
    let margin = line.prefix { $0 == " " }.count
    if margin == 0 { section = line }
    // An entry begins near the margin; its explanation stands further right.
    guard margin == 2 else { continue }
    let words = line.split { " ,/".contains($0) }
    // The list of subcommands ends in a sentence on how to get help.
    if section == "SUBCOMMANDS:" && words[0] == "See" { continue }
    if section == "SUBCOMMANDS:" {
      options.formUnion(try optionsInHelp(of: command + [String(words[0])], place))
    } else {
      let entry = words.prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
      options.formUnion(entry.filter { $0.hasPrefix("-") }.map(String.init))
    }
  }
  return options
}

@Test func everyProgramHasAPage() throws {
  #expect(
    try Set(ManualPage.all(section: 1).map(\.name)).isSuperset(of: [
      "chartok", "chartrain", "charsample", "charscore", "charmodel",
    ]))
}

@Test(arguments: try ManualPage.all(section: 1))
func everyOptionIsInThePageAndThePageHasNoOther(page: ManualPage) throws {
  let known = try optionsInHelp(of: [page.name], Workplace())
  let described = try page.options()
  #expect(known.isSuperset(of: ["-h", "--help", "--version"]))
  #expect(known.subtracting(described) == [])
  // Help does not list how completions are made.
  #expect(described.subtracting(known).subtracting(["--generate-completion-script"]) == [])
}

@Test(arguments: try ManualPage.all(section: 1) + ManualPage.all(section: 7))
func aPageTellsOfStatusesVariablesFilesAndExamples(page: ManualPage) throws {
  let sections = try page.sections()
  func section(_ heading: String) throws -> String {
    try #require(sections[heading], "\(page.name): \(heading)")
  }
  #expect(try section("EXIT STATUS").contains(" 74\n"))
  #expect(try section("ENVIRONMENT").contains(".It Ev "))
  #expect(try [".It Pa ", ".It Ar "].contains { try section("FILES").contains($0) })
  #expect(try section("EXAMPLES").contains("\n$ "))
}

@Test func everyVariableThatTheProgramsLookUpIsInAPage() throws {
  let sources = Programs.checkout + "/Sources"
  let files = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
  // By a function called environment, or in a constant.
  let lookUp = /(?:nvironment\(|variable = )"([A-Z_]+)"/
  var variables: Set<String> = []
  for file in files where file.hasSuffix(".swift") {
    let source = try String(contentsOfFile: sources + "/" + file, encoding: .utf8)
    variables.formUnion(source.matches(of: lookUp).map { String($0.1) })
  }
  #expect(variables.isSuperset(of: ["CHARTOOLS_ISA", "CHARTOOLS_MODELS", "TMPDIR"]))
  let told = try ManualPage.all(section: 1).map { try #require($0.sections()["ENVIRONMENT"]) }.joined()
  for variable in variables { #expect(told.contains(variable), "\(variable)") }
}

@Test(arguments: try ManualPage.all(section: 1) + ManualPage.all(section: 7))
func theExamplesOfAPageRun(page: ManualPage) throws {
  let examples = try page.examples()
  #expect(examples.count > 3)
  let place = try Workplace([
    "hamlet.txt": Prose.text(lines: 60), "a.txt": Prose.text(lines: 30, seed: 2),
    "b.txt": Prose.text(lines: 30, seed: 3), "names.txt": names,
  ])
  for example in examples {
    let outcome = try place.shell(example, environment: ["CHARTOOLS_MODELS": Programs.checkout + "/Models"])
    #expect(outcome.ending == .status(0), "\(example)\n\(outcome.messages)")
    #expect(!outcome.messages.contains("not found"), "\(example)\n\(outcome.messages)")
  }
}

/// The indented commands of a section of the README, with times and sizes that a test can wait for.
private func readmeCommands(under heading: String) throws -> [String] {
  let readme = try String(contentsOfFile: Programs.checkout + "/README.md", encoding: .utf8)
  let section = try #require(readme.components(separatedBy: "\n## ").first { $0.hasPrefix(heading + "\n") })
  return section.split(separator: "\n").filter { $0.hasPrefix("    ") && !$0.hasPrefix("    >>>") }
    .map { line in
      line.trimmingCharacters(in: .whitespaces)
        .replacing(/--for \w+/, with: "--for 1s")
        .replacing(/\b(200|1000)\b/) { $0.1.dropLast() }
    }
}

@Test func theCommandsOfTheReadmeRun() throws {
  let using = try readmeCommands(under: "Using it")
  // The first one gathers files that a test makes smaller ones of.
  #expect(using.count > 12 && using[0].contains("> text.txt") && using[0].contains(" log.txt"))
  let commands = try using.dropFirst() + readmeCommands(under: "Shell scripts")
  let log = (1...90).map { "sshd[\($0)]: accepted key for root\n" }.joined()
  let place = try Workplace([
    "text.txt": Prose.text(lines: 60), "names.txt": names, "log.txt": log + "sshd[7]: Kernel panic!\n",
  ])
  try place.shell("ln -s '\(Programs.checkout)/Scripts'").done()
  for command in commands {
    let outcome = try place.shell(
      command,
      environment: [
        "CHARTOOLS_MODELS": Programs.checkout + "/Models", "CHARTRAIN_OPTIONS": "--layers 16 --epochs 2",
      ])
    #expect(outcome.ending == .status(0), "\(command)\n\(outcome.messages)")
    #expect(!outcome.messages.contains("not found"), "\(command)\n\(outcome.messages)")
    // Files speak for themselves; text without typos has none to tell of; the game is on standard error.
    let isSilent = ["> ", " -o ", "| cmp ", "typos.sh", "--interactive"].contains { command.contains($0) }
    #expect(isSilent || !outcome.text.isEmpty, "\(command)\n\(outcome.messages)")
  }
  #expect(try place.text("many.jsonl").split(separator: "\n").count == 100)
  #expect(try place.text("rows.tsv").split(separator: "\n").count == 100)
}

@Test func installingPutsEverythingInItsPlaceAndUninstallingTakesItAway() throws {
  let place = try Workplace()
  let files = try place.shell(
    """
    make -s -C '\(Programs.checkout)' install BIN='\(Programs.folder())' DESTDIR="$PWD" PREFIX=/opt/char &&
    find . -type f | LC_ALL=C sort
    """
  ).done()
  for program in ["chartok", "chartrain", "charsample", "charscore", "charmodel"] {
    #expect(files.contains("\n./opt/char/bin/\(program)\n"))
    #expect(files.contains("./opt/char/share/man/man1/\(program).1\n"))
    for completion in [
      "bash-completion/completions/\(program)", "zsh/site-functions/_\(program)",
      "fish/vendor_completions.d/\(program).fish",
    ] {
      #expect(files.contains("./opt/char/share/\(completion)\n"))
    }
  }
  for page in ["man5/charset.5", "man5/charmodel.5", "man7/chartools.7"] {
    #expect(files.contains("./opt/char/share/man/\(page)\n"))
  }
  #expect(try place.shell("opt/char/bin/chartok --version").done().hasPrefix("chartok (chartools) "))
  // An installed program finds the models that were installed with it, before those of a checkout.
  let models = try place.shell("opt/char/bin/charsample --list-models").done()
  #expect(models.contains("/opt/char/share/chartools/models/shakespeare.safetensors"))
  try place.write("opt/char/share/chartools/models/mine.safetensors", Trained.model())
  try place.shell(
    "make -s -C '\(Programs.checkout)' uninstall DESTDIR=\"$PWD\" PREFIX=/opt/char > /dev/null"
  ).done()
  // What a user has put there stays.
  #expect(
    try place.shell("find . -type f").done() == "./opt/char/share/chartools/models/mine.safetensors\n")
}
