// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import Sampling
import Training

/// Measures the engine on this machine; prints `name value unit`, TAB-separated.
///
///     swift run -c release benchmark [NAME ...]
///
/// With names, only measurements whose name begins with one of them are made. Everything runs on made-up text: speed
/// does not depend on what is read. Absolute figures belong to the machine and the moment. Fractions of the peak travel
/// better: work and peak are measured in turns of the same length, at most some tenths of a second, and both as they are
/// on average, for neighbours on a shared machine come and go.
@main
struct Benchmark {
  let kernels: Kernels
  let workers: Workers
  let output: OutputWriter
  let wanted: [String]

  static func main() throws {
    let output = OutputWriter(descriptor: 1, name: "stdout", buffering: .lines)
    let kernels = try Kernels(environment: Terminal.processEnvironment)
    let workers = Workers(count: Machine.processorCount)
    try output.write("# isa=\(kernels.name) threads=\(workers.count)\n")
    let benchmark = Benchmark(
      kernels: kernels, workers: workers, output: output, wanted: Array(CommandLine.arguments.dropFirst()))
    for precision in Precision.allCases {
      guard var meter = benchmark.meter(precision) else { continue }
      let peaks = (0..<20).map { _ in meter.mean(seconds: 0.05) / 1e9 }
      try benchmark.report("peak-\(precision.rawValue)", median(peaks), "GFLOP/s", decimals: 1)
    }
    try benchmark.training()
    try benchmark.sampling()
    try output.flush()
  }

  private func training() throws {
    for (kind, cell) in [("every", CellKind.lstm), ("coupled", .coupled)] {
      for layers in [[128, 128], [256, 256], [512, 512]] {
        for precision in Precision.allCases {
          try measureTraining("train-\(kind)-\(Self.name(layers))-\(precision.rawValue)") { options in
            options.cell = cell
            options.layerSizes = layers
            options.precision = precision
            options.sequenceLength = 64
            options.batchSize = 64
          }
        }
      }
    }
    for precision in Precision.allCases {
      try measureTraining("train-dropout-2x128-\(precision.rawValue)") { options in
        options.precision = precision
        options.sequenceLength = 64
        options.batchSize = 64
        options.dropout = 0.1
      }
    }
    for precision in Precision.allCases {
      try measureTraining("train-chapter-\(precision.rawValue)", symbolCount: 71) { options in
        options.precision = precision
        options.objective = .last
        options.sequenceLength = 60
        options.batchSize = 128
        options.examplesPerEpoch = 2560
      }
    }
  }

  /// Characters a second of training as chartrain does it, and the fraction of the peak that is.
  private func measureTraining(
    _ name: String, symbolCount: Int = 65, _ change: (inout TrainingRequest) -> Void
  ) throws {
    guard isWanted(name) else { return }
    var request = TrainingRequest()
    request.layerSizes = [128, 128]
    request.cell = .lstm
    request.dropout = 0
    change(&request)
    request.earlySequenceLength = request.sequenceLength
    request.epochs = 1_000_000
    request.validationSplit = 0
    let precision = request.precision ?? .fp32
    guard var meter = meter(precision) else { return }
    let corpus = try Self.corpus(symbolCount: symbolCount, length: 200_000)
    let options = Recipe.standard.options(request, characterCount: corpus.ids.count, best: precision)
    let trainer = try Trainer(
      corpus, options: options, kernels: kernels, workers: workers, clock: ProgressLine.monotonicSeconds)
    let operations = options.operationsPerCharacter(trainer.network.configuration)
    var turns = Turns()
    var done = (seconds: 0.0, characters: 0.0)
    var progress: TrainingProgress?
    var observer = TrainingObserver()
    observer.onProgress = { progress = $0 }
    let end = ProgressLine.monotonicSeconds() + 8
    observer.shouldStop = {
      guard let progress, progress.trainingSeconds - done.seconds > 0.1 else { return false }
      let now = (progress.trainingSeconds, progress.charactersPerSecond * progress.trainingSeconds)
      let seconds = now.0 - done.seconds
      turns.add((now.1 - done.characters) / seconds, operations, meter.mean(seconds: seconds))
      done = now
      return ProgressLine.monotonicSeconds() > end
    }
    _ = try trainer.run(observer)
    try report(name, turns)
  }

