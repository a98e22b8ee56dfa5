// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import FileSupport
import ModelFile
import Sampling

/// How continuations are written.
enum OutputForm {
  /// Text as it is, each on a line of its own.
  case text
  /// Text that the byte ends: records.
  case records(UInt8)
  /// What each character costs, on a line of its own; a blank line after each text.
  case scores
  /// An object on a line.
  case json
  /// Fields on a line.
  case tsv

  /// Whether a text can be written while it grows.
  var streams: Bool {
    switch self {
    case .text, .records: true
    case .scores, .json, .tsv: false
    }
  }
}

/// Writes continuations, whole or as they grow: bytes as they are into a pipe, control characters escaped on a
/// terminal.
final class ContinuationPrinter {
  private let output: OutputWriter
  private let form: OutputForm
  private let charset: Charset
  private let symbols: [[UInt8]]
  private let temperatures: [Double]
  private let randomSeed: UInt64
  private let echo: Bool
  private let withScores: Bool
  private let withNumbers: Bool
  private var escaper: ControlEscaper?

  /// What is written next, all at once.
  private var buffer: [UInt8] = []
  private var json = JSONWriter()
  private var isUnderWay = false
  private var endsLine = true

  /// - Parameters:
  ///   - temperatures: those of the samplers; several are told apart by a label.
  ///   - echo: whether text begins with its seed.
  ///   - withNumbers: whether JSON and TSV tell which record of the input a text is for.
  ///   - withScores: whether JSON and TSV tell what each character costs.
  init(
    _ output: OutputWriter, form: OutputForm, charset: Charset, temperatures: [Double], randomSeed: UInt64,
    echo: Bool, withNumbers: Bool = true, withScores: Bool,
    isTerminal: Bool = Terminal(descriptor: 1).isTerminal
  ) {
    self.output = output
    self.form = form
    self.charset = charset
    self.temperatures = temperatures
    self.randomSeed = randomSeed
    self.echo = echo
    self.withNumbers = withNumbers
    self.withScores = withScores
    symbols = (0..<charset.count).map(charset.bytes(of:))
    escaper = isTerminal ? ControlEscaper() : nil
  }

  /// Whether a text can be written while it grows.
  var streams: Bool { form.streams }

  /// Writes more of a text whose end is still to come.
  func grow(_ continuation: Continuation, by ids: [UInt16]) throws {
    begin(continuation)
    append(ids)
    try send()
  }

  /// Writes a text, or what is left of it, and its end.
  func finish(_ continuation: Continuation) throws {
    switch form {
    case .text, .records: endText(continuation)
    case .scores: scoreLines(continuation)
    case .json: object(continuation)
    case .tsv: row(continuation)
    }
    if let rest = escaper?.finish() { buffer += rest }
    try send()
  }

  private func send() throws {
    if buffer.isEmpty { return }
    // One write, so that a record of a reasonable length arrives whole.
    try output.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: some Sequence<UInt8>) {
    if escaper == nil { buffer.append(contentsOf: bytes) } else { buffer += escaper?.escape(bytes) ?? [] }
  }

  private func append(_ ids: [UInt16]) {
    guard let last = ids.last else { return }
    for id in ids { put(symbols[Int(id)]) }
    endsLine = symbols[Int(last)].last == UInt8(ascii: "\n")
  }

  /// Label and seed, once a text.
  private func begin(_ continuation: Continuation) {
    if isUnderWay { return }
    isUnderWay = true
    endsLine = true
    if temperatures.count > 1 {
      let label = Self.shown(temperatures[continuation.sampler])
      if case .records = form { put("\(label)\t".utf8) } else { put("[temperature \(label)]\n".utf8) }
    }
    if echo { append(continuation.seed.ids) }
  }

  private func endText(_ continuation: Continuation) {
    if let text = continuation.text {
      begin(continuation)
      append(text.ids)
    }
    // A record keeps its place even where nothing was found to stand there.
    if case .records(let separator) = form { put([separator]) } else if !endsLine { put([0x0A]) }
    isUnderWay = false
    endsLine = true
  }

  private func scoreLines(_ continuation: Continuation) {
    if temperatures.count > 1 {
      put("[temperature \(Self.shown(temperatures[continuation.sampler]))]\n".utf8)
    }
    if let text = continuation.text {
      let characters = text.ids.map { shown(Int($0)) } + (text.endLoss == nil ? [] : ["\\n"])
      for (bits, character) in zip(Self.scores(text), characters) {
        put("\(fixed(bits, 3))\t\(character)\n".utf8)
      }
    }
    put([0x0A])
  }

  private func object(_ continuation: Continuation) {
    let score = continuation.text?.score
    json.beginObject()
    if withNumbers { json.member("record", continuation.seed.number) }
    json.member("seed", wellFormed(continuation.seed.bytes))
    json.key("text")
    if let text = continuation.text { json.string(wellFormed(bytes(of: text))) } else { json.null() }
    json.member("temperature", temperatures[continuation.sampler])
    json.member("sample", continuation.sample + 1)
    json.member("nats", score?.nats)
    json.member("bits_per_character", score?.bitsPerCharacter)
    json.member("stop", stop(continuation))
    json.member("random_seed", randomSeed)
    if withScores, let text = continuation.text {
      json.key("scores")
      json.beginArray()
      for bits in Self.scores(text) { json.number(bits) }
      json.endArray()
    }
    json.endObject()
    json.endLine()
    put(json.bytes)
    json.removeAll()
  }

  private func row(_ continuation: Continuation) {
    let text = continuation.text
    put(Escapes.encode(continuation.seed.bytes))
    put([0x09])
    put(Escapes.encode(text.map(bytes(of:)) ?? []))
    var fields = [
      text.map { fixed($0.score.nats, 6) } ?? "", text.map { fixed($0.score.bitsPerCharacter, 6) } ?? "",
      stop(continuation), withNumbers ? "\(continuation.seed.number)" : "", "\(continuation.sample + 1)",
      Self.shown(temperatures[continuation.sampler]), "\(randomSeed)",
    ]
    if withScores { fields.append(text.map(Self.scores)?.map { fixed($0, 3) }.joined(separator: " ") ?? "") }
    for field in fields { put("\t\(field)".utf8) }
    put([0x0A])
  }

  private func stop(_ continuation: Continuation) -> String { continuation.text?.stop?.rawValue ?? "tries" }

  private func bytes(of text: WrittenText) -> [UInt8] { text.ids.flatMap { symbols[Int($0)] } }

  /// Text as JSON has to have it: only bytes that are a model's characters can be anything else than UTF-8.
  private func wellFormed(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Bits of each character, then of the record's end if there is one.
  private static func scores(_ text: WrittenText) -> [Double] {
    (text.losses + (text.endLoss.map { [$0] } ?? [])).map { $0 * Score.bitsPerNat }
  }

  private func shown(_ id: Int) -> String {
    id < charset.symbols.count ? charset.symbols[id].display : "\u{FFFD}"
  }

  private static func shown(_ temperature: Double) -> String {
    Temperatures([temperature]).defaultValueDescription
  }
}
