// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import ModelFile
import Training

/// One run of the program: text in, model out, reports on the way.
struct TrainingRun {
  let text: TextOptions
  let request: TrainingRequest
  let recipe: Recipe
  let threads: Int?
  let display: DisplayOptions

  func run() throws {
    try checkOutput()
    let kernels = try Kernels(named: Terminal.processEnvironment("CHARTOOLS_ISA"))
    if let precision = request.precision, !kernels.has(precision) {
      throw CommandFailure(
        "this machine's \(kernels.name) level has no \(precision.rawValue) products: leave --precision away",
        status: .usage)
    }
    let workers = Workers(count: threads ?? Machine.processorCount)
    Signals.ignoreClosedPipes()
    Signals.catchInterrupts()
    Signals.catchProgressRequests()

    var (corpus, validation) = try text.read(quiet: display.quiet)
    let best: Precision = kernels.has(.bf16) ? .bf16 : .fp32
    var request = request
    if validation != nil { request.validationSplit = 0 }
    let options = recipe.options(request, characterCount: corpus.ids.count, best: best)
    corpus = try corpus.prepared(for: options)
    validation = try options.records ? validation?.ofRecords() : validation
    let trainer = try Trainer(
      corpus, validation: validation, options: options, kernels: kernels, workers: workers,
      memoryLimit: Machine.memorySize, clock: ProgressLine.monotonicSeconds)
    let shown = try TrainingDisplay(
      display, force: text.force, corpus: corpus, validation: validation, trainer: trainer, workers: workers)
    shown.begin()
    do {
      let ending = try trainer.run(
        onProgress: shown.progress, onEpoch: shown.epoch, shouldStop: { Signals.pending != nil })
      var model = trainer.model(programVersion: Version.number)
      model.training?.baselines = shown.baselines(after: ending)
      let destination = try write(model)
      shown.end(ending, destination: destination)
    } catch let divergence as TrainingError {
      // The update that went wrong was not made: what was learned before it is worth keeping.
      let destination = try write(trainer.model(programVersion: Version.number))
      throw CommandFailure(
        "\(divergence.reason); the model before that was written to \(destination)",
        status: ExitStatus(divergence.kind))
    }
  }

  /// Where the model goes must be clear before hours are spent on it.
  private func checkOutput() throws {
    if let path = text.output, path != "-" {
      try AtomicFile.checkWritable(path, overwrite: text.force)
    } else if Terminal(descriptor: 1).isTerminal {
      throw CommandFailure("standard output is a terminal: name a file for the model with -o", status: .usage)
    }
  }

  /// Writes the model; returns where to, in words.
  private func write(_ model: Model) throws -> String {
    do {
      guard let path = text.output else {
        try withStandardOutput { try ModelWriter.write(model, to: $0) }
        return "standard output"
      }
      try AtomicFile.write(to: path, overwrite: text.force) { try ModelWriter.write(model, to: $0) }
      return path
    } catch let failure as FileError {
      throw rescued(model, from: failure) ?? failure
    }
  }

  /// Saves a model that cannot go where it should: it may be hours of work.
  ///
  /// It goes beside a file that has appeared there meanwhile, or else among temporary files. From a reader that has
  /// gone away nothing is saved: it had its chance.
  private func rescued(_ model: Model, from failure: FileError) -> CommandFailure? {
    guard !failure.isClosedPipe else { return nil }
    let temporary = Terminal.processEnvironment("TMPDIR") ?? "/tmp"
    let places = failure.operation == .exists ? [failure.path + ".rescued", temporary] : [temporary]
    for place in places {
      let path = place == temporary ? "\(temporary)/chartrain-\(Machine.randomSeed()).safetensors" : place
      guard
        (try? AtomicFile.write(to: path, overwrite: false) { try ModelWriter.write(model, to: $0) }) != nil
      else { continue }
      return CommandFailure(
        place: failure.place, "\(failure.reason); the model was written to \(path)",
        status: ExitStatus(failure.kind))
    }
    return nil
  }
}
