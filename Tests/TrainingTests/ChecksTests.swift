// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import Training

@Suite struct CheckPlanTests {
  @Test func aShortRunIsCheckedAtTheEndsOfItsEpochsOnAllThatIsHeldOut() {
    let plan = CheckPlan.epochs(3, heldOut: 500, placeCost: 0.35, batches: 20, batchSize: 200)
    #expect(plan == CheckPlan(perEpoch: 1, sample: 500))
    #expect((0...20).filter { plan.isDue(after: $0 - 1..<$0, of: 20) } == [20])
  }

  @Test func aLongEpochIsCheckedOnTheWay() {
    let plan = CheckPlan.epochs(2, heldOut: 100_000, placeCost: 0.6, batches: 5000, batchSize: 1024)
    #expect(plan.perEpoch == 10)
    let due = (0...5000).filter { plan.isDue(after: $0 - 1..<$0, of: 5000) }
    #expect(due.count == 10)
    #expect(due.last == 5000)
    #expect(zip(due, due.dropFirst()).allSatisfy { $1 - $0 == 500 })
  }

  @Test(arguments: [1, 4, 40, 1000], [20_000, 1_000_000, 100_000_000])
  func checksTakeAFewPercent(epochs: Int, corpus: Int) {
    let heldOut = corpus / 10
    let plan = CheckPlan.epochs(
      epochs, heldOut: heldOut, placeCost: 0.6, batches: max(1, corpus / 1000), batchSize: 1000)
    let cost = 0.6 * Double(plan.sample * plan.perEpoch * epochs)
    #expect(cost <= 0.061 * Double(epochs * corpus))
    #expect(plan.sample <= heldOut && plan.sample >= min(heldOut, CheckPlan.fewest))
  }

  @Test func nothingHeldOutIsNothingToMeasure() {
    #expect(
      CheckPlan.epochs(4, heldOut: 0, placeCost: 0.6, batches: 5000, batchSize: 1024)
        == CheckPlan(perEpoch: 1, sample: 0))
  }

  @Test func withABudgetChecksAreFewerWhereTheMachineIsSlow() {
    func checks(_ seconds: Double, _ speed: Double) -> (checks: Int, sample: Int) {
      CheckPlan.budget(seconds: seconds, speed: speed, heldOut: 111_539, placeCost: 0.6)
    }
    #expect(checks(60, 200_000).checks == 10)
    #expect(checks(600, 200_000).checks == 20)
    #expect(checks(1, 20_000) == (1, 8192))
    for (seconds, speed) in [(2.0, 200_000.0), (60, 20_000), (3600, 10_000)] {
      let (checks, sample) = checks(seconds, speed)
      #expect(Double(checks * sample) * 0.6 / speed <= 0.06 * seconds)
    }
  }
}

@Suite struct BestModelTests {
  /// A held-out part that contradicts what is learned: the longer, the worse.
  private static let seen = String(repeating: "ab", count: 900)
  private static let unseen = String(repeating: "aabb", count: 50)

  private func run(_ change: (inout TrainingRequest) -> Void) throws -> (
    Trainer, [EpochReport], Trainer.Ending
  ) {
    let options = Verse.options {
      $0.validationSplit = 0.1
      change(&$0)
    }
    let trainer = try Verse.trainer(options, corpus: Verse.corpus(Self.seen + Self.unseen))
    var reports: [EpochReport] = []
    var observer = TrainingObserver()
    observer.onReport = { reports.append($0) }
    let ending = try trainer.run(observer)
    return (trainer, reports, ending)
  }

  @Test func theModelOfTheBestCheckIsSaved() throws {
    let (trainer, reports, ending) = try run { $0.epochs = 6 }
    #expect(ending == .done)
    let best = try #require(reports.min { $0.heldOutNats! < $1.heldOutNats! })
    #expect(best.step < trainer.step)
    #expect(trainer.saved?.step == best.step)
    #expect(trainer.saved?.heldOutNats == best.heldOutNats)
    #expect(trainer.heldOutScore()?.natsPerCharacter == best.heldOutNats)
    let record = trainer.model(programVersion: "1").training
    #expect(record?.steps == best.step)
    #expect(record?.heldOutNats == best.heldOutNats)
  }

  @Test func aRunEndsWhenItsPatienceDoes() throws {
    let (trainer, reports, ending) = try run {
      $0.epochs = 50
      $0.patience = 3
    }
    #expect(ending == .outOfPatience)
    let best = try #require(reports.indices.min { reports[$0].heldOutNats! < reports[$1].heldOutNats! })
    #expect(reports.count == best + 4)
    #expect(trainer.saved?.step == reports[best].step)
  }

