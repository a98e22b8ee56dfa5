// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import Sampling
import Training

/// What people see of a run: a plan, progress, a report and a taste of the text after each epoch, a summary.
final class TrainingDisplay {
  private let options: DisplayOptions
  private let corpus: Corpus
  private let trainer: Trainer
  private let workers: Workers
  private let closing: ClosingReport
  private let plot: PlotFile?
  private var history = LossHistory()
  private let progressLine: ProgressLine
  private let messages: Messages
  private let log: AppendedFile?
  private let typedSeed: [UInt16]?
  private var random: PhiloxGenerator
  private var logFailed = false

  /// Characters of the text that a shown sample continues.
  private static let seedLength = 40
  /// Of the random numbers that only the display uses.
  private static let randomStream: UInt64 = 100

  init(_ options: DisplayOptions, overwrite: Bool, trainer: Trainer, workers: Workers) throws {
    self.options = options
    corpus = trainer.corpus
    self.trainer = trainer
    self.workers = workers
    closing = ClosingReport(of: trainer, baselines: options.baselines, workers: workers)
    progressLine = ProgressLine(quiet: options.quiet)
    messages = Messages(program: "chartrain", progress: progressLine)
    plot = try options.plot.map { [messages] in
      try PlotFile(path: $0, overwrite: overwrite, messages: messages)
    }
    log = try options.log.flatMap { $0 == "-" ? nil : try AppendedFile(path: $0) }
    random = PhiloxGenerator(seed: trainer.options.seed, stream: Self.randomStream)
    var encoder = TextEncoder(charset: corpus.charset, policy: .unknownOrSkip, source: "--display-seed")
    typedSeed = try options.displaySeed.map { try encoder.encodeWhole(Array($0.utf8)) }
    if let symbol = encoder.firstUncovered, !options.quiet {
      messages.warn(
        "the text does not have \(symbol.notation): such characters are left out", place: "--display-seed")
    }
  }

  func begin() {
    if log?.wasEmpty ?? true {
      writeLog(
        TrainingLog(options.logFormat).header(
          kernels: trainer.network.kernels, precision: trainer.options.precision, threads: workers.count))
    }
    guard !options.quiet else { return }
    let configuration = trainer.network.configuration
    let isApart = trainer.trainingRange.count == corpus.ids.count
    let held =
      switch trainer.heldOutCount {
      case 0: ""
      case let count: isApart ? ", \(count) others held out" : ", the last \(count) held out"
      }
    let options = trainer.options
    let isLimited = options.budget != nil && options.epochs < TrainingOptions.mostEpochs
    let passes = isLimited ? ", at most \(options.epochs) passes" : ""
    messages.print(
      "\(corpus.ids.count) characters of \(corpus.charset.count) kinds\(held)\(passes); layers "
        + "\(configuration.layerSizes.map(String.init).joined(separator: ",")), \(configuration.parameterCount) "
        + "parameters; CPU level \(trainer.network.kernels.name), \(trainer.options.precision.rawValue) products, "
        + "\(workers.count) thread\(workers.count == 1 ? "" : "s")")
  }

  func progress(_ progress: TrainingProgress) {
    history.add(LossHistory.Moment(progress))
    progressLine.update(lineWithCurve(progress))
    if Signals.takeProgressRequest() { messages.print(Self.line(progress)) }
  }

  /// A warning amid progress.
  func warn(_ text: String, place: String? = nil) { messages.warn(text, place: place) }

  /// Trouble is told even to those who want quiet.
  func setback(_ setback: Setback) {
    let loss = setback.nats.isFinite ? "rose to \(fixed(setback.nats, 3)) nats" : "is no longer a number"
    messages.warn(
      "the loss \(loss) at update \(setback.step): back to update \(setback.goodStep), the learning rate is "
        + "lowered to \(fixed(100 * setback.rateFactor, 1))%")
  }

  func epoch(_ report: EpochReport) {
    writeLog(TrainingLog(options.logFormat).row(report))
    if let nats = report.heldOutNats { history.addHeldOut(nats: nats) }
    plot?.write(drawing)
    guard !options.quiet else { return }
    messages.print(Self.line(report))
    if Signals.pending != nil { return }
    // A run with a budget may pass over a short text many times between two checks.
    guard report.endsEpoch || report.epochs == 0 else { return }
    if options.displayLength > 0 && !options.displayTemperatures.values.isEmpty { showText() }
  }

  /// What the model file tells of simpler models.
  func baselines(after ending: Trainer.Ending) -> [String: Double] {
    // Who has told a run to stop does not wait for comparisons.
    guard ending != .stopped, closing.hasBaselines else { return [:] }
    progressLine.update("fitting n-gram models")
    return closing.measureNGrams()
  }

  func end(_ ending: Trainer.Ending, destination: String, checkpoint: String? = nil) {
    if !options.quiet {
      if ending != .stopped { compare() }
      tellEnd(ending, destination: destination)
      if let checkpoint {
        messages.print("to go on: chartrain --resume \(checkpoint) and the text as before")
      }
    }
    plot?.write(drawing, isLast: true)
  }

  /// How good the model is beside others, and what would make it better.
  private func compare() {
    if closing.hasBaselines { progressLine.update("compressing") }
    closing.table.forEach(messages.print)
    if let advice = closing.advice(history) { messages.print(advice) }
  }

