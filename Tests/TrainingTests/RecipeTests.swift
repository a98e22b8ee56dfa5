// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Training

@Suite struct RecipeTests {
  @Test func gatesAreCoupledUnlessTheExamplesAreAskedFor() {
    for (recipe, cell) in [(Recipe.standard, CellKind.coupled), (.tfjs, .lstm)] {
      #expect(recipe.options(TrainingRequest(), characterCount: 1000, best: .fp32).cell == cell)
    }
  }

  @Test func tfjsHasTheValuesOfTheExample() {
    let options = Recipe.tfjs.options(TrainingRequest(), characterCount: 1_000_000, best: .fp32)
    #expect(options.objective == .last)
    #expect(options.layerSizes == [128, 128])
    #expect(options.optimizer == .rmsprop)
    #expect(options.learningRate == 0.01)
    #expect(options.beta2 == 0.9)
    #expect(options.epsilon == 1e-7)
    #expect(options.clip == 0)
    #expect(options.batchSize == 128)
    #expect(options.sequenceLength == 60)
    #expect(options.sampleStep == 3)
    #expect(options.examplesPerEpoch == 10_000)
    #expect(options.validationSplit == 0.0625)
    #expect(options.initialization == .keras)
    #expect(options.schedule == .constant)
  }

  @Test(arguments: Recipe.allCases)
  func whatWasAskedForIsDone(recipe: Recipe) {
    var request = TrainingRequest()
    request.layerSizes = [7]
    request.cell = .coupled
    request.objective = .last
    request.sequenceLength = 11
    request.sampleStep = 2
    request.examplesPerEpoch = 77
    request.epochs = 5
    request.batchSize = 13
    request.learningRate = 0.5
    request.optimizer = .adam
    request.clip = 3
    request.dropout = 0.25
    request.validationSplit = 0.5
    request.seed = 9
    let options = recipe.options(request, characterCount: 1000, best: .bf16)
    #expect(options.layerSizes == [7])
    #expect(options.cell == .coupled)
    #expect(options.objective == .last)
    #expect(options.sequenceLength == 11)
    #expect(options.sampleStep == 2)
    #expect(options.examplesPerEpoch == 77)
    #expect(options.epochs == 5)
    #expect(options.batchSize == 13)
    #expect(options.learningRate == 0.5)
    #expect(options.optimizer == .adam)
    #expect(options.clip == 3)
    #expect(options.dropout == 0.25)
    #expect(options.validationSplit == 0.5)
    #expect(options.precision == .bf16)
    #expect(options.seed == 9)
  }

  @Test(arguments: [2, 100, 20_000, 1_000_000, 500_000_000])
  func everyTextGetsARecipeThatCanRun(characterCount: Int) {
    let options = Recipe.standard.options(TrainingRequest(), characterCount: characterCount, best: .fp32)
    #expect((1...32).contains(options.batchSize))
    #expect((1...20).contains(options.epochs))
    #expect((128...256).contains(options.layerSizes[0]))
    #expect(options.learningRate > 0)
  }

  @Test func longerTextsGetWiderLayersUnlessTheyAreGiven() {
    var request = TrainingRequest()
    let sizes = [10_000, 300_000, 1_000_000].map {
      Recipe.standard.options(request, characterCount: $0, best: .fp32).layerSizes
    }
    #expect(sizes == [[128, 128], [192, 192], [256, 256]])
    request.layerSizes = [9]
    #expect(Recipe.standard.options(request, characterCount: 1_000_000, best: .fp32).layerSizes == [9])
  }

  @Test func shortTextsAreReadMoreOften() {
    let passes = [1e4, 1e5, 1e6, 1e7, 1e9].map { Recipe.passes(trained: $0, width: 128) }
    #expect(passes == [16, 8, 4, 2, 1])
  }

  @Test func wideLayersReadATextLessOften() {
    let passes = [64.0, 128, 256, 512].map { Recipe.passes(trained: 1e6, width: $0) }
    #expect(passes == [4, 4, 3, 2])
  }

