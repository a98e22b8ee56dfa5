// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import ModelFile

/// A run at rest: a model file with all that it takes to go on as if nothing had happened.
public struct Checkpoint {
  /// The network as it stood, with the extra tensors and strings.
  public let model: Model
  /// The run's options.
  public let options: TrainingOptions
  /// The instruction set that computed it.
  public let instructionSet: String
  /// How often the run wrote a checkpoint.
  public let interval: CheckpointInterval?
  /// The digest of the text being learned.
  let textDigest: String
  /// The digest of the text held out apart; nil if there was none.
  let validationDigest: String?
  let position: TrainingPosition

  /// Names of strings that are not part of the position.
  private enum Key {
    static let instructionSet = TrainingPosition.prefix + "isa"
    static let seconds = TrainingPosition.prefix + "checkpoint-seconds"
    static let updates = TrainingPosition.prefix + "checkpoint-updates"
    static let text = TrainingPosition.prefix + "text-digest"
    static let validation = TrainingPosition.prefix + "validation-digest"
  }

  private static let best = "best"

  /// Reads the checkpoint in a model that was opened with its extras.
  ///
  /// - Throws: `CheckpointError`; the sizes of its tensors are looked at by `Trainer`.
  public init(_ model: Model) throws(CheckpointError) {
    position = try TrainingPosition(model.extraMetadata)
    guard let record = model.training, let seed = record.seed else { throw .missing("training") }
    options = try TrainingOptions(described: record.options, seed: seed)
    guard options.layerSizes == model.parameters.configuration.layerSizes else {
      throw .field("layers", record.options["layers"] ?? "")
    }
    self.model = model
    let strings = CheckpointFields(model.extraMetadata)
    instructionSet = try strings.text(Key.instructionSet)
    if strings.has(Key.seconds) {
      interval = .seconds(try strings.number(Key.seconds, in: OptionRange.checkpointSeconds))
    } else if strings.has(Key.updates) {
      interval = .updates(try strings.integer(Key.updates, in: OptionRange.checkpointUpdates))
    } else {
      interval = nil
    }
    textDigest = try strings.text(Key.text)
    validationDigest = model.extraMetadata[Key.validation]
  }

  /// A model file's contents for a state.
  ///
  /// - Parameters:
  ///   - snapshot: the state; a network whose average is kept shows that, and the parameters go among the extras.
  ///   - best: the parameters of the best check, if it was not this state's.
  static func model(
    _ snapshot: TrainingSnapshot, best: FloatBuffer?, of base: Model, instructionSet: String,
    interval: CheckpointInterval?, textDigest: String, validationDigest: String?
  ) -> Model {
    let layout = base.parameters.layout
    var tensors: [NamedTensor] = []
    func add(_ name: String, _ values: FloatBuffer) {
      for tensor in layout.tensors {
        tensors.append(
          NamedTensor(
            name: "optimizer.\(name).\(tensor.name)", shape: [tensor.rows, tensor.columns],
            values: Array(values.elements[tensor.offset..<tensor.offset + tensor.count])))
      }
    }
    let shown: TrainedNumbers = snapshot.numbers[.averages] == nil ? .parameters : .averages
    for part in TrainedNumbers.allCases where part != shown {
      if let values = snapshot.numbers[part] { add(part.rawValue, values) }
    }
    if let best { add(Self.best, best) }
    for (index, state) in snapshot.carried.enumerated() {
      tensors.append(NamedTensor(name: "optimizer.state.\(index)", shape: [state.count], values: state))
    }
    var metadata = snapshot.position.fields
    metadata[Key.instructionSet] = instructionSet
    metadata[Key.text] = textDigest
    metadata[Key.validation] = validationDigest
    switch interval {
    case .seconds(let seconds): metadata[Key.seconds] = String(seconds)
    case .updates(let updates): metadata[Key.updates] = String(updates)
    case nil: break
    }
    let parameters = Parameters(base.parameters.configuration)
    if let values = snapshot.numbers[shown] { parameters.values.copy(from: values) }
    return Model(
      charset: base.charset, parameters: parameters, isOfRecords: base.isOfRecords, training: base.training,
      extraTensors: tensors, extraMetadata: metadata)
  }

  /// Puts the numbers into place.
  ///
  /// - Parameters:
  ///   - numbers: as many as the run has.
  ///   - best: takes the parameters of the best check, if there was one.
  ///   - carried: states of the right sizes.
  /// - Throws: `CheckpointError.tensor`.
  func restore(
    _ numbers: [TrainedNumbers: FloatBuffer], best: FloatBuffer?, carried: inout [[Float]]
  ) throws(CheckpointError) {
    let tensors = Dictionary(uniqueKeysWithValues: model.extraTensors.map { ($0.name, $0) })
    let layout = model.parameters.layout
    func load(_ name: String, _ values: FloatBuffer) throws(CheckpointError) {
      for tensor in layout.tensors {
        let name = "optimizer.\(name).\(tensor.name)"
        guard let stored = tensors[name], stored.shape == [tensor.rows, tensor.columns] else {
          throw .tensor(name)
        }
        for (index, value) in stored.values.enumerated() { values.pointer[tensor.offset + index] = value }
      }
    }
    let shown: TrainedNumbers = numbers[.averages] == nil ? .parameters : .averages
    for (part, values) in numbers {
      if part == shown { values.copy(from: model.parameters.values) } else { try load(part.rawValue, values) }
    }
    if let best, let mark = position.best {
      if mark.step == position.step {
        best.copy(from: model.parameters.values)
      } else {
        try load(Self.best, best)
      }
    }
    for index in carried.indices {
      let name = "optimizer.state.\(index)"
      guard let stored = tensors[name], stored.shape == [carried[index].count] else { throw .tensor(name) }
      carried[index] = stored.values
    }
  }
}
