// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import ModelFile

/// What `charmodel info` says of a model.
struct ModelReport {
  private let file: ModelInspection
  private var model: Model { file.model }
  private var configuration: Configuration { model.parameters.configuration }

  /// A report about the model in a file.
  init(_ file: ModelInspection) {
    self.file = file
  }

  /// The characters as a charset file.
  var charset: [UInt8] { model.charset.serialized() }

  /// A line of JSON.
  var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("file", file.name)
    json.member("size", file.fileSize)
    json.key("types")
    json.beginArray()
    for type in file.elementTypes { json.string(type.rawValue) }
    json.endArray()
    json.key("layers")
    json.array(configuration.layerSizes)
    json.member("coupled", model.parameters.areCoupled)
    json.member("parameters", configuration.parameterCount)
    json.member("unit", model.charset.unit.rawValue)
    json.member("characters", model.charset.count)
    json.key("charset")
    json.beginArray()
    for symbol in model.charset.symbols {
      if let byte = symbol.byte { json.number(byte) } else { json.string(utf8: symbol.utf8) }
    }
    if model.charset.hasUnknown { json.null() }
    json.endArray()
    json.member("records", model.isOfRecords)
    json.member("checkpoint", file.isCheckpoint)
    if let training = model.training {
      json.key("training")
      training.write(to: &json)
    }
    json.member("digest", file.digest)
    json.endObject()
    json.endLine()
    return json.bytes
  }

  /// Lines for people: a name, and what there is to say.
  var text: String {
    var table = Table()
    table.add("file", file.name)
    table.add(
      "size",
      "\(grouped(file.fileSize)) bytes, values as \(file.elementTypes.map(\.rawValue).joined(separator: " and "))"
    )
    table.add("digest", file.digest)
    let layers = configuration.layerSizes.map(String.init).joined(separator: ", ")
    table.add("layers", layers)
    if model.parameters.areCoupled { table.add("cells", "coupled: an input gate is 1 less its forget gate") }
    table.add("parameters", grouped(configuration.parameterCount))
    let unit = model.charset.unit == .scalar ? "" : " (unit \(model.charset.unit.rawValue))"
    table.add(
      "characters",
      "\(grouped(model.charset.count))\(unit)\(model.charset.hasUnknown ? ", one for all unknown ones" : "")")
    for line in symbolLines { table.add("", line) }
    if model.isOfRecords { table.add("text", "records: what it writes ends at a newline") }
    if file.isCheckpoint { table.add("checkpoint", "yes: training can go on from here") }
    if let training = model.training {
      addTraining(training, to: &table)
    } else {
      table.add("training", "not known")
    }
    return table.text
  }

  private func addTraining(_ training: TrainingRecord, to table: inout Table) {
    if let length = training.corpusLength {
      let heldOut = training.heldOutLength.map { ", \(grouped($0)) of them held out" } ?? ""
      table.add("corpus", "\(grouped(length)) characters\(heldOut)")
    }
    if let digest = training.corpusDigest { table.add("", digest) }
    let facts = [
      training.steps.map { "\(grouped($0)) steps" },
      training.epochs.map { "\(fixed($0, $0 == $0.rounded() ? 0 : 2)) epochs" },
      training.seed.map { "seed \($0)" }, training.programVersion.map { "chartools \($0)" },
    ].compactMap(\.self)
    if !facts.isEmpty { table.add("training", facts.joined(separator: ", ")) }
    if let nats = training.trainNats { table.add("train loss", loss(nats)) }
    if let nats = training.heldOutNats { table.add("held-out loss", loss(nats)) }
    // What it is worth shows beside what simpler models make of the same text.
    let baselines = training.baselines.sorted { $0.value > $1.value }.map { "\($0) \(fixed($1, 4)) nats" }
    for (index, line) in filled(baselines, separator: ", ").enumerated() {
      table.add(index == 0 ? "baselines" : "", line)
    }
    // Models that do not tell are from before there was a choice, and it is what their options mean today.
    let told = training.options.isEmpty ? [:] : ["cell": "lstm"]
    let options = told.merging(training.options) { $1 }.sorted { $0.key < $1.key }
      .map { "--\($0) \(quoted($1))" }
    for (index, line) in filled(options, separator: " ").enumerated() {
      table.add(index == 0 ? "options" : "", line)
    }
  }

  private func loss(_ nats: Double) -> String {
    "\(fixed(nats, 6)) nats = \(fixed(nats * Score.bitsPerNat, 3)) bits per character"
  }

  /// The characters as a charset file shows them; of a large charset, the first and the last.
  private var symbolLines: [String] {
    let symbols = model.charset.symbols
    let most = 256
    if symbols.count <= most { return filled(symbols.map(\.display), separator: " ") }
    let first = symbols.prefix(most / 2).map(\.display)
    let last = symbols.suffix(most / 2).map(\.display)
    return filled(first, separator: " ") + ["… \(grouped(symbols.count - most)) more …"]
      + filled(last, separator: " ")
  }

  /// A value of an option as it would be typed into a shell.
  private func quoted(_ value: String) -> String {
    let isPlain =
      !value.isEmpty
      && value.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || "-_.,/:+%@".utf8.contains(byte)
      }
    return isPlain
      ? value
      : "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}

/// Names and what there is to say of each, one below the other.
struct Table {
  private var rows: [(name: String, value: String)] = []

  /// The lines.
  var text: String {
    let width = rows.reduce(0) { max($0, $1.name.utf8.count) } + 2
    return rows.map { name, value in
      name + String(repeating: " ", count: width - name.utf8.count) + value + "\n"
    }.joined()
  }

  /// Adds a line, under the one before where there is no name.
  mutating func add(_ name: String, _ value: String) { rows.append((name, value)) }
}

/// Words put together into lines of at most 64 characters, where a word is no longer.
func filled(_ words: [String], separator: String) -> [String] {
  var lines: [String] = []
  var width = 0
  for word in words {
    let length = word.count
    if let last = lines.last, width + separator.count + length <= 64 {
      lines[lines.count - 1] = last + separator + word
      width += separator.count + length
    } else {
      lines.append(word)
      width = length
    }
  }
  return lines
}

/// A whole number with a comma between groups of three digits.
func grouped(_ number: Int) -> String {
  let digits = Array(String(number))
  return String(
    digits.indices.flatMap { index in
      index > 0 && (digits.count - index) % 3 == 0 ? [",", digits[index]] : [digits[index]]
    })
}