  @Test(arguments: [128, 256, 512]) func dropoutIsForThePassesThatWillBeMade(width: Int) {
    var request = TrainingRequest()
    request.layerSizes = [width, width]
    func options() -> TrainingOptions {
      Recipe.standard.options(request, characterCount: 1_000_000, best: .fp32)
    }
    request.budget = 3600
    // With all the time in the world the passes decide, and dropout follows them.
    request.likelyPasses = 1000
    let most = options()
    #expect(most.epochs > Recipe.passes(trained: 1e6, width: Double(width)))
    #expect(most.epochs < 100)
    #expect(most.dropout == Recipe.dropout(passes: Double(most.epochs), width: Double(width)))
    // With less it is the time that decides, and the passes stay a limit.
    request.likelyPasses = 2.5
    #expect(options().dropout == Recipe.dropout(passes: 2.5, width: Double(width)))
    #expect(options().epochs == most.epochs)
    // What was asked for is neither.
    request.epochs = 2
    #expect(options().epochs == 2)
    #expect(options().dropout == Recipe.dropout(passes: 2, width: Double(width)))
  }

  @Test func windowsHaveOneTarget() {
    var request = TrainingRequest()
    request.objective = .last
    // 200,000 targets of 900,000 characters.
    #expect(Recipe.standard.options(request, characterCount: 1_000_000, best: .fp32).dropout == 0)
    // Ten times as many as there are.
    #expect(Recipe.standard.options(request, characterCount: 22_222, best: .fp32).dropout > 0)
    request.budget = 60
    request.likelyPasses = 30
    let limited = Recipe.standard.options(request, characterCount: 22_222, best: .fp32)
    #expect(limited.dropout == 0 && limited.epochs == TrainingOptions.mostEpochs)
  }

  @Test func whatIsReadOftenIsDropped() {
    #expect(Recipe.dropout(passes: 1.5, width: 1024) == 0)
    #expect(Recipe.dropout(passes: 1.6, width: 256) == 0)
    #expect(Recipe.dropout(passes: 6.5, width: 256) == 0.1)
    #expect(Recipe.dropout(passes: 6.5, width: 1024) == 0.2)
    #expect(Recipe.dropout(passes: 1000, width: 128) == 0.5)
  }

  @Test func whatIsReadOftenMakesParametersShrink() {
    for (passes, decay) in [(0.75, 0.0), (1, 0.01), (4.75, 0.12), (1000, 0.3)] {
      #expect(Recipe.weightDecay(passes: passes, ofRecords: false) == decay)
    }
    #expect(Recipe.weightDecay(passes: 4.75, ofRecords: true) == 0.03)
    var request = TrainingRequest()
    request.epochs = 5
    func options() -> TrainingOptions {
      Recipe.standard.options(request, characterCount: 1_000_000, best: .fp32)
    }
    #expect(options().weightDecay == Recipe.weightDecay(passes: 5, ofRecords: false))
    request.records = true
    #expect(options().weightDecay == Recipe.weightDecay(passes: 5, ofRecords: true))
    request.records = false
    request.weightDecay = 0.5
    #expect(options().weightDecay == 0.5)
    // RMSprop knows none.
    request.weightDecay = nil
    request.optimizer = .rmsprop
    #expect(options().weightDecay == 0)
    #expect(Recipe.tfjs.options(TrainingRequest(), characterCount: 1_000_000, best: .fp32).weightDecay == 0)
  }

