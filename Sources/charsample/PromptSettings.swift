// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Sampling

/// What can be set at the prompt.
struct PromptSettings {
  /// How characters are chosen; the excluded ones come from `avoided`.
  var sampling = SamplingOptions(temperature: 0.75)
  /// Characters that are never written.
  var avoided = ""
  /// Characters of a text; nil for no end.
  var length: Int? = 200
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
      name: "temperature", help: "how freely to choose; 0 always takes the likeliest",
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
      }),
    Option(
      name: "seed", help: "where the random numbers begin", examples: [],
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
      name: "top-p", help: "keep the fewest that have this part of the probability",
      examples: ["0.9", "0.95", "off"],
      value: { $0.sampling.topP.map(shown) ?? "off" },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.topP = text == "off" ? nil : try number(text, 0.0001...1, "top-p")
      }),
    Option(
      name: "min-p", help: "keep those at least this part as likely as the likeliest",
      examples: ["0.05", "0.1", "off"],
      value: { $0.sampling.minP.map(shown) ?? "off" },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.minP = text == "off" ? nil : try number(text, 0.0001...1, "min-p")
      }),
    Option(
      name: "repetition-penalty", help: "make recent characters less likely", examples: ["1", "1.2"],
      value: { shown($0.sampling.repetitionPenalty) },
      set: { settings, text throws(PromptComplaint) in
        settings.sampling.repetitionPenalty = try number(text, 0.01...100, "repetition-penalty")
      }),
    Option(
      name: "avoid", help: "characters never to write", examples: ["off"],
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
  func sampler(_ charset: Charset, kernels: Kernels) -> Sampler? {
    var options = sampling
    let ids = (try? TextEncoder.ids(of: Array(avoided.utf8), in: charset, policy: .unknownOrSkip)) ?? []
    options.excluded = Set(ids.map(Int.init))
    guard charset.symbols.indices.contains(where: { !options.excluded.contains($0) }) else { return nil }
    return Sampler(options, charset: charset, kernels: kernels)
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
    value == value.rounded() && value.magnitude < 1e15 ? fixed(value, 0) : String(value)
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
