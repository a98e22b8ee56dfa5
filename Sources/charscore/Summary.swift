// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport
import ModelFile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Adds up all texts and tells of the sum alone.
final class Summary: JudgedTextSink {
  private let output: OutputWriter
  private let models: [String]
  private let isJSON: Bool
  private var texts = 0
  private var sums: [Score]
  private var wins: [Int]

  /// - Parameter models: their names, at least one.
  init(_ output: OutputWriter, models: [String], isJSON: Bool) {
    self.output = output
    self.models = models
    self.isJSON = isJSON
    sums = models.map { _ in Score(nats: 0, count: 0) }
    wins = models.map { _ in 0 }
  }

  func take(_ judged: JudgedText) {
    texts += 1
    for (index, score) in judged.scores.enumerated() { sums[index] = sums[index] + score }
    wins[Verdict(judged.scores, figure: Figure()).best] += 1
  }

  func finish() throws {
    if isJSON { return try writeJSON() }
    if models.count == 1 {
      for (name, value) in rows(0) { try output.write("\(name)\t\(value)\n") }
      return
    }
    try output.write("model\tbest_of\t" + rows(0).map(\.name).joined(separator: "\t") + "\n")
    for (index, model) in models.enumerated() {
      let columns = [model, String(wins[index])] + rows(index).map(\.value)
      try output.write(columns.joined(separator: "\t") + "\n")
    }
  }

  private func rows(_ index: Int) -> [(name: String, value: String)] {
    let sum = sums[index]
    return [
      ("texts", String(texts)), ("characters", String(sum.count)), ("nats", fixed(sum.nats, 6)),
      ("nats_per_character", fixed(sum.natsPerCharacter, 6)),
      ("bits_per_character", fixed(sum.bitsPerCharacter, 6)),
      ("perplexity", fixed(exp(sum.natsPerCharacter), 6)), ("compressed_bytes", String(bytes(sum))),
    ]
  }

  /// What a perfect coder would need with this model.
  private func bytes(_ sum: Score) -> Int { Int((sum.nats * Score.bitsPerNat / 8).rounded(.up)) }

  private func writeJSON() throws {
    var json = JSONWriter()
    for (index, model) in models.enumerated() {
      let sum = sums[index]
      json.beginObject()
      json.member("model", model)
      if models.count > 1 { json.member("best_of", wins[index]) }
      json.member("texts", texts)
      json.member("characters", sum.count)
      json.member("nats", sum.nats)
      json.member("nats_per_character", sum.natsPerCharacter)
      json.member("bits_per_character", sum.bitsPerCharacter)
      json.member("perplexity", exp(sum.natsPerCharacter))
      json.member("compressed_bytes", bytes(sum))
      json.endObject()
      json.endLine()
    }
    try output.write(json.bytes)
  }
}
