// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import ModelFile
import Sampling

/// What `--model` takes: a path or a name, and after a colon the weight in a mixture.
struct ModelChoice: ExpressibleByArgument, Equatable {
  let model: String
  let weight: Double

  init?(argument: String) {
    let (model, weight) = Self.split(argument)
    self.model = model
    self.weight = weight ?? 1
    if model.isEmpty || weight.map({ !($0 > 0 && $0.isFinite) }) ?? false { return nil }
  }

  /// A colon without a number after it belongs to the path.
  private static func split(_ argument: String) -> (String, Double?) {
    guard let colon = argument.lastIndex(of: ":") else { return (argument, nil) }
    let number = argument[argument.index(after: colon)...]
    // Swift's own initializer would take "nan" and hexadecimal digits.
    guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
      let weight = Double(number)
    else { return (argument, nil) }
    return (String(argument[..<colon]), weight)
  }
}

/// The model to write with, or the models.
struct LoadedModels {
  let mixture: Mixture
  /// Whether what they write ends at a newline.
  let isOfRecords: Bool
  /// What a prompt calls them.
  let name: String
  /// Sizes and quality, for people.
  let facts: String

  /// Opens models, the default one if none is given.
  ///
  /// - Throws: what opening throws, or `CommandFailure` where the models do not fit together.
  init(_ choices: [ModelChoice], kernels: Kernels) throws {
    let folders = ModelPath()
    var paths: [(path: String, weight: Double)] = try choices.map { choice in
      (try folders.resolve(choice.model), choice.weight)
    }
    if paths.isEmpty { paths = [(try folders.resolve(nil), 1)] }
    var first: Model?
    var parts: [(network: Network, weight: Double)] = []
    for (path, weight) in paths {
      let model = try ModelReader.read(path: path)
      if let first, model.charset != first.charset {
        throw CommandFailure(
          place: path, "its characters are not those of \(paths[0].path), so they cannot be mixed",
          status: .badData)
      }
      if let first, model.isOfRecords != first.isOfRecords {
        throw CommandFailure(
          place: path, "one of it and \(paths[0].path) is of records, so they cannot be mixed",
          status: .badData)
      }
      first = first ?? model
      parts.append((Network(model.parameters, kernels: kernels), weight))
    }
    guard let first else { preconditionFailure("there is a default model") }
    mixture = Mixture(parts, charset: first.charset)
    isOfRecords = first.isOfRecords
    name = ModelDescription.name(ofFiles: paths.map(\.path))
    facts = paths.count > 1 ? "\(paths.count) models mixed" : ModelDescription.facts(first)
  }
}