  @Test func aTenthIsHeldOutAndOfALongTextAMillionCharacters() {
    func part(_ recipe: Recipe, of count: Int) -> Double {
      recipe.options(TrainingRequest(), characterCount: count, best: .fp32).validationSplit
    }
    for count in [2, 1_000_000, 10_000_000] { #expect(part(.standard, of: count) == 0.1) }
    #expect(part(.standard, of: 20_000_000) == 0.05)
    #expect(part(.standard, of: 30_000_000) == 0.0334)
    // Something is held out of any text.
    #expect(part(.standard, of: 1_000_000_000_000) == 0.0001)
    #expect(part(.tfjs, of: 20_000_000) == 0.0625)
  }

  @Test func squaresOfShortTextsAreRememberedLonger() {
    for (trained, beta2) in [(1.0, 0.998), (100_000, 0.998), (250_000, 0.995), (500_000, 0.99), (1e9, 0.99)] {
      #expect(Recipe.beta2(trained: trained) == beta2)
    }
    var request = TrainingRequest()
    request.validationSplit = 0.5
    func options() -> TrainingOptions {
      Recipe.standard.options(request, characterCount: 500_000, best: .fp32)
    }
    #expect(options().beta2 == 0.995)
    #expect(options().epsilon == 1e-8)
    request.beta2 = 0.5
    #expect(options().beta2 == 0.5)
    // RMSprop has its own.
    request.beta2 = nil
    request.optimizer = .rmsprop
    #expect(options().beta2 == 0.9)
  }

  @Test func widerLayersTakeSmallerStepsThanWhatIsAroundThem() {
    var request = TrainingRequest()
    func options(_ size: Int, _ recipe: Recipe = .standard) -> TrainingOptions {
      request.layerSizes = [size, size]
      return recipe.options(request, characterCount: 1_000_000, best: .fp32)
    }
    #expect(options(64).innerRate == 0.4)
    #expect(options(128).innerRate == 0.4)
    #expect(options(512).innerRate == 0.2)
    #expect(options(512).learningRate == options(64).learningRate)
    #expect(options(128, .tfjs).innerRate == 1)
    request.optimizer = .rmsprop
    #expect(options(128).innerRate == 1)
  }

  @Test func chunksAreShortEarly() {
    var request = TrainingRequest()
    let options = Recipe.standard.options(request, characterCount: 100_000, best: .fp32)
    #expect(options.earlySequenceLength < options.sequenceLength)
    #expect(options.chunksTogether == options.sequenceLength / options.earlySequenceLength)
    request.sequenceLength = 8
    #expect(Recipe.standard.options(request, characterCount: 100_000, best: .fp32).chunksTogether == 1)
    #expect(Recipe.tfjs.options(TrainingRequest(), characterCount: 100_000, best: .fp32).chunksTogether == 1)
  }
}

@Suite struct ScheduleTests {
  /// The rates of a run of 1000 updates.
  private func rates(_ schedule: Schedule, cooldown: Double = 0) -> [Double] {
    (0..<1000).map { schedule.factor(step: $0, done: Double($0) / 1000, cooldown: cooldown) }
  }

  @Test func cosineRisesThenFallsToAHundredth() {
    let rates = rates(.cosine)
    #expect(rates[0] > 0 && rates[0] < 0.05)
    #expect(abs(rates[50] - 1) < 0.01)
    #expect(abs(rates[500] - 0.505) < 0.01)
    #expect(abs(rates[999] - 0.01) < 0.001)
    #expect(zip(rates, rates.dropFirst()).prefix(49).allSatisfy { $0 < $1 })
    #expect(zip(rates, rates.dropFirst()).dropFirst(50).allSatisfy { $0 > $1 })
  }

  @Test func trapezoidStaysAndThenFallsStraight() {
    let rates = rates(.trapezoid, cooldown: 0.4)
    #expect(rates[0] > 0 && rates[0] < 0.05)
    #expect(rates[100...600].allSatisfy { $0 == 1 })
    #expect(abs(rates[800] - 0.505) < 0.01)
    #expect(abs(rates[999] - 0.01) < 0.005)
  }

  @Test func constantStays() {
    #expect(rates(.constant).allSatisfy { $0 == 1 })
  }

  @Test(arguments: Schedule.allCases) func everyUpdateHasSomeRate(schedule: Schedule) {
    #expect(schedule.factor(step: 0, done: 0, cooldown: 0) > 0)
    #expect(schedule.factor(step: 10, done: 1, cooldown: 0) > 0)
  }
}
