// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct ConfigurationTests {
  @Test func sizesAtTheLimitsAreAccepted() throws {
    _ = try Configuration(symbolCount: 1, layerSizes: [1])
    _ = try Configuration(symbolCount: 65_535, layerSizes: [1])
    _ = try Configuration(symbolCount: 1, layerSizes: [Configuration.largestLayer])
    _ = try Configuration(symbolCount: 1, layerSizes: [Int](repeating: 1, count: Configuration.mostLayers))
  }

  @Test func sizesBeyondTheLimitsAreRefusedWithTheirNumber() {
    #expect(throws: ConfigurationError.symbolCount(0)) { try Configuration(symbolCount: 0, layerSizes: [1]) }
    #expect(throws: ConfigurationError.symbolCount(65_536)) {
      try Configuration(symbolCount: 65_536, layerSizes: [1])
    }
    #expect(throws: ConfigurationError.symbolCount(.min)) {
      try Configuration(symbolCount: .min, layerSizes: [1])
    }
    #expect(throws: ConfigurationError.layerCount(0)) { try Configuration(symbolCount: 1, layerSizes: []) }
    #expect(throws: ConfigurationError.layerCount(65)) {
      try Configuration(symbolCount: 1, layerSizes: [Int](repeating: 1, count: 65))
    }
    #expect(throws: ConfigurationError.layerSize(0)) {
      try Configuration(symbolCount: 1, layerSizes: [4, 0])
    }
    #expect(throws: ConfigurationError.layerSize(-1)) { try Configuration(symbolCount: 1, layerSizes: [-1]) }
    #expect(throws: ConfigurationError.layerSize(16_385)) {
      try Configuration(symbolCount: 1, layerSizes: [16_385])
    }
    #expect(throws: ConfigurationError.layerSize(.max)) {
      try Configuration(symbolCount: 1, layerSizes: [.max])
    }
  }

  @Test func moreParametersThanSixteenGibibytesAreRefused() throws {
    // Three layers of 16384 have 4 · 16384 · 32769 parameters each, apart from the lowest's input.
    _ = try Configuration(symbolCount: 10, layerSizes: [16_384, 16_384])
    let count = 10 * 16_385 + 4 * 16_384 * (10 + 16_384 + 1) + 2 * 4 * 16_384 * 32_769
    #expect(throws: ConfigurationError.parameterCount(count)) {
      try Configuration(symbolCount: 10, layerSizes: [16_384, 16_384, 16_384])
    }
  }

  @Test func parametersAreCountedAsTheTensorsHaveThem() throws {
    for (symbolCount, sizes) in [(1, [1]), (65, [128, 128]), (7, [5, 9, 2]), (300, [33])] {
      let configuration = try Configuration(symbolCount: symbolCount, layerSizes: sizes)
      let tensors = ParameterLayout(configuration).tensors
      #expect(configuration.parameterCount == tensors.reduce(0) { $0 + $1.count })
    }
    #expect(try Configuration(symbolCount: 65, layerSizes: [128, 128]).parameterCount == 239_297)
  }

  @Test func everyLayerReadsWhatTheOneBelowGives() throws {
    let configuration = try Configuration(symbolCount: 7, layerSizes: [5, 9, 2])
    #expect((0..<3).map(configuration.inputSize) == [7, 5, 9])
    #expect(configuration.outputSize == 2)
    // 2 · (20 · 5 + 36 · 14 + 8 · 11 + 7 · 2): the one-hot input is looked up.
    #expect(configuration.forwardOperations == 2 * (100 + 504 + 88 + 14))
  }
}
