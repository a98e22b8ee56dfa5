// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import ModelFile

/// A model made ready to score.
final class ScoringModel {
  /// What people call it.
  let name: String
  let charset: Charset
  let network: Network
  let scorer: LineScorer
  let beginning: Int?
  /// The id of the newline that ends every record and is charged with it; nil where ends are not charged.
  let recordEnd: UInt16?

  private var encoder: TextEncoder
  private let workers: Workers

  /// How unknown characters and bad bytes are taken.
  struct Reading {
    var isStrict = false
    var isLossy = false
  }

  init(name: String, _ model: Model, reading: Reading, kernels: Kernels, workers: Workers) {
    self.name = name
    self.workers = workers
    charset = model.charset
    network = Network(model.parameters, kernels: kernels)
    beginning = model.charset.newlineID
    recordEnd = model.isOfRecords ? beginning.map { UInt16($0) } : nil
    scorer = LineScorer(network, beginning: beginning, workers: workers)
    encoder = TextEncoder(
      charset: model.charset, policy: reading.isStrict ? .fail : .unknownOrNoID, isLossy: reading.isLossy)
  }

  /// A text as ids, and what it takes to say which characters its unknown ones are.
  struct Encoded {
    var ids: [UInt16] = []
    /// Unknown characters' bytes.
    var unknownByteCount = 0

    /// The price of those bytes in nats.
    var namingNats: Double { ScoringModel.namingNats(byteCount: unknownByteCount) }
  }

  /// What it costs to write out an unknown character: eight bits a byte.
  ///
  /// UTF-8 needs nothing more to tell where a character ends.
  static func namingNats(byteCount: Int) -> Double { Double(8 * byteCount) / Score.bitsPerNat }

  /// Encodes a range of a record's bytes, and what ends the record where that is charged: within a document `separator`.
  func encode(_ record: Record, _ range: Range<Int>, asDocumentWith separator: UInt8?) throws -> Encoded {
    begin(source: record.source)
    var encoded = Encoded()
    let isWhole = range.count == record.bytes.count
    try read(isWhole ? record.bytes : Array(record.bytes[range]), number: record.number, into: &encoded)
    if let separator {
      if record.isTerminated { try read([separator], number: record.number, into: &encoded) }
      try finish(number: record.number, into: &encoded)
    } else if record.endsRecord {
      try endRecord(number: record.number, into: &encoded)
    } else {
      try finish(number: record.number, into: &encoded)
    }
    return encoded
  }

  /// Goes to the beginning of a text that comes in parts.
  func begin(source: String) { encoder.begin(source: source) }

  /// Encodes the next bytes of a text; those of a character that is not complete wait for the next ones.
  func read(_ bytes: [UInt8], number: Int?, into encoded: inout Encoded) throws {
    try counting(number: number, &encoded) { ids in
      try bytes.withUnsafeBytes { try encoder.encode($0) { ids.append(contentsOf: $0) } }
    }
  }

  /// Ends a text.
  func finish(number: Int?, into encoded: inout Encoded) throws {
    try counting(number: number, &encoded) { ids in try encoder.finish { ids.append(contentsOf: $0) } }
  }

  /// Ends a record, and charges its end if the model does.
  func endRecord(number: Int, into encoded: inout Encoded) throws {
    try finish(number: number, into: &encoded)
    if let recordEnd { encoded.ids.append(recordEnd) }
  }

  /// Charges one text with its state carried all along, on all processors.
  func score(document encoded: Encoded) throws -> Score {
    let known = encoded.ids.filter { $0 != Charset.noID }
    let scorer = Scorer(network, beginning: beginning, workers: workers)
    var score = scorer.score(try IDSequence(known), in: 0..<known.count)
    let unread = encoded.ids.count - known.count
    score.nats += Double(unread) * LineScorer.unknownNats + encoded.namingNats
    score.count += unread
    return score
  }

  private func counting(
    number: Int?, _ encoded: inout Encoded, _ body: (inout [UInt16]) throws -> Void
  ) throws {
    let before = encoder.uncoveredByteCount
    do {
      try body(&encoded.ids)
    } catch let error as TextError {
      // The encoder knows one record; which of the input's it is, is known here.
      throw number.map { error.movedToLine($0) } ?? error
    }
    encoded.unknownByteCount += encoder.uncoveredByteCount - before
  }
}
