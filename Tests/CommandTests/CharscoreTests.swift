// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// The figure before each line, and the lines.
private func scored(_ text: String) -> [(figure: Double, line: String)] {
  cells(text).map { (Double($0[0]) ?? .nan, $0.dropFirst().joined(separator: "\t")) }
}

private func summary(_ text: String) -> [String: Double] {
  Dictionary(uniqueKeysWithValues: cells(text).map { ($0[0], Double($0[1]) ?? .nan) })
}

private let lines = Prose.text(lines: 60, seed: 9)

@Test func everyLineComesOutBehindItsBits() throws {
  let place = try Workplace.withModel(["a.txt": lines])
  let found = scored(try place.run("charscore", "-m", "m", "a.txt").done())
  #expect(found.map(\.line).joined(separator: "\n") + "\n" == lines)
  #expect(found.allSatisfy { $0.line.isEmpty ? $0.figure == 0 : (0.2...9).contains($0.figure) })
  // What is odd costs more than what is not.
  let odd = scored(
    try place.run("charscore", "-m", "m", input: "The king sees the castle.\nThq kxng szzs tqe cvstlj.\n")
      .done())
  #expect(odd[1].figure > 2 * odd[0].figure)
  let nats = scored(try place.run("charscore", "-m", "m", "--nats", "a.txt").done())
  let totals = scored(try place.run("charscore", "-m", "m", "--total", "a.txt").done())
  for (index, (bits, line)) in found.enumerated() {
    #expect((nats[index].figure * 1.442_695 - bits).magnitude < 2e-4)
    #expect((totals[index].figure - bits * Double(line.count)).magnitude < 1e-3 + 1e-4 * Double(line.count))
  }
}

@Test func figuresDependOnNothingButTheLine() throws {
  let place = try Workplace.withModel(["a.txt": lines, "b.txt": "The queen\n"])
  let expected = try place.run("charscore", "-m", "m", "a.txt").done()
  for instructions in InstructionSets.here {
    for (threads, blockSize) in [("1", 1), ("3", 17), ("2", 100_000)] {
      var launch = try place.launch("charscore", ["-m", "m", "--threads", threads], lines)
      launch.blockSize = blockSize
      launch.environment = ["CHARTOOLS_ISA": instructions]
      #expect(try RunningProgram(launch).finish().done() == expected)
    }
  }
  let both = try place.shell("charscore -m m b.txt - a.txt < b.txt").done()
  let one = try place.run("charscore", "-m", "m", "b.txt").done()
  #expect(both == one + one + expected)
}

@Test func theHeldOutPartCostsWhatTrainingSaid() throws {
  let text = Prose.text(lines: 150)
  let place = try Workplace(["a.txt": text])
  let training = try place.run(
    "chartrain", "--layers", "12,8", "--epochs", "1", "-o", "m", "--log", "log", "a.txt")
  training.done()
  let row = try place.text("log").split(separator: "\n").last?.split(separator: "\t")
  let heldOut = try #require(row.flatMap { Double($0[4]) })
  let count = text.unicodeScalars.count
  let tail = String(text.suffix(Int(Double(count) * 0.1)))
  let found = summary(try place.run("charscore", "-m", "m", "--carry", "--summary", input: tail).done())
  #expect(found["texts"] == 1)
  #expect((found["nats_per_character"] ?? 0) == heldOut)
  // Its lines together cost as much.
  let parts = scored(
    try place.run("charscore", "-m", "m", "--carry", "--total", "--nats", input: tail).done())
  let nats = parts.reduce(0) { $0 + $1.figure }
  #expect((nats - (found["nats"] ?? 0)).magnitude < 1e-4 * Double(parts.count))
}

@Test func aSummaryAddsUpTheLines() throws {
  let place = try Workplace.withModel(["a.txt": lines])
  let totals = scored(try place.run("charscore", "-m", "m", "--total", "a.txt").done())
  let found = summary(try place.run("charscore", "-m", "m", "--summary", "a.txt").done())
  let bits = totals.reduce(0) { $0 + $1.figure }
  let characters = Double(lines.count { $0 != "\n" })
  #expect(found["texts"] == Double(totals.count) && found["characters"] == characters)
  #expect(((found["bits_per_character"] ?? 0) - bits / characters).magnitude < 1e-4)
  #expect(((found["compressed_bytes"] ?? 0) - bits / 8).magnitude < 2)
  let perplexity = exp(found["nats_per_character"] ?? 0)
  #expect(((found["perplexity"] ?? 0) - perplexity).magnitude < 1e-5 * perplexity)
  let json = try place.run("charscore", "-m", "m", "--summary", "--json", "a.txt").done()
  let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  #expect(((object["nats"] as? Double ?? 0) - (found["nats"] ?? 0)).magnitude < 1e-6)
}

