// SPDX-License-Identifier: GPL-3.0-or-later
import ModelFile

/// A layer as `model.json` describes it: its class, and the settings that change what it computes.
struct LayerDescription {
  private(set) var name = "?"
  private var className = "?"
  /// The settings that are strings, numbers or truth values, by name.
  private var settings: [String: Setting] = [:]

  private enum Setting: Equatable {
    case word(String)
    case truth(Bool)
    /// Some other value.
    case other
  }

  private static let longestWord = 512
  private static let relevant = [
    "activation", "recurrent_activation", "use_bias", "go_backwards", "return_state",
  ]

  /// Reads the description that comes next.
  ///
  /// - Throws: `JSONError`.
  mutating func read(_ json: inout TensorFlowJSModel.Scanner) throws {
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "class_name": className = try json.readString(limit: Self.longestWord)
      case "config" where try json.kind() == .object: try readSettings(&json)
      default: try json.skipValue()
      }
    }
  }

  private mutating func readSettings(_ json: inout TensorFlowJSModel.Scanner) throws {
    try json.enterObject()
    while let key = try json.nextKey() {
      let kind = try json.kind()
      if key == "name", kind == .string {
        name = try json.readString(limit: Self.longestWord)
      } else if Self.relevant.contains(key), kind == .string {
        settings[key] = .word(try json.readString(limit: Self.longestWord))
      } else if Self.relevant.contains(key), kind == .boolean {
        settings[key] = .truth(try json.readBoolean())
      } else {
        // What is null is as good as not said.
        if Self.relevant.contains(key), kind != .null { settings[key] = .other }
        try json.skipValue()
      }
    }
  }

  /// Whether this is an LSTM layer or else a dense one, after making sure that it computes what ours do; nil for a
  /// layer that has no weights and changes nothing when text is written.
  ///
  /// - Throws: `ExchangeError.Problem.layer`.
  func checkedIsLSTM() throws(ExchangeError.Problem) -> Bool? {
    do throws(LayerProblem) {
      switch className {
      case "LSTM":
        try require("activation", ["tanh"], standard: "tanh")
        // Where nothing is said, TensorFlow.js takes its hard sigmoid.
        try require("recurrent_activation", ["sigmoid"], standard: "hard_sigmoid")
        try refuse("go_backwards")
        try requireBias()
        return true
      case "Dense":
        try require("activation", ["softmax", "linear"], standard: "linear")
        try requireBias()
        return false
      case "Activation":
        try require("activation", ["softmax", "linear"], standard: "linear")
        return nil
      case "InputLayer", "Dropout", "Softmax":
        return nil
      default:
        throw .className(className)
      }
    } catch {
      throw .layer(name, error)
    }
  }

  private func require(_ setting: String, _ words: [String], standard: String) throws(LayerProblem) {
    let word: String
    switch settings[setting] ?? .word(standard) {
    case .word(let said): word = said
    case .truth, .other: throw .setting(setting)
    }
    guard words.contains(word) else {
      throw ["hard_sigmoid", "hardSigmoid"].contains(word)
        ? .hardSigmoid(isStated: settings[setting] != nil) : .activation(setting, word)
    }
  }

  private func refuse(_ setting: String) throws(LayerProblem) {
    guard settings[setting] ?? .truth(false) == .truth(false) else { throw .setting(setting) }
  }

  private func requireBias() throws(LayerProblem) {
    guard settings["use_bias"] ?? .truth(true) == .truth(true) else { throw .noBias }
  }
}

/// Why a layer is not one of ours.
public enum LayerProblem: Error, Equatable, Sendable {
  /// A class of layers that is not known here.
  case className(String)
  /// TensorFlow.js's own kind of gates, said or left unsaid.
  case hardSigmoid(isStated: Bool)
  /// Another activation.
  case activation(String, String)
  /// A setting that makes the layer compute something else.
  case setting(String)
  /// A layer without a bias.
  case noBias
  /// A dense layer under others.
  case notLast
  /// One of its weights is not there.
  case missing(String)

  var reason: String {
    switch self {
    case .className(let name): "a layer of class \(name) is none of ours: LSTM and Dense layers are read"
    case .hardSigmoid(let isStated):
      "its gates are hard sigmoids\(isStated ? "" : ", which TensorFlow.js takes where nothing is said"): such a model "
        + "would write other text here; train it with recurrentActivation: 'sigmoid'"
    case .activation(let setting, let word): "its \(setting) is \(word), which is not read"
    case .setting(let setting): "its \(setting) is not what this network can do"
    case .noBias: "it has no bias"
    case .notLast: "a dense layer under others: only the last layer can be one"
    case .missing(let weight): "its \(weight) is not among the weights"
    }
  }
}
