// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import Sampling

/// What can be set at the prompt.
struct PromptSettings {
  /// How characters are chosen; the excluded ones come from `avoided`.
  var sampling = SamplingOptions(temperature: 0.75)
  /// Characters that are never written, with backslash escapes.
  var avoided = ""
  /// Characters of a text; nil for no end.
  var length: Int? = 200
  /// Whether that was asked for, so that it holds for another model, too.
  var isLengthAsked = false
  /// Characters that no text goes beyond; nil for no such number.
  var maxLength: Int?
  /// Whole lines of a text; nil for any number.
  var lines: Int?
  /// What texts are written until, with backslash escapes.
  var until: [String] = []
  /// Whether seeds hold backslash escapes.
  var hasEscapes = false
  /// Whether characters that the model does not know are refused.
  var isStrict = false
  /// Where the random numbers begin.
  var randomSeed: UInt64 = 0

  /// One of them, by name.
  struct Option: Sendable {
    let name: String
    let help: String
    /// Values to begin with.
    let examples: [String]
    let value: @Sendable (PromptSettings) -> String
    let set: @Sendable (inout PromptSettings, String) throws(PromptComplaint) -> Void
  }

  /// All of them.
  static let options: [Option] = [
    Option(
      name: "temperature", help: "0 always takes the likeliest",
      examples: ["0", "0.25", "0.5", "0.75", "1"],
      value: { shown($0.sampling.temperature) },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.temperature = try number(text, 0...100, "temperature")
      }),
    Option(
      name: "length", help: "characters of a text, or inf", examples: ["200", "1000", "inf"],
      value: { $0.length.map(String.init) ?? "inf" },
      set: { settings, text throws(PromptComplaint) in
        settings.length = text == "inf" ? nil : try number(text, 0...1_000_000_000_000, "length")
        settings.isLengthAsked = true
      }),
    Option(
      name: "lines", help: "whole lines of a text", examples: ["1", "4", "off"],
      value: { $0.lines.map(String.init) ?? "off" },
      set: { settings, text throws(PromptComplaint) in
        settings.lines = text == "off" ? nil : try number(text, 1...1_000_000_000, "lines")
        settings.chooseLength()
      }),
    Option(
      name: "until", help: "text to end before; \\n is a newline", examples: ["off"],
      value: { $0.until.isEmpty ? "off" : $0.until.joined(separator: " or ") },
      set: { settings, text throws(PromptComplaint) in
        settings.until = text == "off" ? [] : [text]
        settings.chooseLength()
      }),
    Option(
      name: "seed", help: "where random numbers begin", examples: [],
      value: { String($0.randomSeed) },
      set: { settings, text throws(PromptComplaint) in
        settings.randomSeed = try number(text, 0...UInt64.max, "seed")
      }),
    Option(
      name: "top-k", help: "keep so many of the likeliest", examples: ["5", "20", "off"],
      value: { $0.sampling.topK.map(String.init) ?? "off" },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.topK = text == "off" ? nil : try number(text, 1...65535, "top-k")
      }),
    Option(
      name: "top-p", help: "keep this part of the probability",
      examples: ["0.9", "0.95", "off"],
      value: { $0.sampling.topP.map(shown) ?? "off" },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.topP = text == "off" ? nil : try number(text, 0.000_001...1, "top-p")
      }),
    Option(
      name: "min-p", help: "least part of the likeliest's chance",
      examples: ["0.05", "0.1", "off"],
      value: { $0.sampling.minP.map(shown) ?? "off" },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.minP = text == "off" ? nil : try number(text, 0.000_001...1, "min-p")
      }),
    Option(
      name: "repetition-penalty", help: "make recent characters less likely", examples: ["1", "1.2"],
      value: { shown($0.sampling.repetitionPenalty) },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.repetitionPenalty = try number(text, 0.01...100, "repetition-penalty")
      }),
    Option(
      name: "repetition-window", help: "how many characters are recent", examples: ["64"],
      value: { String($0.sampling.repetitionWindow) },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.repetitionWindow = try number(text, 1...1_048_576, "repetition-window")
      }),
    Option(
      name: "avoid", help: "never write these; \\n is a newline", examples: ["off"],
      value: { $0.avoided.isEmpty ? "off" : $0.avoided },
      set: { settings, text throws(PromptComplaint) in settings.avoided = text == "off" ? "" : text }),
  ]

  /// The option of that name, or of the one name that begins so.
  static func option(_ name: String) throws(PromptComplaint) -> Option {
    let found = options.filter { $0.name.hasPrefix(name) }
    if let exact = found.first(where: { $0.name == name }) ?? (found.count == 1 ? found.first : nil) {
      return exact
    }
    let names = (found.isEmpty ? options : found).map(\.name).joined(separator: ", ")
    throw PromptComplaint(
      found.isEmpty ? "no option '\(name)'; there are \(names)" : "'\(name)' can be \(names)")
  }

  /// How a charset's characters are chosen; nil if none of them may be.
  ///
  /// - Throws: `EscapeError` for characters to be avoided.
  func sampler(_ charset: Charset, kernels: Kernels) throws -> Sampler? {
    var options = sampling
    let avoided = try Escapes.decode(Array(avoided.utf8), source: "avoid")
    let ids = (try? TextEncoder.ids(of: avoided, in: charset, policy: .unknownOrSkip)) ?? []
    options.excluded = Set(ids.map(Int.init))
    guard charset.symbols.indices.contains(where: { !options.excluded.contains($0) }) else { return nil }
    return Sampler(options, charset: charset, kernels: kernels)
  }

  /// Where texts of a model end.
  ///
  /// - Throws: `PromptComplaint` where the model cannot write such an end.
  func ends(_ model: PromptModel, length: Int?) throws -> TextEnds {
    var ends = TextEnds(length: length)
    // Where nobody asked for text without end, it does not come.
    ends.maxLength = maxLength ?? (length == nil && !isLengthAsked ? 10_000 : nil)
    ends.recordEnd = model.end.map { UInt16($0) }
    if let lines {
      guard let newline = model.charset.newlineID else {
        throw PromptComplaint("the model knows no newline: set lines to off")
      }
      ends.lines = (lines, UInt16(newline))
    }
    ends.until = try until.map { text in
      try TextEncoder.ids(
        of: Escapes.decode(Array(text.utf8), source: "until"), in: model.charset, policy: .fail,
        source: "until")
    }
    return ends
  }

  /// The length where none was asked for: something else may end a text.
  mutating func chooseLength(isOfRecords: Bool = false) {
    if !isLengthAsked { length = isOfRecords || lines != nil || !until.isEmpty ? nil : 200 }
  }

  private static func number<Number: Comparable & LosslessStringConvertible>(
    _ text: String, _ range: ClosedRange<Number>, _ name: String
  ) throws(PromptComplaint) -> Number {
    guard let number = Number(text), range.contains(number) else {
      throw PromptComplaint("\(name) '\(text)': it takes \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `1` and not `1.0`.
  static func shown(_ value: Double) -> String {
    Temperatures([value]).defaultValueDescription
  }
}

/// What was typed at the prompt cannot be done; the session goes on.
struct PromptComplaint: Error, Equatable {
  /// In lower case, without a full stop.
  let text: String

  init(_ text: String) {
    self.text = text
  }
}
