// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import ModelFile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Tells of each character that was charged: where it stands, what it cost, what was expected.
final class CharacterListing: JudgedTextSink {
  private let output: OutputWriter
  private let charset: Charset
  private let options: Options
  private var json = JSONWriter()

  /// Lines that are gathered at most.
  private static let mostLines = 4096

  struct Options {
    var figure = Figure()
    var isJSON = false
    /// Whether the input's name goes before each line.
    var namesSource = false
  }

  init(_ output: OutputWriter, charset: Charset, _ options: Options) {
    self.output = output
    self.charset = charset
    self.options = options
  }

  func take(_ judged: JudgedText) throws {
    guard let characters = judged.characters, case .bytes(let bytes) = judged.text else { return }
    // Only where there are unknown characters the text itself has to be asked.
    let symbols =
      characters.ids.contains { $0 == Charset.noID || Int($0) == charset.unknownID }
      ? try SymbolReader.symbols(of: Array(bytes[characters.range]), unit: charset.unit, isLossy: true) : []
    var lines: [String] = []
    for (index, id) in characters.ids.enumerated() {
      let shown = index < symbols.count ? symbols[index].display : display(id)
      tell(judged, characters, index, shown, &lines)
      if lines.count < Self.mostLines { continue }
      try output.write(lines.joined())
      lines.removeAll(keepingCapacity: true)
    }
    try output.write(lines.joined())
  }

  func finish() {}

  private func display(_ id: UInt16) -> String {
    Int(id) < charset.symbols.count ? charset.symbols[Int(id)].display : "unknown"
  }

  private func tell(
    _ judged: JudgedText, _ characters: JudgedCharacters, _ index: Int, _ shown: String,
    _ lines: inout [String]
  ) {
    let found = characters.predictions
    let column = characters.firstColumn + index + 1
    let others = found.alternatives(at: index).filter { $0.nats.isFinite }
    if options.isJSON {
      json.beginObject()
      json.member("file", judged.source)
      json.member("line", judged.number)
      json.member("column", column)
      json.member("character", shown)
      json.member(options.figure.isInNats ? "nats" : "bits", options.figure.inUnit(found.nats[index]))
      json.member("rank", found.ranks[index] > 0 ? found.ranks[index] : nil)
      json.key("alternatives")
      json.beginArray()
      for other in others {
        json.beginObject()
        json.member("character", display(other.id))
        json.member("probability", exp(-other.nats))
        json.endObject()
      }
      json.endArray()
      json.endObject()
      json.endLine()
      lines.append(json.text)
      json.removeAll()
      return
    }
    var columns = options.namesSource ? [judged.source] : []
    columns += [
      String(judged.number), String(column), shown,
      fixed(options.figure.inUnit(found.nats[index]), Figure.decimals),
      found.ranks[index] > 0 ? String(found.ranks[index]) : "-",
    ]
    for other in others { columns += [display(other.id), fixed(exp(-other.nats), Figure.decimals)] }
    lines.append(columns.joined(separator: "\t") + "\n")
  }
}