  private func tellEnd(_ ending: Trainer.Ending, destination: String) {
    let report = trainer.lastReport
    let loss =
      report?.heldOutNats.map {
        "held-out \(fixed($0, 6)) nats = \(fixed($0 * Score.bitsPerNat, 3)) bits per character"
      }
      ?? (trainer.heldOutCount > 0 ? "held-out part not measured" : "nothing held out")
    let time = report.map { ", \(fixed($0.seconds, 1)) s, \(fixed($0.charactersPerSecond, 0)) chars/s" } ?? ""
    let limit = ending == .stopped ? nil : closing.fractionOfPeak
    let speed = limit.map { ", \(fixed(100 * $0, 0))% of this machine's limit" } ?? ""
    let stopped =
      switch ending {
      case .stopped: "stopped after \(trainer.step) updates: "
      case .outOfPatience: "no lower held-out loss in \(trainer.options.patience) checks: "
      case .outOfPasses: "all \(trainer.options.epochs) passes were made before the time was up: "
      case .done: ""
      }
    let best = trainer.saved.flatMap { $0.step == trainer.step ? nil : " (best, of update \($0.step))" } ?? ""
    messages.print("\(stopped)\(loss)\(best)\(time)\(speed); model written to \(destination)")
  }

  private var drawing: LossPlot {
    LossPlot(title: closing.title, history: history, baselines: closing.nGramRows)
  }

  /// The line with the curve of the loss before it, where the terminal has room and characters for it.
  private func lineWithCurve(_ progress: TrainingProgress) -> String {
    let line = Self.line(progress)
    let width = min(24, progressLine.room - line.unicodeScalars.count - 2)
    guard width >= 8, progressLine.terminal.showsUTF8 else { return line }
    return history.sparkline(width: width) + "  " + line
  }

  private static func line(_ progress: TrainingProgress) -> String {
    "epoch \(count(Double(progress.epoch), progress.epochs))  \(Int(progress.fraction * 100))%  train "
      + "\(fixed(progress.nats, 3)) nats  \(fixed(progress.charactersPerSecond, 0)) chars/s  "
      + "\(duration(progress.secondsLeft)) left"
  }

  private static func line(_ report: EpochReport) -> String {
    let heldOut = report.heldOutNats.map {
      "  held-out\(report.isSampled ? " about" : "") \(fixed($0, 6)) nats = \(fixed($0 * Score.bitsPerNat, 3)) bits"
    }
    let passes = report.endsEpoch ? Double(report.epoch) : report.passes ?? 0
    return "epoch \(count(passes, report.epochs))  train \(fixed(report.trainNats, 4)) nats = "
      + "\(fixed(report.trainNats * Score.bitsPerNat, 3)) bits\(heldOut ?? "")  "
      + "\(fixed(report.charactersPerSecond, 0)) chars/s  \(fixed(report.seconds, 1)) s"
  }

  /// `2/4`; only `2` where a time ends the run.
  private static func count(_ epoch: Double, _ epochs: Int) -> String {
    let shown = epoch == epoch.rounded() ? String(Int(epoch)) : fixed(epoch, 2)
    return epochs == 0 ? shown : "\(shown)/\(epochs)"
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// The chapter's table: a seed, what truly follows it, and what the model would write at each temperature.
  private func showText() {
    let excerpt = excerpt()
    if !excerpt.seed.isEmpty { show("seed", excerpt.seed) }
    if !excerpt.continuation.isEmpty { show("true", excerpt.continuation) }
    for temperature in options.displayTemperatures.values where Signals.pending == nil {
      let generator = TextGenerator(trainer.network, charset: corpus.charset)
      let sampler = Sampler(
        temperature: temperature, charset: corpus.charset, kernels: trainer.network.kernels)
      generator.read(excerpt.seed)
      var ids: [UInt16] = []
      while ids.count < options.displayLength && Signals.pending == nil {
        let id = generator.next(sampler, using: &random)
        ids.append(UInt16(id))
        guard id == corpus.beginnings.recordEnd else { continue }
        // The next record knows nothing of this one; where nothing is left to chance it would be the same.
        if temperature == 0 { break }
        generator.begin()
      }
      let shown = temperature == temperature.rounded() ? String(Int(temperature)) : String(temperature)
      show("T=\(shown)", ids)
    }
  }

  private func excerpt() -> Excerpt {
    if let typedSeed {
      return Excerpt(finding: typedSeed, in: corpus.ids, continuation: options.displayLength)
    }
    // Records are written from their beginnings; of other text it takes some to go on from.
    let isOfRecords = corpus.beginnings.recordEnd != nil
    return Excerpt(
      of: corpus.ids, in: trainer.trainingRange, length: isOfRecords ? 0 : Self.seedLength,
      continuation: isOfRecords ? 0 : options.displayLength, using: &random)
  }

  /// Text in a column of its own, whatever lines it holds; records beside one another.
  private func show(_ label: String, _ ids: [UInt16]) {
    let text = String(decoding: ids.flatMap { corpus.charset.bytes(of: Int($0)) }, as: UTF8.self)
    let margin = String(repeating: " ", count: 8)
    let isOfRecords = corpus.beginnings.recordEnd != nil
    // By scalars: to a string a CRLF is one character, and no newline.
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: isOfRecords).map {
      String($0)
    }
    .joined(separator: isOfRecords ? " | " : "\n" + margin + "| ")
    let column = label + String(repeating: " ", count: max(0, margin.count - 2 - label.count))
    messages.print("  \(column)| \(lines)")
  }

  /// A log that can no longer be written is said once; the training is worth more.
  private func writeLog(_ text: String) {
    if options.log == "-" { messages.print(text) }
    guard let log, !logFailed else { return }
    do {
      try log.writer.write(text)
      try log.writer.flush()
    } catch {
      logFailed = true
      messages.warn("the log is not written any further: \(error.reason)", place: error.place)
    }
  }
}
