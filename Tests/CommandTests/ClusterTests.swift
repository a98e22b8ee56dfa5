// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@Test func gnuParallelGivesTheBytesOfOneProcess() throws {
  let place = try Workplace.withModel(["a.txt": Prose.text(lines: 60)])
  let outcome = try place.shell(
    "'\(Programs.checkout)/Scripts/cluster/parallel.sh' m a.txt", environment: ["BLOCK": "500"])
  let lines = outcome.done().split(separator: "\n")
  try #require(lines.count == 2)
  for (line, program) in zip(lines, ["charsample", "charscore"]) {
    let numbers = line.split(separator: " ").compactMap { Int($0) }
    #expect(line.hasPrefix("\(program): ") && numbers.count == 3, "\(line)")
    // Several processes must have shared the work, or nothing was shown.
    #expect(numbers[0] > 60 && numbers[1] == 1 && numbers[2] > 3, "\(line)")
  }
}

@Test func localSGDLearnsFromRoundToRound() throws {
  // One process reads small letters alone and the other capitals: only the mean of both knows both.
  func both(_ text: String) -> String { text.lowercased() + text.uppercased() }
  let place = try Workplace([
    "train": both(Prose.text(lines: 300)), "held-out": both(Prose.text(lines: 40, seed: 2)),
  ])
  func loss(rounds: Int, into model: String) throws -> Double {
    let summary = try place.shell(
      "'\(Programs.checkout)/Scripts/cluster/local-sgd.sh' train held-out 2 \(rounds) \(model)",
      environment: ["EPOCHS": "\(rounds / 2)", "LAYERS": "16", "BATCH": "4"]
    ).done()
    let row = try #require(cells(summary).first { $0[0] == "nats_per_character" })
    return try #require(Double(row[1]))
  }
  let short = try loss(rounds: 2, into: "short")
  let long = try loss(rounds: 8, into: "long")
  // Unigram statistics of this text cost 3.4 nats.
  #expect(short < 3.4 && long < short - 0.3, "\(short) \(long)")
  // Each text was learned in pieces by two processes, but the characters are those of all of it.
  let charset = try place.shell(
    "charmodel info --charset long | cut -f 1 > of-model; chartok train | cut -f 1 | cmp - of-model")
  charset.done()
}

@Test func localSGDRefusesRoundsThatDoNotGoIntoEpochs() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 10)])
  let outcome = try place.shell(
    "'\(Programs.checkout)/Scripts/cluster/local-sgd.sh' a.txt a.txt 2 4 m", environment: ["EPOCHS": "3"])
  outcome.failed(64, "local-sgd.sh: 4 rounds are no multiple of 3 epochs")
  #expect(try !place.shell("ls").text.contains("m\n"))
}
