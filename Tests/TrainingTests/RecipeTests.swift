// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Training

@Suite struct RecipeTests {
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
    #expect((1...40).contains(options.epochs))
    #expect(options.learningRate > 0)
  }
}

@Suite struct ScheduleTests {
  @Test func cosineRisesThenFallsToAHundredth() {
    let rates = (0..<1000).map { Schedule.cosine.factor(step: $0, total: 1000) }
    #expect(rates[0] > 0 && rates[0] < 0.05)
    #expect(abs(rates[50] - 1) < 0.01)
    #expect(abs(rates[525] - 0.505) < 0.01)
    #expect(abs(rates[999] - 0.01) < 0.001)
    #expect(zip(rates, rates.dropFirst()).prefix(49).allSatisfy { $0 < $1 })
    #expect(zip(rates, rates.dropFirst()).dropFirst(50).allSatisfy { $0 > $1 })
  }

  @Test func constantStays() {
    #expect((0..<10).allSatisfy { Schedule.constant.factor(step: $0, total: 10) == 1 })
  }

  @Test func aSingleUpdateHasTheFullRate() {
    #expect(Schedule.cosine.factor(step: 0, total: 1) == 1)
  }
}
