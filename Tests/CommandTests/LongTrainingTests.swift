// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@Test(arguments: ["10", "100"])
func aRateThatIsTooHighEndsInRecoveryOrAGoodModel(rate: String) throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 200)])
  let run = try place.run(
    "chartrain", "-q", "--layers", "32", "--epochs", "4", "--learning-rate", rate, "-o", "m", "a.txt")
  #expect(run.messages.contains("the learning rate is lowered to 50.0%"))
  if run.ending != .status(0) {
    #expect(run.ending == .status(70))
    #expect(run.messages.contains("training diverges"))
    #expect(run.messages.hasSuffix("was written to m\n"))
  }
  try place.run("charsample", "-m", "m", "--prompt", "The", "-n", "20").done()
}

@Test func aRunWithABudgetEndsInTime() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 400)])
  let begin = Date()
  let run = try place.run(
    "chartrain", "--for", "2s", "--log", "log", "--display-length", "20", "-o", "m", "a.txt")
  run.done()
  let taken = Date().timeIntervalSince(begin)
  // The final measure and a busy machine come on top.
  #expect(taken > 1.8 && taken < 20)
  let rows = try place.text("log").split(separator: "\n").dropFirst(2).map { $0.split(separator: "\t") }
  let last = try #require(rows.last)
  #expect(abs(Double(last[2])! - 2) < 0.3)
  #expect(rows.count >= 1 && rows.count <= 10)
  let model = String(decoding: try place.read("m").prefix(6000), as: UTF8.self)
  #expect(model.contains("\\\"for\\\":\\\"2.0s\\\""))
  try place.run("charsample", "-m", "m", "--prompt", "The", "-n", "20").done()
  for bad in ["0s", "-3s", "10", "s", "10d", "1e9h"] {
    try place.run("chartrain", "--for=\(bad)", "-o", "n", "a.txt").failed(64, "chartrain: ", "--for")
  }
}

@Test func aRunWithABudgetEndsAfterItsLastPass() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  // A short text is read only so often, however much time there is.
  let short = try place.run("chartrain", "--for", "1h", "--layers", "8", "-o", "m", "a.txt")
  short.done()
  let most = try #require(short.messages.firstMatch(of: /, at most (\d+) passes/)?.1)
  #expect(short.messages.contains("all \(most) passes were made before the time was up: held-out "))
  let asked = try place.run("chartrain", "--for", "1h", "--epochs", "3", "--layers", "8", "-o", "n", "a.txt")
  asked.done()
  #expect(asked.messages.contains(", at most 3 passes") && asked.messages.contains("all 3 passes were made"))
}

@Test func aModelLearnsAnotherText() throws {
  let place = try Workplace([
    "a.txt": Prose.text(lines: 200), "b.txt": Prose.text(lines: 60, seed: 5),
    "c.txt": Prose.text(lines: 60, seed: 5).replacing("e", with: "é"),
  ])
  try place.run("chartrain", "-q", "--layers", "24", "--epochs", "8", "-o", "m", "a.txt").done()
  func loss(_ arguments: String...) throws -> Double {
    let launch = try place.launch(
      "chartrain", ["-q", "--epochs", "1", "--log", "log", "--force", "-o", "n"] + arguments)
    try RunningProgram(launch).finish().done()
    let row = try place.text("log").split(separator: "\n").last?.split(separator: "\t")
    return try #require(row.flatMap { Double($0[4]) })
  }
  #expect(try loss("--init-from", "m", "b.txt") < loss("--layers", "24", "b.txt") - 0.5)

  try place.run("chartrain", "--init-from", "m", "-o", "x", "c.txt").failed(
    65, "chartrain: c.txt:", "U+00E9")
  #expect(try loss("--init-from", "m", "--extend-charset", "c.txt") < loss("--layers", "24", "c.txt"))
  #expect(try place.shell("charsample -m n --prompt é --strict -n 3").done().hasPrefix("é"))

  try place.run("chartrain", "--init-from", "m", "--layers", "8", "-o", "x", "b.txt").failed(
    64, "chartrain: m: its layers are 24")
  try place.run("chartrain", "--init-from", "m", "--size", "small", "-o", "x", "b.txt").failed(
    64, "chartrain: --size")
  try place.run("chartrain", "--extend-charset", "-o", "x", "b.txt").failed(64, "chartrain: --extend-charset")
  try place.shell("chartok b.txt c.txt > other.charset").done()
  try place.run("chartrain", "--init-from", "m", "-c", "other.charset", "-o", "x", "b.txt").failed(
    64, "chartrain: other.charset: ", "--extend-charset")
  // By its name.
  try place.shell("mkdir kept && mv m kept/known.safetensors").done()
  try place.run(
    "chartrain", "-q", "--init-from", "known", "--epochs", "1", "-o", "y", "b.txt",
    environment: ["CHARTOOLS_MODELS": place.folder + "/kept"]
  ).done()
}

@Test func sizesAreShorthandsForLayers() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 10)])
  for (size, layers) in [("small", "128,128"), ("medium", "256,256"), ("large", "512,512")] {
    try place.run("chartrain", "-q", "--size", size, "--epochs", "0", "--force", "-o", "m", "a.txt").done()
    #expect(String(decoding: try place.read("m").prefix(6000), as: UTF8.self).contains("[\(layers)]"))
  }
  try place.run("chartrain", "--size", "small", "--layers", "3", "-o", "n", "a.txt").failed(
    64, "chartrain: --size and --layers")
}

@Test func theOptimizersKnobsAreInTheModelsStory() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  let knobs = [
    "beta1": "0.5", "beta2": "0.99", "schedule": "constant", "weight-decay": "0.25", "averaging": "0.875",
    "patience": "7", "inner-rate": "0.75",
  ]
  let launch = try place.launch(
    "chartrain",
    ["-q", "--layers", "8", "--epochs", "1", "-o", "m", "a.txt"] + knobs.flatMap { ["--\($0)", $1] })
  try RunningProgram(launch).finish().done()
  let model = String(decoding: try place.read("m").prefix(6000), as: UTF8.self)
  for (knob, value) in knobs { #expect(model.contains("\\\"\(knob)\\\":\\\"\(value)\\\""), "\(knob)") }
}
