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
  let plan: RunOptions
  let training: NetworkOptions
  let display: DisplayOptions

  func run() throws {
    let output = try ModelOutput(
      text.output, force: text.force, resumed: plan.resume, keepsCheckpoints: plan.checkpointEvery != nil)
    try checkNames(output)
    let kernels = try Kernels(environment: Terminal.processEnvironment)
    let workers = Workers(count: Machine.threadCount(asked: training.threads))
    Signals.ignoreClosedPipes()
    Signals.catchInterrupts()
    Signals.catchProgressRequests()

    let checkpoint = try plan.resume.map(openCheckpoint)
    let initial = try plan.initFrom.map { try ModelReader.read(path: ModelPath().resolve($0)) }
    if let initial, let asked = training.layers, asked.sizes != initial.parameters.configuration.layerSizes {
      throw CommandFailure(
        place: plan.initFrom,
        "its layers are \(Self.list(initial.parameters.configuration.layerSizes)): leave --layers away",
        status: .usage)
    }
    if let initial, training.cell == .coupled, !initial.parameters.areCoupled {
      throw CommandFailure(
        place: plan.initFrom, "its input gates are their own: leave --cell away", status: .usage)
    }
    let reading = TextReading(
      text: text, base: initial ?? checkpoint?.model, extendsCharset: plan.extendCharset,
      isQuiet: display.quiet)
    var (corpus, validation, base) = try reading.read()
    let options =
      try checkpoint?.options
      ?? newOptions(corpus, hasValidation: validation != nil, base: base, kernels: kernels, workers: workers)
    try check(options.precision, kernels, checkpoint)
    let given = corpus.ids
    corpus = try corpus.prepared(for: options)
    validation = try options.records ? validation?.ofRecords() : validation

    let trainer = try blaming(plan.resume) {
      try Trainer(
        corpus, validation: validation, options: options,
        start: checkpoint.map { .checkpoint($0) } ?? base.map { .model($0) } ?? .new, kernels: kernels,
        workers: workers, memoryLimit: Machine.memorySize,
        programStart: options.budget == nil ? nil : ProgramStart.seconds, clock: ProgressLine.monotonicSeconds
      )
    }
    if let failure = given.failure { throw failure }
    let shown = try TrainingDisplay(display, overwrite: output.overwrite, trainer: trainer, workers: workers)
    shown.begin()
    if let checkpoint, checkpoint.instructionSet != kernels.name {
      shown.warn(
        "computed at CPU level \(checkpoint.instructionSet) until now and \(kernels.name) from here on: "
          + "the model's last digits will differ from an uninterrupted run's")
    }
    try train(trainer, shown, output, interval: plan.checkpointEvery?.interval ?? checkpoint?.interval)
  }

  private func train(
    _ trainer: Trainer, _ shown: TrainingDisplay, _ output: ModelOutput, interval: CheckpointInterval?
  ) throws {
    let ids = trainer.corpus.ids
    var checkpointFailed = false
    var observer = TrainingObserver()
    observer.onProgress = shown.progress
    observer.onReport = shown.epoch
    observer.onSetback = shown.setback
    observer.shouldStop = { Signals.pending != nil || ids.failure != nil }
    observer.onCheckpoint = {
      // The one before it was learned from the text.
      if ids.failure != nil { return }
      do {
        try output.writeCheckpoint(trainer.checkpoint(programVersion: Version.number))
        checkpointFailed = false
      } catch {
        // The training is worth more; the next one may succeed.
        if !checkpointFailed {
          let failure = error as? any UserFacingError
          shown.warn(
            "no checkpoint was written: \(failure?.reason ?? "\(error)")", place: failure?.place)
        }
        checkpointFailed = true
      }
    }
    do {
      var ending = try trainer.run(observer, checkpoints: interval)
      var model = trainer.model(programVersion: Version.number)
      model.training?.baselines = shown.baselines(after: ending)
      if let failure = ids.failure { throw try rescuing(model, to: output, from: failure) }
      if ending != .stopped && Signals.pending != nil {
        // The model is done, but what is told in it may not be: resumed, the run ends as if nobody had interrupted it.
        ending = .stopped
        if interval != nil { observer.onCheckpoint() }
      }
      let destination = try output.write(model)
      if ending != .stopped { output.removeCheckpoint() }
      let resumable = ending == .stopped && interval != nil && !checkpointFailed
      shown.end(ending, destination: destination, checkpoint: resumable ? output.checkpointPath : nil)
    } catch let divergence as TrainingError {
      // What was learned before is worth keeping.
      let destination = try output.write(trainer.model(programVersion: Version.number))
      throw CommandFailure(
        "\(divergence.reason); the best model before that was written to \(destination)",
        status: ExitStatus(divergence.kind))
    }
  }

  /// What to say where the text was lost on the way; what was learned of it is written.
  private func rescuing(_ model: Model, to output: ModelOutput, from failure: FileError) throws -> any Error {
    guard var record = model.training, record.steps ?? 0 > 0 else { return failure }
    var model = model
    // They may be of zeros.
    (record.heldOutNats, record.heldOutBits, record.baselines) = (nil, nil, [:])
    model.training = record
    let destination = try output.write(model)
    return CommandFailure(
      place: failure.place, "\(failure.reason); what was learned until then was written to \(destination)",
      status: ExitStatus(failure.kind))
  }

  /// Refuses to write over what is read, which --force is not meant for, and two files to one place.
  private func checkNames(_ output: ModelOutput) throws {
    let read = text.files + [text.ids, text.validation, text.charset].compactMap { $0 }
    var written: [String] = []
    for path in [output.path, output.checkpointPath, display.log, display.plot].compactMap({ $0 }) {
      if read.contains(where: { AtomicFile.isSameFile(path, $0) }) {
        throw CommandFailure(place: path, "is read and would be written over", status: .usage)
      }
      if written.contains(where: { AtomicFile.isSameFile(path, $0) }) {
        throw CommandFailure(place: path, "is named for two files that are written", status: .usage)
      }
      written.append(path)
    }
  }

  private func openCheckpoint(_ path: String) throws -> Checkpoint {
    let model = try ModelReader.read(path: path, keepingExtras: true)
    return try blaming(path) { try Checkpoint(model) }
  }

  /// Names the file that a checkpoint's error is about.
  private func blaming<Value>(_ path: String?, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as CheckpointError {
      throw CommandFailure(place: path, error.reason, status: ExitStatus(error.kind))
    }
  }

  /// The options of a run that begins, layers by the budget among them.
  private func newOptions(
    _ corpus: Corpus, hasValidation: Bool, base: Model?, kernels: Kernels, workers: Workers
  ) throws -> TrainingOptions {
    let best = kernels.fastestPrecision
    let recipe = training.recipe ?? .standard
    var request = training.request
    try check(request.precision ?? best, kernels, nil)
    request.patience = plan.patience
    request.budget = plan.budget?.seconds
    if hasValidation { request.validationSplit = 0 }
    request.records = text.records || base?.isOfRecords == true
    request.shuffle = request.records && text.shufflesRecords
    if let base {
      request.layerSizes = base.parameters.configuration.layerSizes
      request.cell = request.cell ?? (base.parameters.areCoupled ? .coupled : .lstm)
      request.continuesModel = true
    }
    if let budget = request.budget, recipe == .standard {
      let heldOut = recipe.validationSplit(request, characterCount: corpus.ids.count)
      let trained = Double(corpus.ids.count) * (1 - heldOut)
      func affordable(_ layerSizes: [Int]) throws -> Double {
        let speed = try SpeedProbe.charactersPerSecond(
          corpus, layerSizes: layerSizes, recipe: recipe, request: request, best: best, kernels: kernels,
          workers: workers, seconds: min(0.015 * budget, 0.5), clock: ProgressLine.monotonicSeconds)
        return speed * max(budget - (ProgressLine.monotonicSeconds() - ProgramStart.seconds), 0)
      }
      let small = [128, 128]
      var characters = try affordable(request.layerSizes ?? small)
      if request.layerSizes == nil {
        let sizes = Recipe.layerSizes(charactersAffordable: characters, trained: trained)
        request.layerSizes = sizes
        // Wide layers keep the processors busier: how much more they cost is not told by their arithmetic.
        if sizes != small { characters = try affordable(sizes) }
      }
      request.likelyPasses = characters / max(trained, 1)
    }
    return recipe.options(request, characterCount: corpus.ids.count, best: best)
  }

  private func check(_ precision: Precision, _ kernels: Kernels, _ checkpoint: Checkpoint?) throws {
    if kernels.has(precision) { return }
    if checkpoint != nil {
      try blaming(plan.resume) { throw CheckpointError.precision(precision.rawValue) }
    }
    throw CommandFailure(
      "this machine's \(kernels.name) level has no \(precision.rawValue) products: leave --precision away",
      status: .usage)
  }

  private static func list(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: ",") }
}

/// When this program began, which a budget of time is counted from.
enum ProgramStart {
  /// On the monotonic clock; `main` asks first.
  static let seconds = ProgressLine.monotonicSeconds()
}
