// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import ModelFile

struct Half: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a copy of half the size: every parameter rounded to 16 bits (BF16).",
    discussion: "With --text it says on standard error what the rounding costs on that text.")

  @Option(
    help: ArgumentHelp("Measure both models on this text; - is standard input.", valueName: "file"),
    completion: .file())
  var text: String?

  @Option(help: ArgumentHelp("Threads to measure with.", valueName: "n"))
  var threads: Int?

  @OptionGroup var output: OutputOptions

  @Argument(help: "The model; - is standard input.", completion: .model)
  var model: String

  func validate() throws {
    try require(threads, "--threads", within: 1...1024)
    if model == "-" && text == "-" {
      throw ValidationError("standard input cannot be both the model and the text")
    }
  }

  func run() throws {
    try output.refuseTerminal("a model is")
    let path = try ModelPath().resolve(model)
    let original = try ModelReader.read(path: path)
    let rounded: Model
    do {
      rounded = try original.roundedToBFloat16()
    } catch {
      throw ModelFileError(error.problem, source: path)
    }
    // Measured first: a text that cannot be read shall not leave a file behind.
    let report = try text.map { try cost(of: rounded, beside: original, on: $0) }
    try output.write { try ModelWriter.write(rounded, to: $0, as: .bfloat16) }
    if let report { Messages(program: "charmodel").print(report) }
  }

  /// What both models make of a text, in words.
  private func cost(of rounded: Model, beside original: Model, on path: String) throws -> String {
    let kernels = try Kernels(environment: Terminal.processEnvironment)
    let corpus = try Corpus.read(
      [InputSource(path: path, interrupted: Signals.isInterrupted)], charset: original.charset)
    let beginnings = TextBeginnings(
      documents: [], recordEnd: original.isOfRecords ? original.charset.newlineID : nil)
    let workers = Workers(count: Machine.threadCount(asked: threads))
    let nats = [original, rounded].map { model in
      Scorer(
        Network(model.parameters, kernels: kernels, workers: workers), beginning: model.charset.newlineID,
        workers: workers
      ).score(corpus.ids, in: 0..<corpus.ids.count, beginnings: beginnings).natsPerCharacter
    }
    func bits(_ nats: Double) -> String { fixed(nats * Score.bitsPerNat, 6) }
    return """
      F32   \(fixed(nats[0], 6)) nats = \(bits(nats[0])) bits per character
      BF16  \(fixed(nats[1], 6)) nats = \(bits(nats[1])) bits per character
      cost  \(fixed(nats[1] - nats[0], 6)) nats = \(bits(nats[1] - nats[0])) bits per character, over \
      \(corpus.ids.count) character\(corpus.ids.count == 1 ? "" : "s")

      """
  }
}
