// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// The batches of a run, in either objective's way.
struct BatchSource {
  private enum Kind {
    case streams(StreamBatches)
    case windows(WindowBatches)
  }

  /// The steps of the longest batch.
  let longest: Int
  private let kind: Kind
  private var order = WindowBatches.Order()
  private var random: PhiloxGenerator
  private var offset = 0

  init(_ corpus: Corpus, in range: Range<Int>, options: TrainingOptions) {
    random = PhiloxGenerator(seed: options.seed, stream: RandomStream.batches.rawValue)
    switch options.objective {
    case .every:
      let streams = StreamBatches(
        corpus.ids, in: range, beginnings: corpus.beginnings, beginning: corpus.charset.newlineID,
        batchSize: options.batchSize, sequenceLength: options.earlySequenceLength)
      longest = streams.mostSteps(chunks: options.chunksTogether)
      kind = .streams(streams)
    case .last:
      let windows = WindowBatches(
        corpus.ids, in: range, beginnings: corpus.beginnings, length: options.sequenceLength,
        sampleStep: options.sampleStep, examplesPerEpoch: options.examplesPerEpoch,
        batchSize: options.batchSize)
      longest = windows.length
      kind = .windows(windows)
    }
  }

  /// B, the rows of a batch.
  var rows: Int {
    switch kind {
    case .streams(let streams): streams.rows
    case .windows(let windows): windows.rows
    }
  }

  /// Batches an epoch.
  var batchCount: Int {
    switch kind {
    case .streams(let streams): streams.chunkCount
    case .windows(let windows): windows.batchCount
    }
  }

  /// Where the source stands: what it takes to go on with the same batches.
  struct Position: Equatable, Sendable {
    /// Random numbers drawn.
    var drawn: UInt64 = 0
    /// Where the epoch's streams begin.
    var offset = 0
    /// Random numbers drawn before the windows were last shuffled.
    var shuffledAt: UInt64 = 0
    /// Windows taken since then.
    var taken = 0
  }

  /// Where the source stands.
  var position: Position {
    Position(drawn: random.position, offset: offset, shuffledAt: order.shuffledAt, taken: order.next)
  }

  /// Goes on from a position of this source, or of one made in the same way.
  ///
  /// - Returns: whether it is one.
  mutating func goOn(from position: Position) -> Bool {
    func generator(_ drawn: UInt64) -> PhiloxGenerator {
      PhiloxGenerator(seed: random.seed, stream: random.stream, position: drawn)
    }
    // No run draws so many; what comes close would overflow.
    guard max(position.drawn, position.shuffledAt) < 1 << 62 else { return false }
    switch kind {
    case .streams(let streams):
      guard (0..<streams.offsetCount).contains(position.offset) else { return false }
      offset = position.offset
      random = generator(position.drawn)
    case .windows(let windows):
      random = generator(position.shuffledAt)
      order = WindowBatches.Order()
      if position.drawn > 0 {
        order.shuffle(windows, using: &random)
        guard (0...windows.windowCount).contains(position.taken) else { return false }
        order.next = position.taken
      }
      guard random.position == position.drawn else { return false }
    }
    return true
  }

  mutating func beginEpoch() {
    if case .streams(let streams) = kind { offset = random.below(streams.offsetCount) }
  }

  /// Some batches of the epoch as one, which is longer; windows are drawn, whatever the numbers, and one batch of them.
  mutating func batch(_ batches: Range<Int>) -> GradientStep.Batch {
    switch kind {
    case .streams(let streams):
      let steps = streams.steps(of: batches).count
      return GradientStep.Batch(
        steps: steps, decoded: 0..<steps,
        fill: { [offset] rows, inputs, targets in
          streams.fill(batches, rows: rows, offset: offset, inputs: inputs, targets: targets)
        }, carriesState: true)
    case .windows(let windows):
      let starts = order.nextStarts(windows, using: &random)
      return GradientStep.Batch(
        steps: windows.length, decoded: windows.length - 1..<windows.length,
        fill: { rows, inputs, targets in windows.fill(starts: starts[rows], inputs: inputs, targets: targets)
        },
        carriesState: false)
    }
  }
}
