// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import Testing

@testable import Training

private func options(_ change: (inout TrainingRequest) -> Void = { _ in }) -> TrainingOptions {
  var request = TrainingRequest()
  request.layerSizes = [17, 9]
  request.sequenceLength = 12
  request.batchSize = 8
  request.epochs = 3
  request.precision = .fp32
  change(&request)
  return Recipe.standard.options(request, characterCount: Verse.text.utf8.count, best: .fp32)
}

/// The parameters and the reports of a run.
private func train(
  _ corpus: Corpus, _ options: TrainingOptions, threads: Int = 1, kernels: Kernels = .best,
  stopAfter: Int = .max
) throws -> (parameters: [Float], reports: [EpochReport], ending: Trainer.Ending) {
  var time = 0.0
  let trainer = try Trainer(
    corpus, options: options, kernels: kernels, workers: Workers(count: threads),
    clock: {
      time += 1
      return time
    })
  var reports: [EpochReport] = []
  var observer = TrainingObserver()
  observer.onReport = { reports.append($0) }
  observer.shouldStop = { trainer.step >= stopAfter }
  let ending = try trainer.run(observer)
  return (Array(trainer.network.parameters.values.elements), reports, ending)
}

@Suite struct TrainerTests {
  @Test(arguments: Objective.allCases)
  func aRepeatedVerseIsLearned(objective: Objective) throws {
    let options = options {
      $0.objective = objective
      $0.layerSizes = [32]
      $0.epochs = 12
      $0.examplesPerEpoch = 256
    }
    let reports = try train(Verse.corpus(), options).reports
    #expect(reports.count == 12)
    let first = try #require(reports.first?.heldOutNats)
    let last = try #require(reports.last?.heldOutNats)
    #expect(first > 0.5)
    #expect(last < 0.1)
    #expect(try #require(reports.last).trainNats < 0.3)
  }

  @Test(arguments: Objective.allCases, [(0, CellKind.lstm), (0.3, .lstm), (0.3, .coupled)])
  func theNumberOfThreadsChangesNoBit(objective: Objective, part: (dropout: Double, cell: CellKind)) throws {
    for level in Kernels.levels {
      let kernels = try Kernels(named: level)
      for precision in Precision.allCases where kernels.has(precision) {
        let options = options {
          $0.objective = objective
          $0.cell = part.cell
          $0.dropout = part.dropout
          $0.precision = precision
          $0.batchSize = 37
          $0.examplesPerEpoch = 37 * 3
        }
        let text = try Verse.corpus()
        let alone = try train(text, options, threads: 1, kernels: kernels)
        let shared = try train(text, options, threads: 3, kernels: kernels)
        #expect(alone.parameters == shared.parameters)
        #expect(alone.reports.map(\.heldOutNats) == shared.reports.map(\.heldOutNats))
      }
    }
  }

  /// Four shards: one or two threads run two side by side each, three and four run them one by one.
  @Test(arguments: CellKind.allCases) func shardsSideBySideAreWhatTheyAreAlone(cell: CellKind) throws {
    let options = options {
      $0.layerSizes = [9, 384]
      $0.cell = cell
      $0.dropout = 0.2
      $0.sequenceLength = 4
      $0.batchSize = 64
      $0.epochs = 1
    }
    let configuration = try Configuration(symbolCount: 3, layerSizes: options.layerSizes)
    let network = Network(
      Parameters(configuration), kernels: .best, forTraining: true, isCoupled: cell == .coupled)
    #expect(network.isBetterTogether)
    #expect(GradientStep.shardCount(batchRows: 64) == 4)
    let runs = try [1, 2, 3, 4].map { try train(Verse.corpus(), options, threads: $0) }
    for run in runs {
      #expect(run.parameters == runs[3].parameters)
      #expect(run.reports.map(\.heldOutNats) == runs[3].reports.map(\.heldOutNats))
    }
  }

  @Test(arguments: [0, 0.9]) func coupledGatesStayCoupled(averaging: Double) throws {
    let options = options {
      $0.cell = .coupled
      $0.averaging = averaging
      $0.weightDecay = 0.1
    }
    let trainer = try Trainer(
      Verse.corpus(), options: options, kernels: .best, workers: Workers(count: 2), clock: { 0 })
    let before = trainer.network.parameters.copy()
    #expect(before.areCoupled && trainer.network.isCoupled)
    _ = try trainer.run(TrainingObserver())
    let parameters = trainer.network.parameters
    #expect(parameters.areCoupled)
    for tensor in parameters.layout.tensors {
      #expect(!before[tensor].elementsEqual(parameters[tensor]), "\(tensor.name) has learned nothing")
    }
  }

  @Test func onlyTheTableAndTheDecoderLearnAtAnInnerRateOfZero() throws {
    func moved(innerRate: Double) throws -> [String] {
      let options = options {
        $0.innerRate = innerRate
        $0.epochs = 1
      }
      let trainer = try Trainer(
        Verse.corpus(), options: options, kernels: .best, workers: Workers(count: 2), clock: { 0 })
      let parameters = trainer.network.parameters
      let before = parameters.copy()
      _ = try trainer.run(TrainingObserver())
      return parameters.layout.tensors.filter { !before[$0].elementsEqual(parameters[$0]) }.map(\.name)
    }
    #expect(try moved(innerRate: 0) == ["lstm.weight_ih_l0", "decoder.weight", "decoder.bias"])
    #expect(try moved(innerRate: 0.4).count == 8)
  }

