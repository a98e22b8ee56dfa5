// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CommandSupport
import FileSupport
import ModelFile

/// Prints texts, each with what was found about it.
final class TextPrinter {
  private let output: OutputWriter
  private let options: Options
  private var json = JSONWriter()

  struct Options {
    var figure = Figure()
    /// Whether figures are printed before a text.
    var showsScores = true
    /// Whether every model's figure is.
    var showsAll = false
    var isJSON = false
    /// What ends a text.
    var separator = UInt8(ascii: "\n")
    /// Whether control characters are shown escaped.
    var escapes = false
    /// The names of the models, where there are several.
    var models: [String] = []
    /// Shows surprise as colour.
    var heatMap: HeatMap?
  }

  init(_ output: OutputWriter, _ options: Options) {
    self.output = output
    self.options = options
  }

  /// Prints a text in one write, unless it is too long to be held.
  func print(_ judged: JudgedText, _ verdict: Verdict) throws {
    if options.isJSON { return try printJSON(judged, verdict) }
    var line = columns(verdict).flatMap { Array("\($0)\t".utf8) }
    switch judged.text {
    case .bytes(let bytes):
      if let heatMap = options.heatMap, let characters = judged.characters {
        line += shown(bytes[..<characters.range.lowerBound])
        line += try heatMap.color(bytes[characters.range], characters, escapes: options.escapes)
        line += shown(bytes[characters.range.upperBound...])
      } else {
        line += shown(bytes[...])
      }
      line.append(options.separator)
      try output.write(line)
    case .spooled(let spool):
      try output.write(line)
      var escaper = ControlEscaper()
      try spool.forEachBlock { try output.write(options.escapes ? escaper.escape($0) : Array($0)) }
      if options.escapes { try output.write(escaper.finish()) }
      try output.write([options.separator])
    }
  }

  private func columns(_ verdict: Verdict) -> [String] {
    guard options.showsScores else { return [] }
    let value = fixed(verdict.value, Figure.decimals)
    if options.models.isEmpty { return [value] }
    let all = options.showsAll ? verdict.scores : []
    return [options.models[verdict.best], value]
      + all.map { fixed(options.figure.inUnit($0.nats), Figure.decimals) }
  }

  private func shown(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard options.escapes else { return Array(bytes) }
    var escaper = ControlEscaper()
    return escaper.escape(bytes) + escaper.finish()
  }

  private func printJSON(_ judged: JudgedText, _ verdict: Verdict) throws {
    json.removeAll()
    json.beginObject()
    json.member("file", judged.source)
    json.member("line", judged.number)
    let unit = options.figure.isInNats ? "nats" : "bits"
    if options.models.isEmpty {
      let score = verdict.scores[0]
      json.member("characters", score.count)
      json.member(unit, options.figure.inUnit(score.nats))
      json.member(
        "\(unit)_per_character", score.count > 0 ? options.figure.inUnit(score.natsPerCharacter) : 0)
    } else {
      json.member("model", options.models[verdict.best])
      json.member("margin", verdict.value)
      json.key(unit)
      json.beginObject()
      for (name, score) in zip(options.models, verdict.scores) {
        json.member(name, options.figure.inUnit(score.nats))
      }
      json.endObject()
    }
    var text: [UInt8] = []
    switch judged.text {
    case .bytes(let bytes): text = bytes
    case .spooled(let spool): try spool.forEachBlock { text += $0 }
    }
    // What is not UTF-8 has no place in JSON.
    json.member("text", String(decoding: text, as: UTF8.self))
    json.endObject()
    json.endLine()
    try output.write(json.bytes)
  }
}
