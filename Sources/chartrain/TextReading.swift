// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import CommandSupport
import FileSupport
import ModelFile
import Training

/// The text of a run, as it was asked for and as a model to go on with demands.
struct TextReading {
  let text: TextOptions
  /// The model to begin with, or the checkpoint's.
  let base: Model?
  /// Whether characters that the model lacks are added to it.
  let extendsCharset: Bool
  let isQuiet: Bool

  /// The text to train on, the one held out apart if there is one, and the model to begin with, extended if need be.
  func read() throws -> (corpus: Corpus, validation: Corpus?, base: Model?) {
    let given = try text.charset.map { try Charset(reading: InputReader(path: $0)) }
    if let unit = text.unit, let charset = given ?? base?.charset, unit != charset.unit {
      throw CommandFailure(
        place: text.charset,
        "a character set of unit \(charset.unit.rawValue), and --unit \(unit.rawValue) was asked for",
        status: .usage)
    }
    guard let base else {
      let (corpus, validation) = try corpora(given, unit: text.unit ?? .scalar)
      return (corpus, validation, nil)
    }
    guard extendsCharset else {
      if let given, given != base.charset {
        throw CommandFailure(
          place: text.charset,
          "not the characters of the model to begin with: leave -c away, or add them with --extend-charset",
          status: .usage)
      }
      let (corpus, validation) = try corpora(base.charset, unit: base.charset.unit)
      return (corpus, validation, base)
    }
    if let given, given.unit != base.charset.unit {
      throw CommandFailure(
        place: text.charset,
        "a character set of unit \(given.unit.rawValue) cannot extend one of "
          + base.charset.unit.rawValue, status: .usage)
    }
    // Ids are the model's own unless another character set is told.
    let (corpus, validation) = try corpora(
      given ?? (text.ids == nil ? nil : base.charset), unit: base.charset.unit)
    let extended = try base.extended(by: corpus.charset)
    return (
      try corpus.renumbered(for: extended.charset), try validation?.renumbered(for: extended.charset),
      extended
    )
  }

  private func corpora(_ charset: Charset?, unit: TextUnit) throws -> (Corpus, Corpus?) {
    let validation = try text.validation.map { [try source($0)] } ?? []
    if let ids = text.ids, let charset {
      let corpus = try Corpus.mapped(
        idsFile: MappedFile(path: ids), charset: charset, interrupted: Signals.isInterrupted)
      guard !validation.isEmpty else { return (corpus, nil) }
      return (corpus, try Corpus.read(validation, lossy: text.lossy, charset: charset))
    }
    if text.files.isEmpty && Terminal(descriptor: 0).isTerminal && !isQuiet {
      Messages(program: "chartrain").warn("reading text from the terminal; Ctrl-D ends it")
    }
    let sources = try (text.files.isEmpty ? ["-"] : text.files).map(source)
    let corpora = try Corpus.read(
      training: sources, validation: validation, unit: unit, lossy: text.lossy,
      separator: text.separator?.utf8 ?? [], charset: charset)
    if corpora.0.ids.count < 2 {
      throw TextError.tooShort(
        source: sources.count == 1 ? sources[0].name : nil, count: corpora.0.ids.count, needed: 2)
    }
    return corpora
  }

  private func source(_ path: String) throws -> InputSource {
    try InputSource(path: path, interrupted: Signals.isInterrupted)
  }
}