@Test func filtersPassLinesAndTellWhetherThereWereAny() throws {
  let place = try Workplace.withModel(["a.txt": lines])
  let all = scored(try place.run("charscore", "-m", "m", "a.txt").done())
  func run(_ options: String...) throws -> [String] {
    let outcome = try RunningProgram(
      try place.launch("charscore", ["-m", "m", "a.txt"] + options)
    ).finish()
    let isEmpty = outcome.output.isEmpty
    #expect(outcome.ending == .status(isEmpty ? 1 : 0) && outcome.messages.isEmpty)
    return outcome.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }
  // Between two of them: they are printed rounded.
  let upper = all.map(\.figure).sorted()[40...]
  let limit = (upper[40] + (upper.first { $0 > upper[40] } ?? 99)) / 2
  #expect(try run("--above", "\(limit)") == all.filter { $0.figure > limit }.map(\.line))
  #expect(try run("--below", "\(limit)") == all.filter { $0.figure < limit }.map(\.line))
  #expect(try run("--above", "99").isEmpty)
  #expect(try run("--below", "0").isEmpty)
  // Of equal figures, those that came first; lines without characters are neither most nor least.
  let ranked = all.enumerated().filter { !$1.line.isEmpty }
    .sorted { ($1.element.figure, $0.offset) < ($0.element.figure, $1.offset) }
  let top = Set(ranked.prefix(5).map(\.offset))
  #expect(try run("--top", "5") == all.indices.filter(top.contains).map { all[$0].line })
  #expect(try run("--top", "5", "--rank") == ranked.prefix(5).map(\.element.line))
  let lowest = ranked.map { ($0.element.figure, $0.offset) }.sorted { $0 < $1 }.prefix(3)
  #expect(try run("--bottom", "3", "--rank") == lowest.map { all[$0.1].line })
  let sorted = try place.run("charscore", "-m", "m", "--rank", "a.txt").done()
  #expect(scored(sorted).map(\.figure) == all.map(\.figure).sorted(by: >))
  #expect(scored(sorted).map(\.line).sorted() == all.map(\.line).sorted())
  let withScores = try place.run("charscore", "-m", "m", "--top", "1", "--scores", "a.txt").done()
  #expect(scored(withScores).first?.line == ranked[0].element.line)
  #expect(try run("--rank", "--no-scores", "--top", "2000").count == ranked.count)
}

@Test func whatIsPrintedIsWhatCame() throws {
  let place = try Workplace.withModel()
  func bytes(_ input: [UInt8], _ options: String...) throws -> [UInt8] {
    var launch = try place.launch("charscore", ["-m", "m", "--above", "-1"] + options)
    launch.input = input
    return try RunningProgram(launch).finish().output
  }
  let text = Array("a\r\n\u{0}b\t\u{1B}[0m\n日本\nlast".utf8)
  #expect(try bytes(text) == text + [0x0A])
  #expect(try bytes([0x61, 0xFF, 0x0A], "--lossy") == [0x61, 0xFF, 0x0A])
  #expect(try bytes(Array("a\nb\u{0}c\u{0}".utf8), "--null") == Array("a\nb\u{0}c\u{0}".utf8))
  #expect(try bytes([], "--summary").isEmpty)
  let empty = try place.run("charscore", "-m", "m")
  #expect(empty.done() == "" && empty.messages == "")
  // A bad line ends the program after the lines before it.
  let bad = try place.shell("printf 'one\\ntwo \\377\\nthree\\n' | charscore -m m")
  bad.failed(65, "charscore: stdin:2: ", "0xFF")
  #expect(scored(bad.text).map(\.line) == ["one"])
  #expect(try place.run("charscore", "-m", "m", input: "\n\n").done() == "0.0000\t\n0.0000\t\n")
}

@Test func unknownCharactersHaveAPriceOrAreRefused() throws {
  let place = try Workplace.withModel()
  let found = scored(
    try place.run("charscore", "-m", "m", "--total", input: "The king\nThe日 king\nTheé king\n").done())
  #expect((found[1].figure - found[0].figure - 20 - 24).magnitude < 1e-3)
  #expect((found[2].figure - found[0].figure - 20 - 16).magnitude < 1e-3)
  for options in [["--carry"], ["--color", "always"], ["--summary"], ["--summary", "--carry"]] {
    let outcome = try RunningProgram(
      try place.launch("charscore", ["-m", "m", "--total"] + options, "The日")
    ).finish().done()
    let bits =
      options[0] == "--summary" ? (summary(outcome)["nats"] ?? 0) / 0.693_147_18 : scored(outcome)[0].figure
    let plain = scored(try place.run("charscore", "-m", "m", "--total", input: "The").done())[0].figure
    #expect((bits - plain - 44).magnitude < 1e-3, "\(options)")
  }
  let strict = try place.run("charscore", "-m", "m", "--strict", input: "ok\nno 日\n")
  strict.failed(65, "charscore: stdin:2:4: ", "U+65E5")
  #expect(scored(strict.text).count == 1)
}

