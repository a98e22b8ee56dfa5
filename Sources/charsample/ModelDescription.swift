// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import ModelFile

/// What people are told about a model.
enum ModelDescription {
  /// `hamlet` of `models/hamlet.safetensors`, of several models `hamlet+romeo`; short enough for a prompt.
  static func name(ofFiles paths: [String]) -> String {
    let name = paths.map(ModelPath.name).joined(separator: "+")
    let isClear = name.unicodeScalars.allSatisfy { $0 == " " || Symbol(scalar: $0).display == String($0) }
    if !isClear || name.isEmpty || name == "-" { return "model" }
    return name.count > 24 ? name.prefix(23) + "…" : name
  }

  /// Sizes and quality in one line.
  static func facts(_ model: Model) -> String {
    let sizes = model.parameters.configuration.layerSizes.map(String.init).joined(separator: ",")
    let unit = model.charset.unit == .byte ? "bytes" : "characters"
    var facts = "layers \(sizes), \(model.charset.count) \(unit)"
    if model.isOfRecords { facts += ", records" }
    if let bits = model.training?.heldOutBits, bits.isFinite {
      facts += ", \(fixed(bits, 2)) bits per character held out"
    }
    return facts
  }
}
