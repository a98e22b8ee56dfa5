// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport

/// Reads the input, has it judged, and hands on what was found.
struct ScoringRun {
  let models: [ScoringModel]
  let sink: any JudgedTextSink

  /// What is wanted of a record that is too long to be held.
  enum LongRecords {
    /// Its score.
    case scored
    /// Its score and its text.
    case printed
    /// Its characters.
    case toldOfByCharacter
  }

  /// Each record by itself, or going on from the one before, as `judge` does it.
  func run(_ input: InputRecords, _ judge: Judge, longRecords: LongRecords) throws {
    while let batch = try input.nextBatch() {
      switch batch {
      case .records(let records, let failure):
        var judged: [JudgedText] = []
        // What comes before a bad record is told all the same.
        let outcome = Result { try judge.judge(records, into: &judged) }
        for text in judged { try sink.take(text) }
        try outcome.get()
        if let failure { throw failure }
      case .longRecord(let source, let number, let beginning):
        if longRecords == .toldOfByCharacter {
          try judge.judgeCharacters(
            longRecord: number, of: source, beginning: beginning, nextPart: input.nextPartOfLongRecord,
            sink.take)
          continue
        }
        try sink.take(
          judge.judge(
            longRecord: number, of: source, beginning: beginning, keepsText: longRecords == .printed,
            nextPart: input.nextPartOfLongRecord))
      }
    }
    try sink.finish()
  }

  /// Each input as a text, which is told of by its name; or all of them as one.
  func run(wholes paths: [String], asOne: Bool) throws {
    var texts: [ScoringModel.Encoded] = models.map { _ in ScoringModel.Encoded() }
    let paths = paths.isEmpty ? ["-"] : paths
    for (number, path) in paths.enumerated() {
      let input = try InputReader(path: path, blockSize: InputRecords.longest)
      if number == 0 || !asOne {
        for model in models { model.begin(source: input.name) }
      }
      while let block = try input.nextBlock() {
        for (index, model) in models.enumerated() {
          try model.read(Array(block), number: nil, into: &texts[index])
        }
      }
      if asOne && number + 1 < paths.count { continue }
      for (index, model) in models.enumerated() { try model.finish(number: nil, into: &texts[index]) }
      try sink.take(
        JudgedText(
          source: input.name, number: number + 1, text: .bytes(Array(input.name.utf8)),
          scores: zip(models, texts).map { try $0.score(document: $1) }))
      texts = models.map { _ in ScoringModel.Encoded() }
    }
    try sink.finish()
  }
}
