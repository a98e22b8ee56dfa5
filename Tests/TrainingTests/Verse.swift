// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

@testable import Training

/// A small text in which each character follows from the ones before, and cheap options for it.
enum Verse {
  static let text = String(repeating: "one two three\nfour five six\n", count: 60)

  static func corpus(_ text: String = Self.text) throws -> Corpus {
    let scalars = Set(text.unicodeScalars.map(\.value)).sorted()
    let ids = text.unicodeScalars.map { UInt16(scalars.firstIndex(of: $0.value)!) }
    return Corpus(
      charset: try Charset(unit: .scalar, symbols: scalars.map { Symbol(scalar: $0) }),
      ids: try IDSequence(ids))
  }

  static func options(_ change: (inout TrainingRequest) -> Void = { _ in }) -> TrainingOptions {
    var request = TrainingRequest()
    request.layerSizes = [17, 9]
    request.sequenceLength = 12
    request.batchSize = 4
    request.epochs = 12
    request.precision = .fp32
    change(&request)
    if request.objective == .last { request.examplesPerEpoch = 100 }
    return Recipe.standard.options(request, characterCount: text.utf8.count, best: .fp32)
  }

  /// Options of a run that only its time ends.
  static func budget(_ seconds: Double) -> TrainingOptions {
    options {
      $0.budget = seconds
      $0.epochs = TrainingOptions.mostEpochs
    }
  }

  static func trainer(
    _ options: TrainingOptions, _ start: TrainingStart = .new, corpus: Corpus? = nil, threads: Int = 1,
    validation: Corpus? = nil, clock: @escaping () -> Double = { 0 }
  ) throws -> Trainer {
    try Trainer(
      try corpus ?? Self.corpus(), validation: validation, options: options, start: start, kernels: .best,
      workers: Workers(count: threads), clock: clock)
  }
}
