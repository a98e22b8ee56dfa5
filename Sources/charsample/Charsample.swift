// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CommandSupport
import FileSupport
import ModelFile
import Sampling

/// What was typed.
struct Charsample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "charsample",
    abstract: "Write text with a model, continuing each line of input.",
    usage: "charsample [OPTION ...] -m MODEL",
    discussion: """
      Each line of standard input is a seed: it is printed, then what the model writes after it. An empty seed begins \
      where a text begins.
      """,
    version: Version.line("charsample"))

  @Option(name: .shortAndLong, help: "The model; - is standard input.")
  var model: String

  @Option(name: [.customShort("n"), .long], help: "Characters to write after each seed, or inf for no end.")
  var length = Length(200)

  @Option(name: .shortAndLong, help: "How freely to choose; 0 always takes the likeliest character.")
  var temperature = 0.75

  @Option(help: ArgumentHelp("Of all random numbers; else taken from the system.", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Continue this instead of standard input.", valueName: "text"))
  var prompt: String?

  @Option(help: ArgumentHelp("Continue an excerpt of this file, taken at random.", valueName: "file"))
  var promptFrom: String?

  @Option(help: ArgumentHelp("Characters of that excerpt.", valueName: "n"))
  var promptLength = 60

  @Flag(help: "Take all of standard input as one seed.")
  var whole = false

  @Flag(inversion: .prefixedNo, help: "Print each seed before its continuation.")
  var echo = true

  @Flag(help: "Stop at a seed with characters that the model does not know.")
  var strict = false

  @Flag(name: .shortAndLong, help: "Write out each character at once.")
  var unbuffered = false

  @Option(help: ArgumentHelp("Threads; the text does not depend on it.", valueName: "n"))
  var threads: Int?

  @Flag(name: [.customShort("q"), .long], help: "Show no warnings.")
  var quiet = false

  func validate() throws {
    try require(temperature, "--temperature", within: 0...100)
    try require(promptLength, "--prompt-length", within: 1...1_048_576)
    try require(threads, "--threads", within: 1...1024)
    if [prompt != nil, promptFrom != nil, whole].filter({ $0 }).count > 1 {
      throw ValidationError("--prompt, --prompt-from and --whole exclude each other")
    }
    if model == "-" && (whole || promptFrom == "-") {
      throw ValidationError("standard input cannot be both the model and the seeds: give --prompt")
    }
  }

  func run() throws {
    let kernels = try Kernels(named: Terminal.processEnvironment("CHARTOOLS_ISA"))
    let model = try ModelReader.read(path: model)
    let randomSeed = seed ?? Machine.randomSeed()
    let seeds = try Seeds(
      seedSource, charset: model.charset, isStrict: strict, randomSeed: randomSeed,
      messages: quiet ? nil : Messages(program: "charsample"))
    let sampler = Sampler(temperature: temperature, charset: model.charset, kernels: kernels)
    let writer = SampleWriter(
      network: Network(model.parameters, kernels: kernels), charset: model.charset, sampler: sampler,
      workers: Workers(count: threads ?? Machine.processorCount), randomSeed: randomSeed,
      length: length.count,
      echo: echo)
    try withStandardOutput(unbuffered: unbuffered) { output in
      try writer.write(seeds, to: TextPrinter(output, charset: model.charset))
    }
  }

  private var seedSource: Seeds.Source {
    if let prompt { return .text(prompt) }
    if let promptFrom { return .excerpt(path: promptFrom, length: promptLength) }
    if model == "-" { return .text("") }
    return whole ? .whole : .lines
  }
}

/// What `--length` takes.
struct Length: ExpressibleByArgument {
  /// nil for no end.
  let count: Int?

  init(_ count: Int) {
    self.count = count
  }

  init?(argument: String) {
    count = Int(argument)
    guard argument == "inf" || count.map({ $0 >= 0 }) ?? false else { return nil }
  }

  var defaultValueDescription: String { count.map(String.init) ?? "inf" }
}
