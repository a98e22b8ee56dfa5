// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Training

private func advice(
  _ heldOut: [Double], learned: Double, nGram: Double? = nil, characters: Int = 1_000_000,
  hardness: Double = 0, parameters: Int = 240_000, passes: Double = 4, dropout: Double = 0.15
) -> TrainingAdvice {
  TrainingAdvice(
    TrainingAdvice.Evidence(
      checks: heldOut, heldOut: heldOut.min() ?? .nan, learned: learned, hardness: hardness, bestNGram: nGram,
      trainingCharacters: characters, parameters: parameters, passes: passes, dropout: dropout))
}

@Suite struct TrainingAdviceTests {
  // Losses as they were measured on tinyshakespeare, or near them.
  @Test func onePassOfASmallNetworkAsksForTime() {
    let found = advice([1.64], learned: 1.60, nGram: 1.65, passes: 1)
    #expect(found.finding == .hurried)
    #expect(
      found.sentences?.contains("after one pass: more time would likely help, and then a bigger model.")
        == true)
  }

  @Test func aSmallNetworkThatHasReadItsTextOftenAsksForSize() {
    let found = advice([1.7, 1.6, 1.55], learned: 1.36, hardness: 0.13, passes: 8)
    #expect(found.finding == .small)
    #expect(found.sentences?.contains("a bigger model would likely help most") == true)
  }

  @Test func whatTheOtherTextIsHarderInItselfIsNoMemorizing() {
    // 64 units have no room for a million characters.
    let found = advice([1.76], learned: 1.59, hardness: 0.13, parameters: 37_505, passes: 4)
    #expect(found.finding == .small)
    #expect(found.sentences?.contains("1.76 on other text, which is 0.13 harder in itself") == true)
    #expect(advice([1.76], learned: 1.60, parameters: 37_505).finding == .balanced)
  }

  @Test func aLargeNetworkThatKnowsItsTextAsksForMoreText() {
    let found = advice([1.5, 1.46, 1.452], learned: 1.1, parameters: 3_400_000, passes: 8)
    #expect(found.finding == .memorizing)
    #expect(found.sentences?.contains("More text would likely help most") == true)
  }

  @Test(arguments: [
    advice([1.188], learned: 0.98, hardness: 0.05, parameters: 728_335, dropout: 0.2),
    advice([1.073], learned: 0.76, hardness: 0.08, parameters: 711_520, passes: 3, dropout: 0.15),
    advice([1.587], learned: 1.45, passes: 8, dropout: 0.3),
    advice([1.6, 1.5, 1.58], learned: 1.0),
  ])
  func whoHasUsedDropoutIsNotToldToUseMore(found: TrainingAdvice) throws {
    // The first two are the models deutsch and swift, which more dropout made worse.
    #expect(try !#require(found.sentences).contains("dropout"))
  }

  @Test(arguments: [[1.3, 1.2], [1.6, 1.5, 1.58]])
  func whoHasUsedNoneIsToldOfIt(checks: [Double]) throws {
    let sentences = try #require(advice(checks, learned: 0.9, dropout: 0).sentences)
    #expect(sentences.contains("ore text or --dropout, of which there was none, would likely help"))
  }

  @Test func aLossThatRoseAgainAsksForFewerPasses() {
    let found = advice([1.6, 1.5, 1.58], learned: 1.0)
    guard case .rising(let rise) = found.finding else {
      Issue.record("\(found.finding)")
      return
    }
    #expect(abs(rise - 0.08) < 1e-9)
    #expect(found.sentences?.contains("rose by 0.08 nats after") == true)
    #expect(found.sentences?.contains("so would fewer passes") == true)
  }

  @Test func aLossThatOnlyWaversIsNotRising() {
    #expect(advice([1.50, 1.495, 1.505], learned: 1.37).finding == .balanced)
  }

  @Test func whoIsBehindAnNGramModelIsToldSo() {
    let hurried = advice([1.9], learned: 1.88, nGram: 1.52, passes: 1)
    #expect(hurried.finding == .behindNGrams)
    #expect(hurried.sentences == "An n-gram model still does better: more time would likely help most.")
    let small = advice([1.9], learned: 1.88, nGram: 1.52, passes: 10)
    #expect(small.sentences?.contains("a bigger model") == true)
  }

  @Test func theGapDecidesAndNotTheTrainingLossUnderDropout() {
    // Under dropout the reported loss may lie above the held-out one; what counts is measured without.
    #expect(advice([1.469], learned: 1.22, hardness: 0.13, parameters: 900_000).finding == .balanced)
  }

  @Test func withoutMeasuresThereIsNoAdvice() {
    #expect(advice([], learned: 1).sentences == nil)
    #expect(advice([.nan], learned: 1).sentences == nil)
    #expect(advice([1], learned: .nan).sentences == nil)
    #expect(advice([0], learned: 0).sentences != nil)
  }
}

@Suite struct TrainingCostTests {
  @Test func aTrainedCharacterTakesThreeForwardPassesOfProducts() throws {
    let configuration = try Configuration(symbolCount: 65, layerSizes: [128, 128])
    var request = TrainingRequest()
    request.cell = .lstm
    var options = Recipe.standard.options(request, characterCount: 1000, best: .fp32)
    // Recurrent, input of the upper layer, recurrent, decoder: 2 operations each.
    let products = 128 * 512.0 + 128 * 512 + 128 * 512
    #expect(options.operationsPerCharacter(configuration) == 6 * (products + 65 * 128))
    request.cell = .coupled
    options = Recipe.standard.options(request, characterCount: 1000, best: .fp32)
    #expect(options.operationsPerCharacter(configuration) == 6 * (0.75 * products + 65 * 128))
    request.cell = .lstm
    request.objective = .last
    options = Recipe.standard.options(request, characterCount: 1000, best: .fp32)
    #expect(options.operationsPerCharacter(configuration) == 6 * (products + 65 * 128 / 60.0))
  }

  @Test func noSpeedIsMoreThanTheLimit() throws {
    let configuration = try Configuration(symbolCount: 65, layerSizes: [128, 128])
    let options = Recipe.standard.options(TrainingRequest(), characterCount: 1000, best: .fp32)
    let operations = options.operationsPerCharacter(configuration)
    func fraction(_ speed: Double, _ peak: Double) -> Double? {
      options.fractionOfPeak(speed, peak: peak, configuration)
    }
    #expect(try abs(#require(fraction(100_000, operations * 400_000)) - 0.25) < 1e-9)
    #expect(fraction(100_000, operations * 99_000) == nil)
    #expect(fraction(100_000, 0) == nil)
    #expect(fraction(0, operations) == nil && fraction(0, 0) == nil)
  }
}