  @Test func runsOfThousandsOfEpochsHaveSomePatienceUnlessToldOtherwise() {
    #expect(Verse.options { $0.epochs = 1000 }.patience == 0)
    #expect(Verse.options { $0.epochs = 1001 }.patience == 100)
    #expect(
      Verse.options {
        $0.epochs = 5000
        $0.patience = 0
      }.patience == 0)
  }

  @Test func withNothingHeldOutTheLastModelIsSaved() throws {
    let (trainer, reports, _) = try run { $0.validationSplit = 0 }
    #expect(reports.allSatisfy { $0.heldOutNats == nil })
    #expect(trainer.saved?.step == trainer.step)
  }
}

@Suite struct AveragingTests {
  @Test func theAverageIsWhatIsMeasuredAndSaved() throws {
    let plain = try Verse.trainer(Verse.options { $0.epochs = 2 })
    let averaged = try Verse.trainer(
      Verse.options {
        $0.epochs = 2
        $0.averaging = 0.95
      })
    _ = try plain.run(TrainingObserver())
    _ = try averaged.run(TrainingObserver())
    // The same updates were made; only what is shown differs.
    let trained = try #require(averaged.numbers[.parameters])
    #expect(Array(trained.elements) == Array(plain.network.parameters.values.elements))
    #expect(Array(trained.elements) != Array(averaged.network.parameters.values.elements))
    #expect(averaged.lastReport?.heldOutNats != plain.lastReport?.heldOutNats)
  }

  @Test func threadsChangeNoBitOfIt() throws {
    let options = Verse.options { $0.averaging = 0.99 }
    let models = try [1, 3].map { threads in
      let trainer = try Verse.trainer(options, threads: threads)
      _ = try trainer.run(TrainingObserver())
      return Array(trainer.network.parameters.values.elements)
    }
    #expect(models[0] == models[1])
  }
}

@Suite struct BudgetTests {
  @Test func aRunEndsWithItsTime() throws {
    for seconds in [3.0, 20] {
      var time = 100.0
      let trainer = try Trainer(
        Verse.corpus(), options: Verse.budget(seconds), kernels: .best,
        workers: Workers(count: 1), programStart: 99.5,
        clock: {
          time += 0.001
          return time
        })
      var rates: [Double] = []
      var last = 0.0
      var observer = TrainingObserver()
      observer.onReport = { rates.append($0.learningRate) }
      observer.onProgress = { last = $0.fraction }
      #expect(try trainer.run(observer) == .done)
      #expect(last > 0.99 && last <= 1)
      let report = try #require(trainer.lastReport)
      #expect(report.seconds <= seconds && report.seconds > 0.98 * seconds)
      #expect(report.epochs == 0)
      #expect(rates.count > 3 && rates.count <= 11)
      #expect(zip(rates.dropFirst(2), rates.dropFirst(3)).allSatisfy { $0 >= $1 }, "\(rates)")
      #expect(try #require(rates.last) < 0.02 * trainer.options.learningRate)
    }
  }

