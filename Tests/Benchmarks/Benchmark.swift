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
/// does not depend on what is read. Absolute figures belong to the machine and the moment; fractions of the peak
/// measured in the same run travel better.
@main
struct Benchmark {
  let kernels: Kernels
  let workers: Workers
  let output: OutputWriter
  let wanted: [String]
  /// Floating-point operations a second of all cores, measured before anything else.
  let peaks: [Precision: Double]

  static func main() throws {
    let output = OutputWriter(descriptor: 1, name: "stdout", buffering: .lines)
    let kernels = try Kernels(environment: Terminal.processEnvironment)
    let workers = Workers(count: Machine.processorCount)
    try output.write("# isa=\(kernels.name) threads=\(workers.count)\n")
    var peaks: [Precision: Double] = [:]
    for precision in Precision.allCases {
      peaks[precision] = kernels.measuredPeak(
        precision, workers: workers, seconds: 2, clock: ProgressLine.monotonicSeconds)
    }
    let benchmark = Benchmark(
      kernels: kernels, workers: workers, output: output, wanted: Array(CommandLine.arguments.dropFirst()),
      peaks: peaks)
    for (precision, peak) in peaks.sorted(by: { $0.value < $1.value }) {
      try benchmark.report("peak-\(precision.rawValue)", peak / 1e9, "GFLOP/s", decimals: 1)
    }
    try benchmark.training()
    try benchmark.sampling()
    try output.flush()
  }

  private func training() throws {
    for layers in [[128, 128], [256, 256], [512, 512]] {
      for precision in Precision.allCases {
        try measureTraining("train-every-\(Self.name(layers))-\(precision.rawValue)") { options in
          options.layerSizes = layers
          options.precision = precision
          options.sequenceLength = 64
          options.batchSize = 64
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
    request.dropout = 0
    change(&request)
    request.earlySequenceLength = request.sequenceLength
    request.epochs = 1_000_000
    request.validationSplit = 0
    let precision = request.precision ?? .fp32
    guard kernels.has(precision),
      let peak = peaks[precision]
    else { return }
    let corpus = try Self.corpus(symbolCount: symbolCount, length: 200_000)
    let options = Recipe.standard.options(request, characterCount: corpus.ids.count, best: precision)
    let trainer = try Trainer(
      corpus, options: options, kernels: kernels, workers: workers, clock: ProgressLine.monotonicSeconds)
    let begin = ProgressLine.monotonicSeconds()
    var speeds: [Double] = []
    var last = (time: begin, characters: 0.0)
    var progress: TrainingProgress?
    var observer = TrainingObserver()
    observer.onProgress = { progress = $0 }
    observer.shouldStop = {
      let now = ProgressLine.monotonicSeconds()
      let characters = (progress?.charactersPerSecond ?? 0) * (progress?.trainingSeconds ?? 0)
      if now - last.time > 0.5 {
        speeds.append((characters - last.characters) / (now - last.time))
        last = (now, characters)
      }
      return now - begin > 4
    }
    _ = try trainer.run(observer)
    // The first half second warms caches and clocks up.
    let speed = Self.median(Array(speeds.dropFirst()))
    let operations = options.operationsPerCharacter(trainer.network.configuration)
    try report(name, speed, "chars/s", decimals: 0)
    try report(name + "-of-peak", speed * operations / peak, "fraction", decimals: 3)
  }

  private func sampling() throws {
    for layers in [[128, 128], [512, 512]] {
      let configuration = try Configuration(symbolCount: 65, layerSizes: layers)
      let parameters = Parameters(configuration)
      var random = PhiloxGenerator(seed: 1)
      parameters.initialize(.scaled, using: &random)
      let charset = try Self.corpus(symbolCount: 65, length: 65).charset
      let network = Network(parameters, kernels: kernels)
      let sampler = Sampler(temperature: 0.75, kernels: kernels)
      let name = "sample-1-\(Self.name(layers))"
      if isWanted(name) {
        let generator = TextGenerator(network, charset: charset)
        try report(
          name, rate(of: 1000) { for _ in 0..<1000 { _ = generator.next(sampler, using: &random) } },
          "chars/s",
          decimals: 0)
      }
      let many = "sample-256-\(Self.name(layers))"
      if isWanted(many),
        let peak = peaks[.fp32]
      {
        let batch = TextBatch(
          Mixture(network, charset: charset), samplers: [sampler], ends: TextEnds(length: 200), randomSeed: 1,
          workers: workers)
        let requests = (0..<256).map { TextRequest(ticket: $0, seed: [], stream: UInt64($0)) }
        let speed = rate(of: 256 * 200) { _ = batch.write(requests) }
        try report(many, speed, "chars/s", decimals: 0)
        try report(
          many + "-of-peak", speed * Double(configuration.forwardOperations) / peak, "fraction", decimals: 3)
      }
    }
  }

  /// Median characters a second of `body`, which makes `characters`, over about three seconds.
  private func rate(of characters: Int, _ body: () -> Void) -> Double {
    body()
    var speeds: [Double] = []
    let end = ProgressLine.monotonicSeconds() + 3
    while ProgressLine.monotonicSeconds() < end {
      let begin = ProgressLine.monotonicSeconds()
      body()
      speeds.append(Double(characters) / (ProgressLine.monotonicSeconds() - begin))
    }
    return Self.median(speeds)
  }

  private func isWanted(_ name: String) -> Bool {
    wanted.isEmpty || wanted.contains { name.hasPrefix($0) }
  }

  private func report(_ name: String, _ value: Double, _ unit: String, decimals: Int) throws {
    try output.write("\(name)\t\(fixed(value, decimals))\t\(unit)\n")
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
