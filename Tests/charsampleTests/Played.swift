// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Sampling

@testable import CommandSupport
@testable import charsample

/// A session with a model of random parameters, and what it has shown.
final class Played {
  private(set) var text: [UInt8] = []
  private(set) var answers = ""
  private(set) var session: PromptSession
  /// After how many looks the writing is interrupted.
  var patience: Int?

  /// - Parameters:
  ///   - characters: of the model.
  ///   - strength: how sure the model is of itself.
  init(
    characters: String = "\n .:abcdefghij", isOfRecords: Bool = false, strength: Float = 4,
    style: PromptScreen.Style = .init(), hasUnknown: Bool = false
  ) throws {
    let model = try Self.model("toy", characters, isOfRecords, strength, hasUnknown)
    var settings = PromptSettings()
    settings.length = 20
    settings.randomSeed = 7
    weak var played: Played?
    let screen = PromptScreen(
      style: style, text: { played?.text += $0 },
      answers: { played?.answers += String(decoding: $0, as: UTF8.self) })
    session = PromptSession(
      model: model, settings: settings, screen: screen,
      surroundings: .init(
        load: { name in
          guard name == "other" else { throw PromptComplaint("no \(name)") }
          return try Self.model("other", "\n abc", false, 2, false)
        },
        models: { [ModelPath.Entry(name: "other", size: 12_345, path: "/models/other.safetensors")] },
        isInterrupted: { played?.losesPatience() ?? false }, home: "/home/me"))
    played = self
  }

  private func losesPatience() -> Bool {
    guard let left = patience else { return false }
    patience = left - 1
    return left <= 0
  }

  static func model(
    _ name: String, _ characters: String, _ isOfRecords: Bool, _ strength: Float, _ hasUnknown: Bool
  ) throws -> PromptModel {
    let symbols = characters.unicodeScalars.map { Symbol(scalar: $0) }.sorted()
    let charset = try Charset(unit: .scalar, symbols: symbols, hasUnknown: hasUnknown)
    let parameters = Parameters(try Configuration(symbolCount: charset.count, layerSizes: [13]))
    var random = PhiloxGenerator(seed: 5)
    parameters.initialize(.scaled, using: &random)
    for index in parameters.values.elements.indices { parameters.values.elements[index] *= strength }
    return PromptModel(
      name: name, facts: "facts", mixture: Mixture(Network(parameters, kernels: .best), charset: charset),
      isOfRecords: isOfRecords)
  }

  /// Types a line; gives what it wrote and what it said.
  @discardableResult
  func type(_ line: String, isOpen: Bool = false) throws -> (text: String, answer: String) {
    let before = (text.count, answers.count)
    _ = try session.take(Array(line.utf8), isOpen: isOpen)
    return (
      String(decoding: text[before.0...], as: UTF8.self), String(answers.dropFirst(before.1))
    )
  }
}