@Test func fieldsAreScoredAndLinesPrinted() throws {
  let place = try Workplace.withModel()
  func figures(_ input: String, _ options: String...) throws -> [Double] {
    let outcome = try RunningProgram(
      try place.launch("charscore", ["-m", "m", "--total"] + options, input)
    ).finish()
    let found = scored(outcome.done())
    #expect(found.map(\.line).joined(separator: "\n") + "\n" == input)
    return found.map(\.figure)
  }
  let plain = try figures("The king\nThe king,the sea\nthe sea\n\n")
  #expect(try figures("x,The king,y\na\n", "--field", "2", "-d", ",") == [plain[0], 0])
  #expect(try figures("x\tThe king\n", "--field", "2") == [plain[0]])
  #expect(try figures("x,The king,the sea\n", "--field", "2-", "--delimiter", ",") == [plain[1]])
  #expect(try figures("The king,the sea,y\n", "--field", "-2", "--delimiter", ",") == [plain[1]])
  #expect(try figures("x,The king,the sea,y\n", "--field", "2-3", "--delimiter", ",") == [plain[1]])
  for field in ["0", "x", "-", "3-2", "1-2-3", ""] {
    try place.run("charscore", "-m", "m", "--field", field).failed(64, "charscore: ")
  }
}

@Test func theModelThatALineFitsBestIsNamed() throws {
  let place = try Workplace.withModel(["loud.txt": Prose.text(lines: 200).uppercased()])
  try place.run(
    "chartrain", "-q", "--layers", "16", "--epochs", "3", "--batch-size", "8", "-o", "loud.safetensors",
    "loud.txt"
  ).done()
  let input = "The king sees the castle.\nTHE KING SEES THE CASTLE.\n\n"
  let models = ["-m", "m", "-m", "loud.safetensors"]
  func run(_ options: String...) throws -> Outcome {
    try RunningProgram(try place.launch("charscore", models + options, input)).finish()
  }
  let found = cells(try run().done())
  #expect(found.map { $0[0] } == ["m", "loud", "m"])
  #expect(found.map { $0[2] } == ["The king sees the castle.", "THE KING SEES THE CASTLE.", ""])
  #expect(found[2][1] == "0.0000")
  for row in cells(try run("--all").done()).prefix(2) {
    let costs = row[2...3].compactMap(Double.init).sorted()
    #expect(((Double(row[1]) ?? 0) - (costs[1] - costs[0])).magnitude < 2e-4)
  }
  let alone = scored(try place.run("charscore", "-m", "m", "--total", input: input).done())
  #expect(cells(try run("--all").done()).map { Double($0[2]) } == alone.map(\.figure))
  #expect(try run("--above", "5").done() == input.dropLast())
  let sums = cells(try run("--summary").done())
  #expect(sums.map { $0[0] } == ["model", "m", "loud"] && sums.map { $0[1] } == ["best_of", "2", "1"])
  for line in try run("--json").done().split(separator: "\n") {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect((object["bits"] as? [String: Double])?.count == 2)
  }
  try place.shell("cp m m2; mkdir x; cp m x/m2").done()
  let same = cells(try place.run("charscore", "-m", "m2", "-m", "x/m2", input: "a\n").done())
  #expect(same[0][0] == "m2" && same[0][1] == "0.0000")
}

@Test func wholeFilesAreTextsOfTheirOwn() throws {
  let place = try Workplace.withModel(["a.txt": lines, "b.txt": "Thq kxng\nszzs\n"])
  let found = scored(try place.run("charscore", "-m", "m", "--whole", "a.txt", "b.txt").done())
  #expect(found.map(\.line) == ["a.txt", "b.txt"] && found[1].figure > found[0].figure)
  let document = summary(try place.run("charscore", "-m", "m", "--carry", "--summary", "a.txt").done())
  #expect((found[0].figure - (document["bits_per_character"] ?? 0)).magnitude < 1e-4)
  #expect(
    try place.run("charscore", "-m", "m", "--whole", "--top", "1", "a.txt", "b.txt").done() == "b.txt\n")
}

@Test func aRecordsEndIsChargedWhereTheModelKnowsIt() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 100)])
  try place.run("chartrain", "-q", "--records", "--layers", "8", "--epochs", "1", "-o", "m", "a.txt").done()
  let found = try place.run("charscore", "-m", "m", "--per-character", input: "ab\n\n").done()
  #expect(cells(found).map { $0[2] } == ["a", "b", "\\n", "\\n"])
  #expect(
    summary(try place.run("charscore", "-m", "m", "--summary", input: "ab\n\ncd").done())["characters"] == 7)
}
