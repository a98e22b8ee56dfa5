// SPDX-License-Identifier: GPL-3.0-or-later

/// The losses of a run from its beginning: what curves are drawn from.
public struct LossHistory: Equatable, Sendable {
  /// The training loss at a moment.
  public struct Moment: Equatable, Sendable {
    /// The fraction of the run that is done.
    public var fraction: Double
    /// Seconds of training.
    public var seconds: Double
    /// Characters trained.
    public var characters: Double
    /// The loss of late, nats a character.
    public var nats: Double

    /// A moment of a run.
    public init(fraction: Double, seconds: Double, characters: Double, nats: Double) {
      self.fraction = fraction
      self.seconds = seconds
      self.characters = characters
      self.nats = nats
    }

    /// The moment that a progress report is of.
    public init(_ progress: TrainingProgress) {
      self.init(
        fraction: progress.fraction, seconds: progress.trainingSeconds,
        characters: progress.charactersPerSecond * progress.trainingSeconds, nats: progress.nats)
    }
  }

  /// Moments from the beginning on, evenly spread over the updates: some hundreds of a long run.
  public private(set) var training: [Moment] = []
  /// The held-out loss wherever it was measured.
  public private(set) var heldOut: [Moment] = []
  /// The last moment there was, kept or not.
  public private(set) var last: Moment?

  private let capacity: Int
  private var stride = 1
  private var count = 0

  /// Nothing yet.
  ///
  /// - Parameter capacity: so many moments are kept at most, and half as many at least; each list for itself.
  public init(capacity: Int = 1024) {
    precondition(capacity >= 2, "no curve has one end")
    self.capacity = capacity
  }

  /// Adds the training loss at a later moment, or at an earlier one: then what came after that is forgotten.
  public mutating func add(_ moment: Moment) {
    guard moment.nats.isFinite else { return }
    if let last, moment.fraction < last.fraction { forget(from: moment.fraction) }
    last = moment
    defer { count += 1 }
    guard count % stride == 0 else { return }
    if training.count == capacity {
      training = Self.everySecond(training)
      stride *= 2
      if count % stride != 0 { return }
    }
    training.append(moment)
  }

  /// Adds a held-out loss, measured at the last moment that was added.
  public mutating func addHeldOut(nats: Double) {
    guard var moment = last, nats.isFinite else { return }
    moment.nats = nats
    if heldOut.count == capacity { heldOut = Self.everySecond(heldOut) }
    heldOut.append(moment)
  }

  /// A run that was set back goes on from where it is now.
  private mutating func forget(from fraction: Double) {
    training.removeAll { $0.fraction >= fraction }
    heldOut.removeAll { $0.fraction >= fraction }
  }

  private static func everySecond(_ moments: [Moment]) -> [Moment] {
    moments.indices.filter { $0 % 2 == 0 }.map { moments[$0] }
  }
}
