// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport

extension Model {
  /// The model whose every parameter is the weighted mean of the same one in all these models.
  ///
  /// That makes one model of those which were trained from a common beginning, on several machines or on parts of a text.
  /// Sums are kept in double precision, so the mean of equal models is that model. Of the training records is kept
  /// what all of them say, but no loss: nobody has measured the mean.
  ///
  /// - Parameters:
  ///   - models: at least one, with the same characters, layers and kind of text.
  ///   - weights: as many, none negative, not all zero.
  /// - Throws: `ModelMismatch` with the first model that does not match the first of all.
  public static func average(_ models: [Model], weights: [Double]) throws(ModelMismatch) -> Model {
    precondition(models.count == weights.count, "a weight for each model")
    let total = weights.reduce(0, +)
    precondition(total > 0 && total.isFinite && weights.allSatisfy { $0 >= 0 }, "weights that make no mean")
    let first = models[0]
    for (index, model) in models.enumerated() {
      if let difference = first.difference(from: model) {
        throw ModelMismatch(index: index, difference: difference)
      }
    }
    let mean = Parameters(first.parameters.configuration)
    for tensor in mean.layout.tensors {
      let target = mean[tensor]
      let sources = models.map { $0.parameters[tensor] }
      for index in target.indices {
        var sum = 0.0
        for (source, weight) in zip(sources, weights) { sum += weight * Double(source[index]) }
        target[index] = Float(sum / total)
      }
    }
    return Model(
      charset: first.charset, parameters: mean, isOfRecords: first.isOfRecords,
      training: TrainingRecord(commonTo: models.map(\.training)))
  }

  /// Why a parameter of one model is not the same thing in the other; nil if it is.
  private func difference(from other: Model) -> ModelMismatch.Difference? {
    if charset != other.charset { return .charset }
    let sizes = (parameters.configuration.layerSizes, other.parameters.configuration.layerSizes)
    if sizes.0 != sizes.1 { return .layers(sizes.1, expected: sizes.0) }
    if isOfRecords != other.isOfRecords { return .records(other.isOfRecords) }
    return nil
  }
}

extension TrainingRecord {
  /// What all of these records say, without losses; nil if one of the models has none.
  init?(commonTo records: [TrainingRecord?]) {
    let known = records.compactMap(\.self)
    guard let first = known.first, known.count == records.count else { return nil }
    func common<Value: Equatable>(_ fact: (TrainingRecord) -> Value?) -> Value? {
      let value = fact(first)
      return known.allSatisfy { fact($0) == value } ? value : nil
    }
    self.init(
      options: first.options.filter { name, value in known.allSatisfy { $0.options[name] == value } },
      corpusDigest: common(\.corpusDigest), corpusLength: common(\.corpusLength),
      heldOutLength: common(\.heldOutLength), steps: common(\.steps), epochs: common(\.epochs),
      baselines: common(\.baselines) ?? [:],
      seed: common(\.seed), programVersion: common(\.programVersion))
  }
}

/// Two models whose parameters have nothing to do with each other.
public struct ModelMismatch: UserFacingError, Equatable {
  /// In what they differ.
  public enum Difference: Equatable, Sendable {
    /// Other characters, or another order.
    case charset
    /// Other sizes of layers than the first model's.
    case layers([Int], expected: [Int])
    /// One is of records, and the first is not, or the other way round.
    case records(Bool)
  }

  /// Which of the models does not match the first, counted from 0.
  public let index: Int
  /// In what they differ.
  public let difference: Difference
  /// The model's file, once somebody has said what it is called.
  public var place: String?
  /// Models are data.
  public var kind: ErrorKind { .badData }

  /// A model that does not match the first.
  public init(index: Int, difference: Difference, place: String? = nil) {
    self.index = index
    self.difference = difference
    self.place = place
  }

  /// What is different.
  public var reason: String {
    switch difference {
    case .charset: "it has other characters than the first model"
    case .layers(let found, let expected): "its layers are \(found), those of the first model \(expected)"
    case .records(let isOfRecords):
      "it is \(isOfRecords ? "" : "not ")a model of records, unlike the first model"
    }
  }
}
