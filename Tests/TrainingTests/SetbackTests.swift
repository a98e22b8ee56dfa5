// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Training

@Suite struct SetbackTests {
  private func run(_ options: TrainingOptions, threads: Int = 1) throws -> (Trainer, [Setback], gaveUp: Bool)
  {
    let trainer = try Verse.trainer(options, threads: threads)
    var setbacks: [Setback] = []
    var observer = TrainingObserver()
    observer.onSetback = { setbacks.append($0) }
    do {
      _ = try trainer.run(observer)
      return (trainer, setbacks, false)
    } catch is TrainingError {
      return (trainer, setbacks, true)
    }
  }

  @Test func aRateThatIsTooHighIsLoweredUntilTheNetworkLearns() throws {
    let options = Verse.options { $0.learningRate = 5 }
    let (trainer, setbacks, gaveUp) = try run(options)
    #expect(!gaveUp)
    #expect((1...5).contains(setbacks.count))
    #expect(setbacks.map(\.rateFactor) == setbacks.indices.map { 1 / Double(2 << $0) })
    #expect(setbacks.allSatisfy { $0.goodStep < $0.step })
    #expect(try #require(trainer.saved?.heldOutNats) < 3)
    let shared = try run(options, threads: 3)
    #expect(shared.1 == setbacks)
    #expect(
      Array(trainer.network.parameters.values.elements) == Array(shared.0.network.parameters.values.elements))
  }

  @Test func afterFiveSetbacksTheLastGoodModelIsLeft() throws {
    var options = Verse.options { $0.optimizer = .rmsprop }
    // More than a person may ask for, and more than a float holds.
    options.learningRate = 1e39
    let (trainer, setbacks, gaveUp) = try run(options)
    #expect(gaveUp)
    #expect(setbacks.count == 5)
    #expect(setbacks.allSatisfy { !$0.nats.isFinite || $0.nats > 10 })
    let fresh = try Verse.trainer(options)
    #expect(
      Array(trainer.network.parameters.values.elements) == Array(fresh.network.parameters.values.elements))
    #expect(trainer.saved?.step == 0)
  }

  @Test(arguments: [
    "one two three\nfour five six\n", "ab", "aaaaaaaaaaaaaaaaaaaaaab", "a",
  ])
  func healthyTrainingIsNeverSetBack(line: String) throws {
    let corpus = try Verse.corpus(String(repeating: line, count: 1600 / line.utf8.count))
    for objective in Objective.allCases {
      let options = Verse.options {
        $0.objective = objective
        $0.epochs = 20
      }
      let trainer = try Verse.trainer(options, corpus: corpus)
      var observer = TrainingObserver()
      observer.onSetback = { Issue.record("set back: \($0)") }
      _ = try trainer.run(observer)
    }
  }

  @Test func aTextThatBecomesHardIsNoTrouble() throws {
    // Nearly all of it says nothing; then come characters that nobody can foresee.
    var random = PhiloxGenerator(seed: 3)
    let hard = (0..<300).map { _ in String(UnicodeScalar(UInt8(65 + random.below(50)))) }.joined()
    let text = String(repeating: "a", count: 3000) + hard + String(repeating: "a", count: 700)
    let options = Verse.options {
      $0.batchSize = 1
      $0.epochs = 3
    }
    let trainer = try Verse.trainer(options, corpus: Verse.corpus(text))
    var observer = TrainingObserver()
    observer.onSetback = { Issue.record("set back: \($0)") }
    _ = try trainer.run(observer)
  }
}

@Suite struct DivergenceWatchTests {
  private func watch(_ losses: [Double], frequencyCost: Double = 3) -> DivergenceWatch {
    var watch = DivergenceWatch()
    for loss in losses { watch.note(loss: loss, frequencyCost: frequencyCost, weight: 8) }
    return watch
  }

  @Test func aLossFarAboveItsBestAndThatOfFrequenciesIsABlowUp() {
    let learned = [Double](repeating: 1.5, count: 300)
    #expect(!watch(learned).isBlownUp)
    #expect(watch(learned).isCalm)
    #expect(watch(learned + [Double](repeating: 6, count: 60)).isBlownUp)
    // Worse than before, but still more than frequencies tell.
    #expect(!watch(learned + [Double](repeating: 2.8, count: 200)).isBlownUp)
    // A single loss is no blow-up, but no state to come back to either.
    #expect(!watch(learned + [40]).isBlownUp)
    #expect(!watch(learned + [40]).isCalm)
  }

  @Test func aLossThatNoBeginnerHasIsAbsurd() {
    #expect(!watch([11]).isAbsurd)
    #expect(watch([4, 80, 90]).isAbsurd)
  }
}
