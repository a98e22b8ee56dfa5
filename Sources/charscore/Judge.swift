// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport

/// Scores records, each under every model.
final class Judge {
  private let models: [ScoringModel]
  private let options: Options
  /// Of a document, whose state goes on from record to record.
  private let stream: TextStream?

  struct Options {
    /// Whether all of the input is one text.
    var carriesState = false
    /// The fields to score; nil for all of a record.
    var fields: (FieldRange, delimiter: UInt8)?
    /// What ends a record.
    var separator = UInt8(ascii: "\n")
    /// Whether to find out what was expected at each character, and how many alternatives to keep.
    var alternatives: Int?
    /// Where long records wait for their scores.
    var spoolFolder = "/tmp"
  }

  init(_ models: [ScoringModel], _ options: Options) {
    self.models = models
    self.options = options
    stream = options.carriesState ? TextStream(models[0].network, beginning: models[0].beginning) : nil
  }

  /// Scores records, in order.
  ///
  /// - Throws: `TextError` at the first record that cannot be read; `judged` has those before it.
  func judge(_ records: [Record], into judged: inout [JudgedText]) throws {
    var encoded: [[ScoringModel.Encoded]] = models.map { _ in [] }
    var ranges: [Range<Int>] = []
    var failure: (any Error)?
    do {
      for record in records {
        let range = scoredRange(of: record.bytes)
        let ofEach = try models.map { try $0.encode(record, range, asDocumentWith: documentSeparator) }
        for (index, one) in ofEach.enumerated() { encoded[index].append(one) }
        ranges.append(range)
      }
    } catch {
      failure = error
    }
    let readable = records[..<ranges.count]
    if options.alternatives != nil || stream != nil {
      try judgeCharacters(Array(readable), encoded[0], ranges, into: &judged)
    } else {
      let scores = zip(models, encoded).map { model, texts in
        zip(model.scorer.scores(of: texts.map(\.ids)), texts).map { $0.adding(nats: $1.namingNats) }
      }
      for (index, record) in readable.enumerated() {
        judged.append(
          JudgedText(
            source: record.source, number: record.number, text: .bytes(record.bytes),
            scores: scores.map { $0[index] }))
      }
    }
    if let failure { throw failure }
  }

  /// Scores one long record that comes in parts; only a stretch of it is held in memory.
  func judge(
    longRecord number: Int, of source: String, beginning: [UInt8], keepsText: Bool,
    nextPart: () throws -> RecordReader.Part?
  ) throws -> JudgedText {
    let spool = SpooledBytes(folder: options.spoolFolder)
    var scorers = models.map { LongTextScorer($0.scorer) }
    var nats = [Double](repeating: 0, count: models.count)
    var streamed = Score(nats: 0, count: 0)
    var cutter = options.fields.map { FieldCutter($0.0, delimiter: $0.delimiter) }
    for model in models { model.begin(source: source) }

    func take(_ index: Int, _ encoded: ScoringModel.Encoded) {
      nats[index] += encoded.namingNats
      if let stream {
        streamed = streamed + stream.predictions(of: encoded.ids).score
      } else {
        scorers[index].read(encoded.ids)
      }
    }
    func read(_ bytes: [UInt8]) throws {
      if keepsText { try spool.append(bytes) }
      let range = cutter?.cut(bytes) ?? 0..<bytes.count
      for (index, model) in models.enumerated() {
        var encoded = ScoringModel.Encoded()
        try model.read(Array(bytes[range]), number: number, into: &encoded)
        take(index, encoded)
      }
    }
    try read(beginning)
    var isTerminated = false
    while !isTerminated, let part = try nextPart() {
      try read(part.bytes)
      isTerminated = part.endsRecord
    }
    for (index, model) in models.enumerated() {
      var encoded = ScoringModel.Encoded()
      if stream != nil && isTerminated { try model.read([options.separator], number: number, into: &encoded) }
      if stream == nil {
        try model.endRecord(number: number, into: &encoded)
      } else {
        try model.finish(number: number, into: &encoded)
      }
      take(index, encoded)
    }
    let scores = scorers.indices.map { index in
      (stream != nil ? streamed : scorers[index].finish()).adding(nats: nats[index])
    }
    return JudgedText(source: source, number: number, text: .spooled(spool), scores: scores)
  }

  /// The bytes of a record that are scored.
  private func scoredRange(of bytes: [UInt8]) -> Range<Int> {
    guard let (fields, delimiter) = options.fields else { return 0..<bytes.count }
    var cutter = FieldCutter(fields, delimiter: delimiter)
    return cutter.cut(bytes)
  }

  /// Within a document a record's end is a character of the text.
  private var documentSeparator: UInt8? { stream == nil ? nil : options.separator }

  /// Tells of the characters of one long record, piece by piece.
  func judgeCharacters(
    longRecord number: Int, of source: String, beginning: [UInt8], nextPart: () throws -> RecordReader.Part?,
    _ body: (JudgedText) throws -> Void
  ) throws {
    let model = models[0]
    let pieces = LongRecordPieces(source: source, number: number, unit: model.charset.unit)
    var cutter = options.fields.map { FieldCutter($0.0, delimiter: $0.delimiter) }
    var before: [UInt16] = []
    var column = 0
    try pieces.forEachPiece(beginning, nextPart) { piece in
      let range = cutter?.cut(piece.bytes) ?? 0..<piece.bytes.count
      let encoded = try model.encode(piece, range, asDocumentWith: documentSeparator)
      let alternatives = options.alternatives ?? 0
      let found =
        stream?.predictions(of: encoded.ids, alternatives: alternatives)
        ?? model.scorer.predictions(
          of: before + encoded.ids, contextCount: before.count, alternatives: alternatives)
      var judged = try characters(piece, encoded, found, range)
      judged.characters?.firstColumn = column
      column += encoded.ids.count
      before = Array((before + encoded.ids).suffix(LineScorer.longTextContext))
      try body(judged)
    }
  }

  private func judgeCharacters(
    _ records: [Record], _ texts: [ScoringModel.Encoded], _ ranges: [Range<Int>],
    into judged: inout [JudgedText]
  ) throws {
    let model = models[0]
    let alternatives = options.alternatives ?? 0
    let predictions =
      stream.map { stream in texts.map { stream.predictions(of: $0.ids, alternatives: alternatives) } }
      ?? model.scorer.predictions(ofTexts: texts.map(\.ids), alternatives: alternatives)
    for (index, record) in records.enumerated() {
      judged.append(try characters(record, texts[index], predictions[index], ranges[index]))
    }
  }

  /// What was found, with what it costs to write unknown characters.
  private func characters(
    _ record: Record, _ text: ScoringModel.Encoded, _ found: Predictions, _ range: Range<Int>
  ) throws -> JudgedText {
    var found = found
    let charset = models[0].charset
    if text.unknownByteCount > 0 {
      let symbols = try SymbolReader.symbols(
        of: Array(record.bytes[range]), unit: charset.unit, isLossy: true)
      for (place, symbol) in symbols.enumerated() where charset.id(of: symbol) == nil {
        found.add(nats: ScoringModel.namingNats(byteCount: symbol.utf8.count), at: place)
      }
    }
    return JudgedText(
      source: record.source, number: record.number, text: .bytes(record.bytes), scores: [found.score],
      characters: JudgedCharacters(ids: text.ids, predictions: found, range: range))
  }
}

extension Score {
  func adding(nats: Double) -> Score { Score(nats: self.nats + nats, count: count) }
}
