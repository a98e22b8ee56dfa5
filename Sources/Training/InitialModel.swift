// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import ModelFile

extension Model {
  /// The same network with rows for more characters, ids in code point order as ever.
  ///
  /// What it does to the characters that it knew is as before, but for the little probability that the new ones get. A
  /// new character begins as the unknown one where there is one: it was that. Else it is read as the mean of all
  /// characters and written as the least likely.
  ///
  /// - Parameter other: of the same unit.
  /// - Throws: `CharsetError` when there are more characters together than ids.
  public func extended(by other: Charset) throws(CharsetError) -> Model {
    precondition(charset.unit == other.unit, "characters of another unit")
    let merged = try Charset(
      unit: charset.unit, symbols: Set(charset.symbols + other.symbols).sorted(),
      hasUnknown: charset.hasUnknown || other.hasUnknown)
    guard merged != charset else { return self }
    let configuration: Configuration
    do {
      configuration = try Configuration(
        symbolCount: merged.count, layerSizes: parameters.configuration.layerSizes)
    } catch {
      preconditionFailure("\(merged.count) symbols were accepted and are not now: \(error)")
    }
    let larger = Parameters(configuration)
    for (old, new) in zip(parameters.layout.tensors, larger.layout.tensors)
    where old.rows == new.rows && old.columns == new.columns {
      larger.pointer(new).update(from: parameters.pointer(old), count: old.count)
    }
    let oldIDs = (0..<merged.count).map { id in
      id < merged.symbols.count ? charset.id(of: merged.symbols[id]) : charset.unknownID
    }
    let rows = [
      (parameters.layout.layers[0].input, larger.layout.layers[0].input),
      (parameters.layout.decoderWeight, larger.layout.decoderWeight),
    ]
    for (old, new) in rows {
      let neutral =
        charset.unknownID.map { Array(parameters[old][$0 * old.columns..<($0 + 1) * old.columns]) }
        ?? meanRow(old)
      for (id, oldID) in oldIDs.enumerated() {
        let row = oldID.map { Array(parameters[old][$0 * old.columns..<($0 + 1) * old.columns]) } ?? neutral
        for column in 0..<new.columns { larger[new][id * new.columns + column] = row[column] }
      }
    }
    let biases = parameters[parameters.layout.decoderBias]
    let neutral = charset.unknownID.map { biases[$0] } ?? biases.min() ?? 0
    for (id, oldID) in oldIDs.enumerated() {
      larger[larger.layout.decoderBias][id] = oldID.map { biases[$0] } ?? neutral
    }
    return Model(charset: merged, parameters: larger, isOfRecords: isOfRecords, training: training)
  }

  private func meanRow(_ tensor: Tensor) -> [Float] {
    (0..<tensor.columns).map { column in
      let sum = (0..<tensor.rows).reduce(0.0) {
        $0 + Double(parameters[tensor][$1 * tensor.columns + column])
      }
      return Float(sum / Double(tensor.rows))
    }
  }
}

extension Corpus {
  /// The same text with the ids of a charset that has all of its characters.
  ///
  /// - Throws: `TextError` where there is no memory.
  public func renumbered(for other: Charset) throws(TextError) -> Corpus {
    if other == charset { return self }
    let newIDs = (0..<charset.count).map { id -> UInt16 in
      let new = id < charset.symbols.count ? other.id(of: charset.symbols[id]) : other.unknownID
      guard let new else { preconditionFailure("a charset without \(charset.symbols[id].notation)") }
      return UInt16(new)
    }
    let renumbered = try IDSequence(ids.ids(in: 0..<ids.count).map { newIDs[Int($0)] })
    let recordEnd = beginnings.recordEnd.map { Int(newIDs[$0]) }
    return Corpus(
      charset: other, ids: renumbered,
      beginnings: TextBeginnings(documents: beginnings.documents, recordEnd: recordEnd))
  }
}
