// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import ModelFile
import Testing

@testable import Training

private func charset(_ text: String, unknown: Bool = false) throws -> Charset {
  try Charset(
    unit: .scalar, symbols: Set(text.unicodeScalars.map(\.value)).sorted().map { Symbol(scalar: $0) },
    hasUnknown: unknown)
}

private func model(_ charset: Charset) throws -> Model {
  let parameters = Parameters(try Configuration(symbolCount: charset.count, layerSizes: [5, 3]))
  var random = PhiloxGenerator(seed: 8)
  parameters.initialize(.scaled, using: &random)
  for index in parameters[parameters.layout.decoderBias].indices {
    parameters[parameters.layout.decoderBias][index] = random.uniform(within: 1)
  }
  return Model(charset: charset, parameters: parameters)
}

/// Logits after reading a text.
private func logits(_ model: Model, _ text: String) -> [Float] {
  let chunk = Chunk(model.parameters.configuration, rows: 1, capacity: 8)
  let network = Network(model.parameters, kernels: .best)
  let ids = text.unicodeScalars.map { UInt16(model.charset.id(ofScalar: $0.value)!) }
  network.forward(ids, steps: ids.count, chunk: chunk)
  network.carryState(after: ids.count, chunk: chunk)
  network.decodeState(of: chunk)
  return Array(chunk.logits.elements[..<model.charset.count])
}

@Suite struct InitialModelTests {
  @Test(arguments: [false, true])
  func anExtendedModelSaysTheSameOfWhatItKnew(unknown: Bool) throws {
    let small = try model(charset("bdf", unknown: unknown))
    let large = try small.extended(by: charset("abcdz"))
    #expect(large.charset == (try charset("abcdfz", unknown: unknown)))
    let before = logits(small, "bdfb")
    let after = logits(large, "bdfb")
    for character in "bdf".unicodeScalars {
      let old = small.charset.id(ofScalar: character.value)!
      let new = large.charset.id(ofScalar: character.value)!
      #expect(before[old] == after[new])
    }
    if unknown {
      #expect(before[small.charset.unknownID!] == after[large.charset.unknownID!])
      #expect(after[large.charset.id(ofScalar: 0x7A)!] == before[small.charset.unknownID!])
    }
  }

  @Test func aNewCharacterIsTheLeastLikelyAndReadAsTheMean() throws {
    let small = try model(charset("bdf"))
    let large = try small.extended(by: charset("z"))
    let (old, new) = (small.parameters, large.parameters)
    let id = large.charset.id(ofScalar: 0x7A)!
    #expect(new[new.layout.decoderBias][id] == old[old.layout.decoderBias].min())
    let table = old.layout.layers[0].input
    for column in 0..<table.columns {
      let mean = (0..<3).reduce(0.0) { $0 + Double(old[table][$1 * table.columns + column]) } / 3
      #expect(new[new.layout.layers[0].input][id * table.columns + column] == Float(mean))
    }
  }

  @Test func withNothingNewTheModelStaysAsItIs() throws {
    let small = try model(charset("bdf"))
    let same = try small.extended(by: charset("df"))
    #expect(same.charset == small.charset)
    #expect(same.parameters === small.parameters)
  }

  @Test func aRunBeginsWithTheModelsValues() throws {
    let first = try Verse.trainer(Verse.options())
    _ = try first.run(TrainingObserver())
    let learned = first.model(programVersion: "1")
    let goingOn = try Verse.trainer(Verse.options { $0.epochs = 0 }, .model(learned))
    _ = try goingOn.run(TrainingObserver())
    #expect(goingOn.saved?.heldOutNats == first.saved?.heldOutNats)
    // The model that was given is left alone.
    let more = try Verse.trainer(Verse.options { $0.epochs = 1 }, .model(learned))
    _ = try more.run(TrainingObserver())
    #expect(
      Array(goingOn.network.parameters.values.elements) == Array(learned.parameters.values.elements))
  }

  @Test(arguments: [true, false]) func coupledGatesStayCoupledWithMoreCharacters(unknown: Bool) throws {
    let small = try model(charset("bdf", unknown: unknown))
    #expect(!(try small.extended(by: charset("abcd")).parameters.areCoupled))
    small.parameters.couple()
    let larger = try small.extended(by: charset("abcd"))
    #expect(larger.parameters.areCoupled && larger.charset.count > small.charset.count)
  }

  @Test func aModelThatIsTrainedFurtherIsTrainedGently() {
    let usual = Verse.options()
    #expect(abs(Verse.options { $0.continuesModel = true }.learningRate - 0.3 * usual.learningRate) < 1e-12)
    let asked = Verse.options {
      $0.continuesModel = true
      $0.learningRate = 0.5
    }
    #expect(asked.learningRate == 0.5)
  }

  @Test func aTextKeepsItsCharactersUnderOtherIDs() throws {
    let text = try Corpus(charset: charset("bdf"), ids: IDSequence([0, 1, 2, 1]))
    let renumbered = try text.renumbered(for: charset("abcdef"))
    #expect(renumbered.ids.ids(in: 0..<4) == [1, 3, 5, 3])
  }
}
