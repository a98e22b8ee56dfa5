// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@Test func textEndsWithItsLinesOrBeforeWhatItIsWrittenUntil() throws {
  let place = try Workplace.withModel()
  let lines = try place.run("charsample", "-m", "m", "--seed", "1", "--prompt", "The ", "--lines", "3").done()
  #expect(lines.filter { $0 == "\n" }.count == 3 && lines.hasSuffix("\n"))
  let free = try place.run("charsample", "-m", "m", "--seed", "1", "--prompt", "The ", "-n", "400").done()
  #expect(free.hasPrefix(lines))
  let until = try place.run(
    "charsample", "-m", "m", "--seed", "1", "--prompt", "The ", "--escape", "--until", "er\\u{20}", "--until",
    "th"
  ).done()
  let written = free.dropFirst("The ".count)
  let ends = ["er ", "th"].compactMap { written.range(of: $0)?.lowerBound }
  let end = try #require(ends.min())
  #expect(until == free[..<end] + "\n")
  // The same in one object, which is not streamed.
  let object = try place.run(
    "charsample", "-m", "m", "--seed", "1", "--prompt", "The ", "--until", "er ", "--until", "th", "--json"
  ).done()
  #expect(object.contains("\"stop\":\"until\""))
  #expect(object.contains("\"nats\":"))
}

@Test func aTextThatEndsOtherwiseIsCutOffInTheEnd() throws {
  let place = try Workplace.withModel()
  let object = try place.run("charsample", "-m", "m", "--prompt", "", "--until", "OOOOO", "--json").done()
  #expect(object.contains("\"stop\":\"max-length\""))
  #expect(object.count > 10_000)
  let text = try place.run(
    "charsample", "-m", "m", "--prompt", "", "--until", "OOOOO", "--max-length", "7", "--no-echo"
  ).done()
  #expect((7...8).contains(text.count))
  let lines = try place.run("charsample", "-m", "m", "--prompt", "", "--lines", "400", "-t", "1").done()
  #expect(lines.filter { $0 == "\n" }.count == 400 && lines.count > 10_000)
}

@Test func whatIsAvoidedNeverComes() throws {
  let place = try Workplace.withModel()
  let text = try place.run(
    "charsample", "-m", "m", "--prompt", "", "-n", "2000", "-t", "1.5", "--avoid", "eat\\n日", "--escape"
  ).done()
  #expect(!text.dropLast().contains { "eat\n".contains($0) })
  #expect(text.count == 2001)
}

@Test func oneCharacterToChooseFromIsTheLikeliest() throws {
  let place = try Workplace.withModel()
  let greedy = try place.run("charsample", "-m", "m", "--prompt", "The ", "-t", "0").done()
  for filter in ["--top-k 1", "--top-p 0.00001", "--min-p 1"] {
    #expect(try place.shell("charsample -m m --prompt 'The ' -t 3 \(filter)").done() == greedy, "\(filter)")
  }
  let penalized = try place.shell("charsample -m m --prompt 'The ' -t 0 --repetition-penalty 3").done()
  #expect(penalized != greedy)
}

@Test func severalTemperaturesAreLabelledAndEachTextIsAsIfAlone() throws {
  let place = try Workplace.withModel()
  func text(_ temperatures: String) throws -> String {
    try place.run(
      "charsample", "-m", "m", "--seed", "1", "--prompt", "The ", "-n", "30", "-t", temperatures
    ).done()
  }
  #expect(
    try text("0.5,1.25") == "[temperature 0.5]\n\(text("0.5"))[temperature 1.25]\n\(text("1.25"))")
}

