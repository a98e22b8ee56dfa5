// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import CommandSupport
import FileSupport

extension TextOptions {
  /// Reads what is to be learned, and what to measure on if that is apart.
  ///
  /// - Parameter quiet: whether nothing is said of a terminal that is waited for.
  func read(quiet: Bool) throws -> (Corpus, Corpus?) {
    let charset = try charset.map { try Charset(reading: InputReader(path: $0)) }
    if let unit, let charset, unit != charset.unit {
      throw CommandFailure(
        place: self.charset,
        "a character set of unit \(charset.unit.rawValue), and --unit \(unit.rawValue) was asked for",
        status: .usage)
    }
    let validation = try validation.map { [try source($0)] } ?? []
    let separator = separator?.utf8 ?? []
    if let ids, let charset {
      let corpus = try Corpus.mapped(idsFile: MappedFile(path: ids), charset: charset)
      guard !validation.isEmpty else { return (corpus, nil) }
      return (corpus, try Corpus.read(validation, lossy: lossy, charset: charset))
    }
    if files.isEmpty && Terminal(descriptor: 0).isTerminal && !quiet {
      Messages(program: "chartrain").warn("reading text from the terminal; Ctrl-D ends it")
    }
    let sources = try (files.isEmpty ? ["-"] : files).map(source)
    let corpora = try Corpus.read(
      training: sources, validation: validation, unit: unit ?? .scalar, lossy: lossy, separator: separator,
      charset: charset)
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
