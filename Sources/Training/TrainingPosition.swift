// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a run stands, apart from the numbers of its network: with these, what it does next is decided.
struct TrainingPosition: Equatable, Sendable {
  /// A check that was better than all before.
  struct Best: Equatable, Sendable {
    /// Updates until then.
    var step: Int
    /// Passes until then.
    var passes: Double
    /// The training loss then, in nats.
    var trainNats: Double
    /// The held-out loss as it was checked, in nats.
    var heldOutNats: Double
  }

  /// Passes over the text, of so many batches each.
  func passes(batches: Int) -> Double {
    Double(max(epoch - 1, 0)) + Double(batch - skipped) / Double(batches)
  }

  /// Updates made.
  var step = 0
  /// The epoch under way, from 1; 0 before the first.
  var epoch = 0
  /// Its batches that are done or passed over.
  var batch = 0
  /// Batches that were passed over, so that the end of the text is read last.
  var skipped = 0
  var source = BatchSource.Position()
  /// The mean loss of the epoch so far.
  var epochLoss = RunningMean()
  var watch = DivergenceWatch()
  /// What the learning rate was lowered to after trouble, as a part of what it should be.
  var rateFactor = 1.0
  /// How often training was set back of late.
  var setbacks = 0
  /// The update before which losses are not judged.
  var judgedFrom = 100
  var best: Best?
  /// Checks since the best one.
  var checksSinceBest = 0
  /// Checks made, or those that a budget's time is past.
  var checks = 0
  /// Held-out characters a check, where that was decided by the machine's speed; else 0.
  var checkSample = 0
  /// Checks of the run, likewise.
  var checksPlanned = 0
  /// Characters trained.
  var trainedCharacters = 0

  /// Seconds spent on updates; like the next, it depends on the machine and decides nothing but runs with a budget.
  var trainingSeconds = 0.0
  /// Seconds since the start of the program, those of the runs before this one added.
  var seconds = 0.0
}

extension TrainingPosition {
  /// What the names of the strings begin with.
  static let prefix = "resume."

  /// All values as strings, from which the same values can be read again.
  var fields: [String: String] {
    var fields: [String: String] = [:]
    func put(_ name: String, _ value: some CustomStringConvertible) {
      fields[Self.prefix + name] = value.description
    }
    func put(_ name: String, _ mean: RunningMean) {
      put("\(name)-sum", mean.sum)
      put("\(name)-weight", mean.weight)
    }
    put("step", step)
    put("epoch", epoch)
    put("batch", batch)
    put("skipped", skipped)
    put("random-drawn", source.drawn)
    put("stream-offset", source.offset)
    put("windows-shuffled-at", source.shuffledAt)
    put("windows-taken", source.taken)
    put("epoch-loss", epochLoss)
    put("recent-loss", watch.recent)
    put("recent-frequency-cost", watch.recentFrequency)
    put("latest-loss", watch.latest)
    put("latest-frequency-cost", watch.latestFrequency)
    if watch.lowest.isFinite { put("lowest-loss", watch.lowest) }
    put("rate-factor", rateFactor)
    put("setbacks", setbacks)
    put("judged-from", judgedFrom)
    if let best {
      put("best-step", best.step)
      put("best-passes", best.passes)
      if best.trainNats.isFinite { put("best-train-nats", best.trainNats) }
      put("best-heldout-nats", best.heldOutNats)
    }
    put("checks-since-best", checksSinceBest)
    put("checks", checks)
    put("check-sample", checkSample)
    put("checks-planned", checksPlanned)
    put("trained-characters", trainedCharacters)
    put("training-seconds", trainingSeconds)
    put("seconds", seconds)
    return fields
  }

  /// Reads the values again.
  ///
  /// - Throws: `CheckpointError` where one is missing or impossible.
  init(_ metadata: [String: String]) throws(CheckpointError) {
    let fields = CheckpointFields(metadata, prefix: Self.prefix)
    guard fields.has("step") else { throw .modelOnly }
    let count = 0...1 << 50
    let amount = 0...1e300
    func mean(_ name: String) throws(CheckpointError) -> RunningMean {
      RunningMean(
        sum: try fields.number("\(name)-sum", in: amount),
        weight: try fields.number("\(name)-weight", in: amount))
    }
    step = try fields.integer("step", in: count)
    epoch = try fields.integer("epoch", in: count)
    batch = try fields.integer("batch", in: count)
    skipped = try fields.integer("skipped", in: count, default: 0)
    source = BatchSource.Position(
      drawn: UInt64(try fields.integer("random-drawn", in: 0...1 << 61)),
      offset: try fields.integer("stream-offset", in: count),
      shuffledAt: UInt64(try fields.integer("windows-shuffled-at", in: 0...1 << 61)),
      taken: try fields.integer("windows-taken", in: count))
    epochLoss = try mean("epoch-loss")
    watch = DivergenceWatch(
      recent: try mean("recent-loss"), recentFrequency: try mean("recent-frequency-cost"),
      latest: try mean("latest-loss"), latestFrequency: try mean("latest-frequency-cost"),
      lowest: fields.has("lowest-loss") ? try fields.number("lowest-loss", in: amount) : .infinity)
    rateFactor = try fields.number("rate-factor", in: 0...1)
    setbacks = try fields.integer("setbacks", in: count)
    judgedFrom = try fields.integer("judged-from", in: count)
    if fields.has("best-step") {
      best = Best(
        step: try fields.integer("best-step", in: count),
        passes: try fields.number("best-passes", in: amount),
        trainNats: fields.has("best-train-nats") ? try fields.number("best-train-nats", in: amount) : .nan,
        heldOutNats: try fields.number("best-heldout-nats", in: amount))
    }
    checksSinceBest = try fields.integer("checks-since-best", in: count)
    checks = try fields.integer("checks", in: count)
    checkSample = try fields.integer("check-sample", in: count)
    checksPlanned = try fields.integer("checks-planned", in: count)
    trainedCharacters = try fields.integer("trained-characters", in: count)
    trainingSeconds = try fields.number("training-seconds", in: amount)
    seconds = try fields.number("seconds", in: amount)
  }
}
