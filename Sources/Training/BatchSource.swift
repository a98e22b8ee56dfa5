// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// The batches of a run, in either objective's way.
struct BatchSource {
  private enum Kind {
    case streams(StreamBatches)
    case windows(WindowBatches)
  }

  private let kind: Kind
  private var order = WindowBatches.Order()
  private var random: PhiloxGenerator
  private var offset = 0

  init(_ corpus: Corpus, in range: Range<Int>, options: TrainingOptions) {
    random = PhiloxGenerator(seed: options.seed, stream: RandomStream.batches.rawValue)
    switch options.objective {
    case .every:
      kind = .streams(
        StreamBatches(
          corpus.ids, in: range, beginnings: corpus.beginnings, beginning: corpus.charset.newlineID,
          batchSize: options.batchSize, sequenceLength: options.sequenceLength))
    case .last:
      kind = .windows(
        WindowBatches(
          corpus.ids, in: range, beginnings: corpus.beginnings, length: options.sequenceLength,
          sampleStep: options.sampleStep, examplesPerEpoch: options.examplesPerEpoch,
          batchSize: options.batchSize))
    }
  }

  /// B, the rows of a batch.
  var rows: Int {
    switch kind {
    case .streams(let streams): streams.rows
    case .windows(let windows): windows.rows
    }
  }

  /// The steps of the longest batch.
  var longest: Int {
    switch kind {
    case .streams(let streams):
      (0..<streams.chunkCount).reduce(0) { max($0, streams.steps(ofChunk: $1).count) }
    case .windows(let windows): windows.length
    }
  }

  /// Batches an epoch.
  var batchCount: Int {
    switch kind {
    case .streams(let streams): streams.chunkCount
    case .windows(let windows): windows.batchCount
    }
  }

  mutating func beginEpoch() {
    if case .streams(let streams) = kind { offset = random.below(streams.offsetCount) }
  }

  /// Batch `index` of the epoch; windows are drawn, whatever the index.
  mutating func batch(_ index: Int) -> GradientStep.Batch {
    switch kind {
    case .streams(let streams):
      let steps = streams.steps(ofChunk: index).count
      return GradientStep.Batch(
        steps: steps, decoded: 0..<steps,
        fill: { [offset] rows, inputs, targets in
          streams.fill(chunk: index, rows: rows, offset: offset, inputs: inputs, targets: targets)
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
