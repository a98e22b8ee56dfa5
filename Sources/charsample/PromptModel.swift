// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import ModelFile
import Sampling

/// The model that a session writes with.
struct PromptModel {
  /// As the prompt shows it.
  let name: String
  /// What `:show` says about it.
  let facts: String
  /// What predicts.
  let mixture: Mixture
  /// Whether each text ends with a newline of its own.
  let isOfRecords: Bool

  var charset: Charset { mixture.charset }

  /// The id that ends a text, if any does.
  var end: Int? { isOfRecords ? charset.newlineID : nil }

  init(name: String, facts: String, mixture: Mixture, isOfRecords: Bool) {
    self.name = name
    self.facts = facts
    self.mixture = mixture
    self.isOfRecords = isOfRecords
  }

  /// A model from a file.
  init(_ model: Model, path: String, kernels: Kernels) {
    self.init(
      name: Self.name(ofFile: path), facts: Self.facts(model),
      mixture: Mixture(Network(model.parameters, kernels: kernels), charset: model.charset),
      isOfRecords: model.isOfRecords)
  }

  /// `hamlet` of `models/hamlet.safetensors`; short enough for a prompt.
  static func name(ofFile path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if let dot = name.lastIndex(of: "."), name[dot...] == ".safetensors", dot > name.startIndex {
      name = String(name[..<dot])
    }
    let isClear = name.unicodeScalars.allSatisfy { Symbol(scalar: $0).display == String($0) || $0 == " " }
    return !isClear || name == "-" ? "model" : name.count > 24 ? name.prefix(23) + "…" : name
  }

  /// Sizes and quality in one line.
  static func facts(_ model: Model) -> String {
    let sizes = model.parameters.configuration.layerSizes.map(String.init).joined(separator: ",")
    let unit = model.charset.unit == .byte ? "bytes" : "characters"
    var facts = "layers \(sizes), \(model.charset.count) \(unit)"
    if model.isOfRecords { facts += ", writes records" }
    if let bits = model.training?.heldOutBits, bits.isFinite {
      facts += ", \(fixed(bits, 2)) bits per character on held-out text"
    }
    return facts
  }
}