  @Test func theEndOfTheTextIsReadLast() throws {
    // An update takes a hundredth of a second: so much of the last pass, which would end in the middle.
    for seconds in [3.0, 3.4, 0.5] {
      let (trainer, _) = try runWithSkips(Verse.budget(seconds))
      let position = trainer.position
      let count = trainer.source.batchCount
      let passes = position.passes(batches: count)
      #expect(position.skipped > count / 20)
      #expect(
        count - position.batch < count / 10 || position.batch < count / 10, "\(position.batch) of \(count)")
      let read = Double(position.trainedCharacters) / Double(trainer.trainingRange.count)
      #expect(abs(passes - read) < 0.01, "\(seconds): \(passes) passes, of which \(read) were read")
    }
  }

  @Test func aRunThatPassedOverTextDidNotMakeAllPasses() throws {
    var options = Verse.budget(3.4)
    options.epochs = try runWithSkips(options).trainer.position.epoch
    let (trainer, ending) = try runWithSkips(options)
    #expect(trainer.position.epoch == options.epochs && trainer.position.batch == trainer.source.batchCount)
    #expect(trainer.position.skipped > 0 && ending == .done)
  }

  /// A run over a text of some passes, by a clock that goes on whenever it is looked at.
  private func runWithSkips(_ options: TrainingOptions) throws -> (trainer: Trainer, ending: Trainer.Ending) {
    var time = 0.0
    let trainer = try Verse.trainer(
      options, corpus: Verse.corpus(String(repeating: Verse.text, count: 10)),
      clock: {
        time += 0.001
        return time
      })
    return (trainer, try trainer.run(TrainingObserver()))
  }

  @Test func enoughPassesEndARunBeforeItsTime() throws {
    var time = 0.0
    var options = Verse.budget(10_000)
    options.epochs = 3
    let trainer = try Verse.trainer(
      options,
      clock: {
        time += 0.001
        return time
      })
    var rates: [Double] = []
    var fractions: [Double] = []
    var left = 0.0
    var observer = TrainingObserver()
    observer.onReport = { rates.append($0.learningRate) }
    observer.onProgress = {
      fractions.append($0.fraction)
      left = $0.secondsLeft
    }
    #expect(try trainer.run(observer) == .outOfPasses)
    #expect(time < 1000 && left < 0.1)
    #expect(fractions.last == 1 && fractions.contains { (0.4...0.6).contains($0) })
    #expect(rates.count > 3 && rates.count <= 21)
    // The schedule follows the passes.
    #expect(try #require(rates.last) < 0.02 * options.learningRate)
  }

  @Test func whatIsLeftOfABudgetIsUsedWhenItIsResumed() throws {
    var time = 0.0
    let clock = {
      time += 0.001
      return time
    }
    let options = Verse.budget(10)
    let trainer = try Verse.trainer(options, clock: clock)
    var observer = TrainingObserver()
    observer.shouldStop = { time > 6 }
    _ = try trainer.run(observer, checkpoints: .updates(1))
    let checkpoint = try Checkpoint(trainer.checkpoint(programVersion: "1"))
    #expect(checkpoint.options == options)
    time = 1000
    let resumed = try Verse.trainer(options, .checkpoint(checkpoint), clock: clock)
    #expect(try resumed.run(TrainingObserver()) == .done)
    #expect((1003...1005.5).contains(time))
    #expect(try #require(resumed.lastReport).seconds > 9.8)
  }

  @Test func theScheduleFollowsTheTime() {
    let schedule = Schedule.cosine
    #expect(schedule.factor(step: 0, done: 0.1, begun: 0.1, cooldown: 0) < 0.02)
    #expect(schedule.factor(step: 5, done: 0.2, begun: 0.1, cooldown: 0) > 0.9)
    #expect(abs(schedule.factor(step: 5000, done: 0.5, begun: 0.01, cooldown: 0) - 0.505) < 1e-9)
    #expect(abs(schedule.factor(step: 5000, done: 1.5, begun: 0.01, cooldown: 0) - 0.01) < 1e-9)
    #expect(Schedule.constant.factor(step: 0, done: 0, begun: 0, cooldown: 0) == 1)
  }

  @Test func moreTimeAndMoreTextGetWiderLayers() {
    var last = 0
    for affordable in [0, 1e5, 1e6, 1e7, 1e8, 1e9, 1e11] {
      let sizes = Recipe.layerSizes(charactersAffordable: affordable, trained: 1e9)
      #expect(sizes.count == 2 && sizes[0] >= last)
      last = sizes[0]
    }
    #expect(last > 256)
    #expect(Recipe.layerSizes(charactersAffordable: 1e12, trained: 20_000) == [128, 128])
    // Measured: 512 units learn a million characters by heart in two passes.
    #expect(Recipe.layerSizes(charactersAffordable: 6e7, trained: 1e6) == [384, 384])
  }

  @Test func theMachinesSpeedIsFoundByTrainingALittle() throws {
    // A clock that goes on whenever it is looked at: a shorter chunk takes as long as a longer one.
    var time = 0.0
    func speed(chunks early: Int, _ late: Int) throws -> Double {
      var request = TrainingRequest()
      request.batchSize = 2
      request.earlySequenceLength = early
      request.sequenceLength = late
      return try SpeedProbe.charactersPerSecond(
        Verse.corpus(), layerSizes: [16, 16], recipe: .standard, request: request, best: .fp32,
        kernels: .best, workers: Workers(count: 1), seconds: 1,
        clock: {
          time += 0.01
          return time
        })
    }
    let (short, long) = (try speed(chunks: 4, 4), try speed(chunks: 16, 16))
    #expect(time < 5)
    #expect(short > 100 && long > 3 * short)
    let both = try speed(chunks: 4, 16)
    #expect(abs(both - (0.3 * short + 0.7 * long)) < 0.02 * both)
  }
}

@Suite struct DescribedOptionsTests {
  @Test func optionsAreReadAgainAsTheyWere() throws {
    for recipe in Recipe.allCases {
      for precision in Precision.allCases {
        var request = TrainingRequest()
        request.precision = precision
        request.learningRate = 0.1 + 0.2
        request.seed = .max
        request.weightDecay = 1 / 3
        request.averaging = 0.999
        request.innerRate = 0.7
        request.patience = 7
        request.cell = .coupled
        var all = [request]
        request.budget = 61.7
        all.append(request)
        request.epochs = 12
        all.append(request)
        request.records = recipe == .standard
        request.shuffle = true
        all.append(request)
        for request in all {
          let options = recipe.options(request, characterCount: 54_321, best: .fp32)
          #expect(try TrainingOptions(described: options.described, seed: options.seed) == options)
        }
      }
    }
  }
}
