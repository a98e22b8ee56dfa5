// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import ModelFile
import Testing

@testable import Training

/// A model file's bytes.
private func bytes(_ trainer: Trainer) throws -> [UInt8] {
  try ModelWriter.serialized(trainer.model(programVersion: "1"))
}

/// What is read again from a checkpoint's file.
private func reopened(_ model: Model) throws -> Checkpoint {
  let file = try ModelWriter.serialized(model)
  return try Checkpoint(file.withUnsafeBytes { try ModelReader.read($0, name: "c", keepingExtras: true) })
}

/// Trains for some updates and leaves a checkpoint.
private func interrupted(
  _ options: TrainingOptions, _ start: TrainingStart = .new, corpus: Corpus? = nil, after steps: Int,
  threads: Int = 1
) throws -> Checkpoint {
  let trainer = try Verse.trainer(options, start, corpus: corpus, threads: threads)
  let end = trainer.step + steps
  var observer = TrainingObserver()
  observer.shouldStop = { trainer.step >= end }
  var written: Model?
  observer.onCheckpoint = { written = trainer.checkpoint(programVersion: "1") }
  _ = try trainer.run(observer, checkpoints: .seconds(1e6))
  return try reopened(#require(written))
}

/// A checkpoint with some of its strings and tensors changed.
private func forged(
  _ checkpoint: Checkpoint, strings: [String: String?] = [:],
  tensors: ([NamedTensor]) -> [NamedTensor] = { $0 },
  options: [String: String] = [:]
) throws -> Checkpoint {
  let model = checkpoint.model
  var metadata = model.extraMetadata
  for (name, value) in strings { metadata["resume." + name] = value }
  var record = model.training
  record?.options.merge(options) { $1 }
  return try reopened(
    Model(
      charset: model.charset, parameters: model.parameters, isOfRecords: model.isOfRecords, training: record,
      extraTensors: tensors(model.extraTensors), extraMetadata: metadata))
}

@Suite struct CheckpointTests {
  static let runs: [TrainingOptions] = [
    Verse.options(),
    Verse.options {
      $0.dropout = 0.3
      $0.averaging = 0.9
      $0.beta1 = 0.9
    },
    Verse.options {
      $0.objective = .last
      $0.batchSize = 16
      $0.optimizer = .rmsprop
      $0.epochs = 50
    },
    Verse.options {
      $0.validationSplit = 0
      $0.weightDecay = 0.1
    },
    // Sets itself back more than once.
    Verse.options {
      $0.learningRate = 5
      $0.epochs = 16
    },
    Verse.options {
      $0.cell = .coupled
      $0.averaging = 0.9
    },
  ]

  @Test(arguments: runs.indices)
  func aRunThatIsInterruptedOftenEndsAsOneThatIsNot(run: Int) throws {
    let options = Self.runs[run]
    let whole = try Verse.trainer(options, threads: 2)
    _ = try whole.run(TrainingObserver())
    var checkpoint = try interrupted(options, after: 7)
    for (steps, threads) in [(107, 2), (1, 1), (0, 1), (130, 3), (64, 1)] {
      #expect(checkpoint.options == options)
      checkpoint = try interrupted(
        checkpoint.options, .checkpoint(checkpoint), after: steps, threads: threads)
    }
    let resumed = try Verse.trainer(checkpoint.options, .checkpoint(checkpoint), threads: 2)
    #expect(run == 4 || resumed.step > 50)
    #expect(try resumed.run(TrainingObserver()) == .done)
    #expect(resumed.saved == whole.saved)
    #expect(try bytes(resumed) == bytes(whole))
  }

  @Test func aCheckpointIsAModelAndSaysWhereItStands() throws {
    let checkpoint = try interrupted(Verse.options(), after: 150)
    #expect(checkpoint.model.training?.steps == checkpoint.position.step)
    #expect(checkpoint.position.step > 50)
    #expect(checkpoint.position.best != nil)
    #expect(checkpoint.interval == .seconds(1e6))
    #expect(checkpoint.instructionSet == Kernels.best.name)
  }

  @Test func checkpointsAreWrittenAtTheUpdatesAskedFor() throws {
    func steps(_ interval: CheckpointInterval) throws -> [Int] {
      var time = 0.0
      let trainer = try Verse.trainer(Verse.options()) {
        time += 0.5
        return time
      }
      var steps: [Int] = []
      var observer = TrainingObserver()
      observer.onCheckpoint = { steps.append(trainer.snapshot.position.step) }
      _ = try trainer.run(observer, checkpoints: interval)
      return steps
    }
    let each = try steps(.updates(1))
    #expect(each.count > 3)
    #expect(zip(each, each.dropFirst()).allSatisfy { $0.0 < $0.1 })
    #expect(try steps(.updates(1_000_000)) == [])
    #expect(try steps(.seconds(0.1)) == each)
    #expect(try steps(.seconds(1e6)) == [])
  }

  @Test func aModelIsNoCheckpoint() throws {
    let trainer = try Verse.trainer(Verse.options { $0.epochs = 0 })
    _ = try trainer.run(TrainingObserver())
    #expect(throws: CheckpointError.modelOnly) { try Checkpoint(trainer.model(programVersion: "1")) }
  }

  @Test func anotherTextIsRefused() throws {
    let checkpoint = try interrupted(Verse.options(), after: 30)
    let other = try Verse.corpus(Verse.text.replacing("six", with: "xis"))
    #expect(throws: CheckpointError.otherText) {
      try Verse.trainer(checkpoint.options, .checkpoint(checkpoint), corpus: other)
    }
    #expect(throws: CheckpointError.otherText) {
      try Verse.trainer(checkpoint.options, .checkpoint(checkpoint), corpus: Verse.corpus("abcabc"))
    }
    #expect(throws: CheckpointError.otherValidation) {
      try Verse.trainer(checkpoint.options, .checkpoint(checkpoint), validation: Verse.corpus())
    }
    // The same characters, cut into documents.
    let whole = try Verse.corpus()
    let cut = Corpus(
      charset: whole.charset, ids: whole.ids, beginnings: TextBeginnings(documents: [28]))
    #expect(throws: CheckpointError.otherText) {
      try Verse.trainer(checkpoint.options, .checkpoint(checkpoint), corpus: cut)
    }
  }

  @Test func stringsThatCannotBeAreRefused() throws {
    let checkpoint = try interrupted(Verse.options { $0.objective = .last }, after: 30)
    let names = checkpoint.position.fields.keys.map { String($0.dropFirst("resume.".count)) }
    #expect(names.count > 20)
    for name in names {
      for value in ["", "-1", "nan", "1e999", "x", nil] {
        // A few may be missing.
        let mayBeMissing = ["lowest-loss", "best-step", "best-train-nats", "skipped"]
        if value == nil && mayBeMissing.contains(name) { continue }
        #expect(throws: CheckpointError.self, "\(name) \(value ?? "")") {
          _ = try forged(checkpoint, strings: [name: value])
        }
      }
      // What can be, but not in this run: refused, or harmless.
      for value in ["0", "1", "7", "1000000", "1125899906842624"] {
        guard let changed = try? forged(checkpoint, strings: [name: value]) else { continue }
        do {
          let trainer = try Verse.trainer(changed.options, .checkpoint(changed))
          var observer = TrainingObserver()
          observer.shouldStop = { trainer.step > 30 }
          _ = try trainer.run(observer)
        } catch is CheckpointError {
        } catch is TrainingError {
        }
      }
    }
    for (name, value) in [
      ("step", "31"), ("step", "99999999999999999999"), ("random-drawn", "9223372036854775807"),
      ("batch", "100000"), ("epoch", "13"), ("random-drawn", "5"),
      ("windows-taken", "1000000"),
    ] {
      #expect(throws: CheckpointError.self, "\(name) \(value)") {
        let changed = try forged(checkpoint, strings: [name: value])
        _ = try Verse.trainer(changed.options, .checkpoint(changed))
      }
    }
  }

  @Test func optionsThatCannotBeAreRefused() throws {
    let checkpoint = try interrupted(Verse.options(), after: 5)
    for (name, value) in [
      ("layers", "17"), ("layers", "17,0"), ("layers", ""), ("batch-size", "0"), ("sequence-length", "-5"),
      ("dropout", "1"), ("objective", "none"), ("epochs", "0.5"), ("precision", "fp8"), ("clip", "nan"),
      ("for", "10"), ("records", "maybe"), ("averaging", "1"),
    ] {
      #expect(throws: CheckpointError.self, "\(name) \(value)") {
        _ = try forged(checkpoint, options: [name: value])
      }
    }
  }

  @Test func gatesThatAreNotCoupledAreRefusedWhereTheyShouldBe() throws {
    let checkpoint = try interrupted(Verse.options { $0.cell = .lstm }, after: 5)
    let changed = try forged(checkpoint, options: ["cell": "coupled"])
    #expect(throws: CheckpointError.self) { _ = try Verse.trainer(changed.options, .checkpoint(changed)) }
    // One from before there was a choice.
    var record = try #require(checkpoint.model.training)
    record.options["cell"] = nil
    let old = try reopened(
      Model(
        charset: checkpoint.model.charset, parameters: checkpoint.model.parameters,
        isOfRecords: checkpoint.model.isOfRecords, training: record,
        extraTensors: checkpoint.model.extraTensors, extraMetadata: checkpoint.model.extraMetadata))
    #expect(old.options == checkpoint.options && old.options.cell == .lstm)
  }

  @Test func tensorsThatDoNotFitAreRefused() throws {
    let options = Verse.options {
      $0.beta1 = 0.5
      $0.averaging = 0.5
    }
    // What is held out contradicts what is learned, so the best check is not the last.
    let corpus = try Verse.corpus(
      String(repeating: "ab", count: 900) + String(repeating: "aabb", count: 50))
    let checkpoint = try interrupted(options, corpus: corpus, after: 250)
    let names = checkpoint.model.extraTensors.map(\.name)
    for part in ["parameters", "first_moment", "second_moment", "state", "best"] {
      #expect(names.contains { $0.hasPrefix("optimizer.\(part).") }, "\(part)")
    }
    #expect(try Verse.trainer(options, .checkpoint(checkpoint), corpus: corpus).step > 0)
    for name in names {
      let without = try forged(checkpoint, tensors: { $0.filter { $0.name != name } })
      #expect(throws: CheckpointError.tensor(name)) {
        try Verse.trainer(options, .checkpoint(without), corpus: corpus)
      }
      let shorter = try forged(
        checkpoint,
        tensors: {
          $0.map { $0.name == name ? NamedTensor(name: name, shape: [1], values: [0]) : $0 }
        })
      #expect(throws: CheckpointError.tensor(name)) {
        try Verse.trainer(options, .checkpoint(shorter), corpus: corpus)
      }
    }
  }
}

@Suite struct TrainingPositionTests {
  @Test func everyValueIsReadAgainToTheLastBit() throws {
    var position = TrainingPosition()
    position.step = 1 << 40
    position.epoch = 3
    position.batch = 17
    position.skipped = 5
    position.source = BatchSource.Position(drawn: 1 << 60, offset: 5, shuffledAt: 12, taken: 99)
    position.epochLoss = RunningMean(sum: 0.1 + 0.2, weight: 1 / 3)
    for index in 1...40 {
      position.watch.note(loss: 3 / Double(index), frequencyCost: 2.9, weight: 7)
    }
    position.rateFactor = 0.125
    position.setbacks = 3
    position.judgedFrom = 1234
    position.best = TrainingPosition.Best(step: 9, passes: 2.0 / 7, trainNats: 1.1, heldOutNats: 1e-7 / 3)
    position.checksSinceBest = 4
    position.checks = 6
    position.checkSample = 8192
    position.checksPlanned = 10
    position.trainedCharacters = 123_456_789
    position.trainingSeconds = 1.0 / 3
    position.seconds = 1e-9 / 7
    #expect(try TrainingPosition(position.fields) == position)
    #expect(try TrainingPosition(TrainingPosition().fields) == TrainingPosition())
  }
}
