// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import Sampling

/// Writes the continuation of each seed, in order: a lone seed's character by character as it is born, those of many
/// seeds that have arrived together side by side.
struct SampleWriter {
  let network: Network
  let charset: Charset
  let sampler: Sampler
  let workers: Workers
  let randomSeed: UInt64
  /// Symbols after each seed; nil for no end.
  let length: Int?
  let echo: Bool

  /// Symbols held back at most while texts are written side by side.
  private static let mostHeldBack = 1 << 20
  /// Texts written side by side at most.
  private static let mostTogether = 256

  func write(_ seeds: Seeds, to printer: TextPrinter) throws {
    let generator = TextGenerator(network, charset: charset)
    let batches = BatchGenerator(network, charset: charset, sampler: sampler, workers: workers)
    while let first = try seeds.next() {
      var together = [first]
      var heldBack = heldBack(by: first)
      var failure: (any Error)?
      // A seed that cannot be read is an error after those before it are written, however they arrived.
      do {
        while together.count < Self.mostTogether, heldBack < Self.mostHeldBack,
          let another = try seeds.nextArrived()
        {
          together.append(another)
          heldBack += self.heldBack(by: another)
        }
      } catch {
        failure = error
      }
      if let length, together.count > 1 {
        let texts = batches.generate(together, length: length, randomSeed: randomSeed)
        for (seed, text) in zip(together, texts) {
          if echo { try printer.write(seed.ids) }
          try printer.write(text)
          try printer.endText()
        }
      } else {
        try stream(first, from: generator, to: printer)
      }
      if let failure { throw failure }
    }
  }

  /// What has to wait in memory for a text to be whole; a text without end cannot wait.
  private func heldBack(by seed: BatchGenerator.Seed) -> Int {
    min(length ?? Self.mostHeldBack, Self.mostHeldBack) + seed.ids.count
  }

  private func stream(_ seed: BatchGenerator.Seed, from generator: TextGenerator, to printer: TextPrinter)
    throws
  {
    var random = PhiloxGenerator(seed: randomSeed, stream: seed.number)
    if echo { try printer.write(seed.ids) }
    generator.begin()
    generator.read(seed.ids)
    var written = 0
    while length.map({ written < $0 }) ?? true {
      try printer.write([UInt16(generator.next(sampler, using: &random))])
      written += 1
    }
    try printer.endText()
  }
}
