// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport

/// Tells of unexpected characters, each on a line that editors understand, with the edit that would make them expected.
struct LintRun {
  let model: ScoringModel
  let options: Options
  let output: OutputWriter

  struct Options {
    /// Nats from which on a character is unexpected.
    var threshold = 7.0
    var fields: (FieldRange, delimiter: UInt8)?
    /// Whether lines go on from those before them.
    var carriesContext = false
    var separator = UInt8(ascii: "\n")
    var escapes = false
  }

  /// Characters that are gone through at a time, and those before them that are read.
  private static let stretch = 4096
  private static let context = 1024

  /// Reads all of the input.
  ///
  /// - Throws: `ExitStatus.no` if there was something to tell.
  func run(_ input: InputRecords) throws {
    let breaks = Set([0x20, 0x09, 0x0A].compactMap { model.charset.id(of: symbol($0)) }.map { UInt16($0) })
    let finder = OddityFinder(
      model.scorer, threshold: options.threshold, isWordBreak: { breaks.contains($0) })
    var before: [UInt16] = []
    var foundAny = false
    while let batch = try input.nextBatch() {
      var stretches: [Stretch] = []
      var failure: (any Error)?
      switch batch {
      case .records(let records, let failed):
        failure = failed
        do {
          for record in records { stretches += try cut(record, after: &before) }
        } catch {
          failure = error
        }
        foundAny = try tell(stretches, finder) || foundAny
      case .longRecord(let source, let number, let beginning):
        let long = LongRecordPieces(source: source, number: number, unit: model.charset.unit)
        var column = 0
        try long.forEachPiece(beginning, input.nextPartOfLongRecord) { record in
          var pieces = try cut(record, after: &before, goesOn: column > 0)
          for index in pieces.indices { pieces[index].recordColumn = column }
          column += pieces.last.map { $0.firstColumn + $0.piece.chargedCount } ?? 0
          foundAny = try tell(pieces, finder) || foundAny
        }
      }
      if let failure { throw failure }
    }
    if foundAny { throw ExitStatus.no }
  }

  /// Some characters of a record.
  private struct Stretch {
    let record: Record
    let piece: TextPiece
    /// Ids that come after it.
    let following: [UInt16]
    /// Characters of `record` before those that are charged.
    let firstColumn: Int
    /// Characters before `record`, where that is a piece of a longer one.
    var recordColumn = 0
  }

  /// A record as ids, in stretches of bounded length.
  private func cut(_ record: Record, after before: inout [UInt16], goesOn: Bool = false) throws -> [Stretch] {
    var range = 0..<record.bytes.count
    if let (fields, delimiter) = options.fields {
      var cutter = FieldCutter(fields, delimiter: delimiter)
      range = cutter.cut(record.bytes)
    }
    let firstColumn =
      range.lowerBound == 0
      ? 0
      : try SymbolReader.symbols(
        of: Array(record.bytes[..<range.lowerBound]), unit: model.charset.unit, isLossy: true
      ).count
    let encoded = try model.encode(
      record, range, asDocumentWith: options.carriesContext ? options.separator : nil)
    if !options.carriesContext && !goesOn { before = [] }
    let ids = before + encoded.ids
    let newline = model.charset.newlineID.map { [UInt16($0)] } ?? []
    let isEnded = options.carriesContext || model.recordEnd != nil
    let stretches = stride(from: before.count, to: ids.count, by: Self.stretch).map { start in
      let first = max(0, start - Self.context)
      let end = min(start + Self.stretch, ids.count)
      return Stretch(
        record: record,
        piece: TextPiece(ids[first..<end], contextCount: start - first, beginsText: start == 0),
        following: end < ids.count ? Array(ids[end...].prefix(Self.context)) : isEnded ? [] : newline,
        firstColumn: firstColumn + start - before.count)
    }
    before = Array(ids.suffix(Self.context))
    return stretches
  }

  private func tell(_ stretches: [Stretch], _ finder: OddityFinder) throws -> Bool {
    var foundAny = false
    for (stretch, oddities) in zip(
      stretches,
      finder.oddities(in: stretches.map(\.piece), following: stretches.map(\.following)))
    {
      for oddity in oddities {
        foundAny = true
        let column = stretch.recordColumn + stretch.firstColumn + oddity.index + 1
        let line = "\(stretch.record.source):\(stretch.record.number):\(column): \(words(oddity, stretch))\n"
        try output.write(options.escapes ? escapingControls(line) : line)
      }
    }
    return foundAny
  }

  private func words(_ oddity: Oddity, _ stretch: Stretch) -> String {
    let bits = fixed(oddity.nats * Score.bitsPerNat, 1)
    var text = "got \(oddity.got.map { quoted($0, oddity, stretch) } ?? "the end")"
    text += ", expected \(oddity.expected.map { "'\(display($0))'" } ?? "the end") (\(bits) bits)"
    guard let correction = oddity.correction else { return text }
    let saved = fixed(correction.savedNats * Score.bitsPerNat, 1)
    let old = correction.old.map(display).joined()
    let new = correction.new.map(display).joined()
    return text + "; \"\(old)\" -> \"\(new)\" saves \(saved) bits"
  }

  /// What stands in the text; of an unknown character the text itself has to be asked.
  private func quoted(_ id: UInt16, _ oddity: Oddity, _ stretch: Stretch) -> String {
    guard id == Charset.noID || Int(id) == model.charset.unknownID else { return "'\(display(id))'" }
    let symbols = try? SymbolReader.symbols(
      of: stretch.record.bytes, unit: model.charset.unit, isLossy: true)
    let place = stretch.firstColumn + oddity.index
    guard let symbols, place < symbols.count else { return "an unknown character" }
    return "'\(symbols[place].display)', which the model does not know"
  }

  /// A character in a message: itself, where that is clear, a space too.
  private func display(_ id: UInt16) -> String {
    guard Int(id) < model.charset.symbols.count else { return "?" }
    let symbol = model.charset.symbols[Int(id)]
    return symbol == self.symbol(0x20) ? " " : symbol.display
  }

  private func symbol(_ ascii: UInt8) -> Symbol {
    model.charset.unit == .byte ? Symbol(byte: ascii) : Symbol(scalar: UInt32(ascii))
  }
}
