// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
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

  /// How many characters it can write.
  var symbolCount: Int { charset.symbols.count }
}

extension PromptModel {
  /// A model, or several mixed.
  init(_ models: LoadedModels) {
    self.init(
      name: models.name, facts: models.facts, mixture: models.mixture, isOfRecords: models.isOfRecords)
  }
}
