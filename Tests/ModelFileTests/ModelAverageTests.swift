// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Testing

@testable import ModelFile

@Suite struct ModelAverageTests {
  func model(
    _ text: String = "\nab", layers: [Int] = [3, 2], seed: UInt64 = 1, isOfRecords: Bool = false,
    training: TrainingRecord? = nil
  ) throws -> Model {
    let charset = try scalars(text)
    return Model(
      charset: charset,
      parameters: try makeParameters(symbolCount: charset.count, layers: layers, seed: seed),
      isOfRecords: isOfRecords, training: training)
  }

  @Test func everyParameterIsTheWeightedMean() throws {
    let models = try [model(seed: 1), model(seed: 2), model(seed: 3)]
    let mean = try Model.average(models, weights: [1, 2, 5])
    for tensor in mean.parameters.layout.tensors {
      for index in 0..<tensor.count {
        let values = models.map { Double($0.parameters[tensor][index]) }
        let expected = Float((values[0] + 2 * values[1] + 5 * values[2]) / 8)
        #expect(mean.parameters[tensor][index] == expected)
      }
    }
  }

  @Test func meanOfEqualModelsIsThatModel() throws {
    let one = try model()
    #expect(areSame(try Model.average([one, one, one], weights: [1, 1, 1]).parameters, one.parameters))
    #expect(areSame(try Model.average([one, model(seed: 9)], weights: [0.3, 0]).parameters, one.parameters))
  }

  @Test func modelsThatDoNotMatchAreRefused() throws {
    func expect(_ difference: ModelMismatch.Difference, _ other: Model) throws {
      let models = [try model(), try model(), other]
      #expect(throws: ModelMismatch(index: 2, difference: difference)) {
        try Model.average(models, weights: [1, 1, 1])
      }
    }
    try expect(.charset, model("\nac"))
    try expect(.charset, model("\nabc"))
    try expect(.layers([2, 3], expected: [3, 2]), model(layers: [2, 3]))
    try expect(.layers([3], expected: [3, 2]), model(layers: [3]))
    try expect(.records(true), model(isOfRecords: true))
  }

  @Test func recordKeepsWhatAllSayAndNoLoss() throws {
    let first = TrainingRecord(
      options: ["layers": "3,2", "seed": "1"], corpusDigest: "xxh64:1", corpusLength: 10, heldOutLength: 1,
      steps: 5, epochs: 2, trainNats: 1, heldOutNats: 1.5, heldOutBits: 2, seed: 1, programVersion: "1")
    var second = first
    second.options["seed"] = "2"
    second.seed = 2
    second.corpusDigest = "xxh64:2"
    let mean = try Model.average([model(training: first), model(training: second)], weights: [1, 1])
    #expect(
      mean.training
        == TrainingRecord(
          options: ["layers": "3,2"], corpusLength: 10, heldOutLength: 1, steps: 5, epochs: 2,
          programVersion: "1"))
    #expect(try Model.average([model(training: first), model()], weights: [1, 1]).training == nil)
  }
}