  @Test func anotherSeedGivesAnotherModel() throws {
    let text = try Verse.corpus()
    let one = try train(text, options { $0.seed = 1 }).parameters
    let same = try train(text, options { $0.seed = 1 }).parameters
    let other = try train(text, options { $0.seed = 2 }).parameters
    #expect(one == same)
    #expect(one != other)
  }

  @Test func theEndIsHeldOutAndNeverTrainedOn() throws {
    let seen = String(repeating: "ab", count: 300)
    let options = options {
      $0.validationSplit = 0.25
      // One check alone: of several the best would be kept, which may be another one.
      $0.epochs = 1
    }
    let one = try train(Verse.corpus(seen + String(repeating: "ba", count: 100)), options)
    let other = try train(Verse.corpus(seen + String(repeating: "aa", count: 100)), options)
    #expect(one.parameters == other.parameters)
    #expect(one.reports.map(\.heldOutNats) != other.reports.map(\.heldOutNats))
  }

  @Test func twoCharactersAreEnoughAndOneIsNot() throws {
    #expect(try train(Verse.corpus("ab"), options()).ending == .done)
    #expect(throws: TextError.tooShort(source: nil, count: 1, needed: 2)) {
      try train(Verse.corpus("a"), options())
    }
  }

  @Test func aRunThatIsToldToStopStopsBeforeTheNextUpdate() throws {
    let stopped = try train(Verse.corpus(), options { $0.epochs = 1000 }, stopAfter: 5)
    #expect(stopped.ending == .stopped)
    #expect(stopped.reports.map(\.step) == [5])
    let whole = try train(Verse.corpus(), options { $0.epochs = 1 })
    #expect(stopped.parameters != whole.parameters)
  }

  @Test func aRunThatDoesNotFitIsRefusedBeforeMemoryIsTaken() throws {
    let text = try Verse.corpus()
    var large = options {
      $0.objective = .last
      $0.batchSize = 65_536
      $0.sequenceLength = 1_048_576
    }
    func trainer() throws -> Trainer {
      try Trainer(
        text, options: large, kernels: .best, workers: Workers(count: 1), memoryLimit: 1 << 30, clock: { 0 })
    }
    #expect(throws: TrainingError.self) { try trainer() }
    large.layerSizes = [16_384, 16_384]
    large.batchSize = 1
    #expect(throws: TrainingError.self) { try trainer() }
    large.layerSizes = [17, 9]
    #expect(try trainer().step == 0)
  }

  @Test func withoutEpochsTheModelAsItBeginsIsMeasured() throws {
    let trainer = try Trainer(
      Verse.corpus(), options: options { $0.epochs = 0 }, kernels: .best, workers: Workers(count: 1),
      clock: { 0 })
    #expect(try trainer.run(TrainingObserver()) == .done)
    let loss = try #require(trainer.lastReport?.heldOutNats)
    #expect((1...6).contains(loss))
  }

  @Test func aBatchIsCutIntoShardsByItsRowsAlone() {
    #expect([1, 2, 16, 32, 40, 64, 1000].map(GradientStep.shardCount(batchRows:)) == [1, 2, 2, 2, 3, 4, 8])
  }

  @Test func theUpdateOfABatchIsMadeFromTheGradientsOfAllItsRows() throws {
    // Every row reads the same text: the mean gradient is that of one row, however many shards share the rows.
    let text = try Verse.corpus(String(repeating: "abcdefgh", count: 8))
    func firstStep(rows: Int) throws -> GradientStep.Outcome {
      var request = TrainingRequest()
      request.layerSizes = [11]
      request.dropout = 0
      let options = Recipe.standard.options(request, characterCount: 64, best: .fp32)
      let parameters = Parameters(try Configuration(symbolCount: 8, layerSizes: [11]))
      var random = PhiloxGenerator(seed: 5)
      parameters.initialize(.scaled, using: &random)
      let network = Network(parameters, kernels: .best, forTraining: true)
      let step = GradientStep(
        network, optimizer: Optimizer(options, count: parameters.values.count), options: options,
        batchRows: rows,
        steps: 8, decoded: 8, workers: Workers(count: 2))
      return step.run(
        GradientStep.Batch(
          steps: 8, decoded: 0..<8,
          fill: { rows, inputs, targets in
            for time in 0..<8 {
              for column in 0..<rows.count {
                inputs[time * rows.count + column] = UInt16(text.ids[time])
                targets[time * rows.count + column] = UInt16(text.ids[time + 1])
              }
            }
            return ChunkBeginnings()
          }, carriesState: false), step: 0, rate: 0.01)
    }
    let one = try firstStep(rows: 1)
    #expect(one.gradientNorm > 0.1)
    for rows in [2, 5, 33, 100] {
      let many = try firstStep(rows: rows)
      #expect(abs(many.loss - one.loss) < 1e-5)
      #expect(abs(many.gradientNorm - one.gradientNorm) < 1e-4 * one.gradientNorm)
    }
  }
}