@Test func whatEachCharacterCostsIsShownLineByLine() throws {
  let place = try Workplace.withModel()
  let output = try place.run(
    "charsample", "-m", "m", "--seed", "1", "-n", "40", "--scores", input: "The\nO\n"
  ).done()
  let texts = output.components(separatedBy: "\n\n")
  #expect(texts.count == 3 && texts[2].isEmpty)
  for text in texts.dropLast() {
    let lines = text.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.count == 40)
    #expect(lines.allSatisfy { $0.count == 2 && (Double($0[0]) ?? -1) >= 0 })
  }
  #expect(output.contains("\t\\u{20}\n"))
}

@Test func aMixtureOfAModelWithItselfIsThatModel() throws {
  let place = try Workplace.withModel()
  let alone = try place.run("charsample", "-m", "m", "--seed", "1", "--prompt", "The ").done()
  try place.shell("cp m a:b").done()
  let mixed = try place.shell("charsample -m m:0.25 -m a:b:3 --seed 1 --prompt 'The '").done()
  #expect(mixed == alone)
  let piped = try place.shell("charsample -m - -m a:b --seed 1 --prompt 'The ' < m").done()
  #expect(piped == alone)
}

@Test func modelsHaveNames() throws {
  let place = try Workplace.withModel()
  let alone = try place.run("charsample", "-m", "m", "--seed", "1", "--prompt", "The ").done()
  try place.shell("mkdir -p data/chartools/models && cp m data/chartools/models/tale.safetensors").done()
  let environment = ["XDG_DATA_HOME": place.folder + "/data"]
  let named = try place.run(
    "charsample", "-m", "tale", "--seed", "1", "--prompt", "The ", environment: environment)
  #expect(named.done() == alone)
  let list = try place.run("charsample", "--list-models", environment: environment).done()
  #expect(
    list.split(separator: "\n").contains { $0.hasPrefix("tale\t") && $0.hasSuffix("/tale.safetensors") })
  try place.shell("mv data/chartools/models/tale.safetensors data/chartools/models/shakespeare.safetensors")
    .done()
  let byDefault = try place.run(
    "charsample", "--seed", "1", "--prompt", "The ", environment: environment)
  #expect(byDefault.done() == alone)
}

@Test func aLongSeedIsReadAndASlowReaderHoldsTheWriter() throws {
  let place = try Workplace.withModel(["long.txt": Prose.text(lines: 4000)])
  let whole = try place.shell("charsample -m m -q --whole --no-echo -n 20 --seed 1 < long.txt").done()
  #expect((20...21).contains(whole.count))
  // Seeds of all lengths beside it do not change its text.
  let beside = try place.shell(
    """
    { tr '\\n' ' ' < long.txt; echo; seq 500; } |
    charsample -m m -q --no-echo -n 20 --seed 1 --json | head -n 1
    """
  ).done()
  let alone = try place.shell(
    "tr '\\n' ' ' < long.txt | charsample -m m -q --no-echo -n 20 --seed 1 --json --threads 1"
  ).done()
  #expect(beside == alone)
  let slow = try place.shell(
    "yes The | charsample -m m -q -n 50 | { sleep 0.3; head -c 200000; } | wc -c"
  ).done()
  #expect(slow.trimmingCharacters(in: .whitespacesAndNewlines) == "200000")
}

@Test(arguments: [Int32(2), 15])
func whatIsWrittenArrivesWhenASignalStopsTheProgram(signal: Int32) throws {
  let place = try Workplace.withModel()
  let program = try RunningProgram(
    try place.launch("charsample", ["-m", "m", "-n", "inf", "--prompt", "The "]))
  try program.wait(for: "a block") { program.output.count >= 65_536 }
  program.send(signal)
  let outcome = try program.finish()
  #expect(outcome.ending == .signal(signal))
  #expect(outcome.messages == "")
  // Waiting for a seed ends at once, too.
  var launch = try place.launch("charsample", ["-m", "m", "-n", "5"], "The king\n")
  launch.endsInput = false
  let waiting = try RunningProgram(launch)
  try waiting.wait(for: "the text") { waiting.output.count > 10 }
  waiting.send(signal)
  #expect(try waiting.finish().ending == .signal(signal))
}