  private func sampling() throws {
    for layers in [[128, 128], [192, 192], [256, 256], [512, 512]] {
      let configuration = try Configuration(symbolCount: 65, layerSizes: layers)
      let parameters = Parameters(configuration)
      var random = PhiloxGenerator(seed: 1)
      parameters.initialize(.scaled, using: &random)
      try measureSampling("sample", Network(parameters, kernels: kernels))
      let coupled = parameters.copy()
      coupled.couple()
      try measureSampling("sample-coupled", Network(coupled, kernels: kernels))
      // What `charmodel half` leaves of them.
      for index in parameters.values.elements.indices {
        parameters.values.elements[index] = Float(
          bitPattern: parameters.values.elements[index].bitPattern & 0xFFFF_0000)
      }
      try measureSampling("sample-half", Network(parameters, kernels: kernels))
    }
  }

  private func measureSampling(_ kind: String, _ network: Network) throws {
    let layers = Self.name(network.configuration.layerSizes)
    let charset = try Self.corpus(symbolCount: 65, length: 65).charset
    let sampler = Sampler(temperature: 0.75, kernels: kernels)
    let name = "\(kind)-1-\(layers)"
    if isWanted(name) {
      let generator = TextGenerator(network, charset: charset)
      var random = PhiloxGenerator(seed: 1)
      let speeds = turns(1000) { for _ in 0..<1000 { _ = generator.next(sampler, using: &random) } }
      try report(name, speeds)
    }
    let mixture = Mixture(network, charset: charset)
    let together = "\(kind)-1-\(layers)-together"
    if mixture.wantsTeam && isWanted(together) {
      let batch = TextBatch(
        mixture, samplers: [sampler], ends: TextEnds(length: 1000), randomSeed: 1, workers: workers)
      let request = [TextRequest(ticket: 0, seed: [], stream: 1)]
      try report(together, turns(1000) { _ = batch.write(request) })
    }
    let many = "\(kind)-256-\(layers)"
    if isWanted(many) {
      let batch = TextBatch(
        mixture, samplers: [sampler], ends: TextEnds(length: 200), randomSeed: 1, workers: workers)
      let requests = (0..<256).map { TextRequest(ticket: $0, seed: [], stream: UInt64($0)) }
      let operations = Double(network.forwardOperations)
      try report(many, turns(256 * 200, operations) { _ = batch.write(requests) })
    }
  }

  /// What some work did in each of its turns.
  private struct Turns {
    /// Characters a second.
    var speeds: [Double] = []
    /// The part of the peak measured beside it that this was.
    var fractions: [Double] = []

    mutating func add(_ speed: Double, _ operations: Double, _ peak: Double) {
      speeds.append(speed)
      fractions.append(speed * operations / peak)
    }
  }

  /// Eight seconds of `body`, which writes so many characters of so many fp32 operations each, if that is asked.
  private func turns(_ characters: Int, _ operations: Double? = nil, _ body: () -> Void) -> Turns {
    var turns = Turns()
    var meter = meter(.fp32)
    let end = ProgressLine.monotonicSeconds() + 8
    body()
    while ProgressLine.monotonicSeconds() < end {
      let begin = ProgressLine.monotonicSeconds()
      body()
      let seconds = ProgressLine.monotonicSeconds() - begin
      let speed = Double(characters) / seconds
      if let operations, let peak = meter?.mean(seconds: seconds) {
        turns.add(speed, operations, peak)
      } else {
        turns.speeds.append(speed)
      }
    }
    return turns
  }

  private func meter(_ precision: Precision) -> PeakMeter? {
    PeakMeter(kernels, precision, workers: workers, clock: ProgressLine.monotonicSeconds)
  }

  private func isWanted(_ name: String) -> Bool {
    wanted.isEmpty || wanted.contains { name.hasPrefix($0) }
  }

  private func report(_ name: String, _ value: Double, _ unit: String, decimals: Int) throws {
    try output.write("\(name)\t\(fixed(value, decimals))\t\(unit)\n")
  }

  private func report(_ name: String, _ turns: Turns) throws {
    try report(name, Self.median(turns.speeds), "chars/s", decimals: 0)
    if !turns.fractions.isEmpty {
      try report(name + "-of-peak", Self.median(turns.fractions), "fraction", decimals: 3)
    }
  }

  private static func name(_ layers: [Int]) -> String { "\(layers.count)x\(layers[0])" }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.sorted()[values.count / 2]
  }

  /// A text of random symbols.
  private static func corpus(symbolCount: Int, length: Int) throws -> Corpus {
    let symbols = (0..<symbolCount).map { Symbol(scalar: UInt32(0x4E00 + $0)) }
    let charset = try Charset(unit: .scalar, symbols: symbols, hasUnknown: false, counts: nil)
    var random = PhiloxGenerator(seed: 1)
    let ids = try IDSequence((0..<length).map { _ in UInt16(random.below(symbolCount)) })
    return Corpus(charset: charset, ids: ids)
  }
}
