// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@Test func everyCharacterIsToldOf() throws {
  let place = try Workplace.withModel()
  let input = "The king\n\nO, 日!\n"
  let rows = cells(
    try place.run("charscore", "-m", "m", "--per-character", "--alternatives", "2", input: input).done())
  let places = (1...8).map { ["1", "\($0)"] } + (1...5).map { ["3", "\($0)"] }
  #expect(rows.map { Array($0[0...1]) } == places)
  #expect(rows.map { $0[2] }.joined() == "The\\u{20}kingO,\\u{20}日!")
  #expect(rows[11][3] == "44.0000" && rows[11][4] == "-")
  for row in rows {
    #expect(row.count == 9)
    let likeliest = Double(row[6]) ?? 0
    #expect(likeliest >= (Double(row[8]) ?? 1) && likeliest <= 1)
    if row[4] == "1" {
      #expect(row[5] == row[2] && (-log2(likeliest) - (Double(row[3]) ?? 0)).magnitude < 0.01)
    }
  }
  let totals = cells(try place.run("charscore", "-m", "m", "--total", input: input).done())
  let first = rows.prefix(8).reduce(0) { $0 + (Double($1[3]) ?? 0) }
  #expect((first - (Double(totals[0][0]) ?? 0)).magnitude < 1e-3)
  let json = try place.run("charscore", "-m", "m", "--per-character", "--json", input: input).done()
  let objects = try json.split(separator: "\n").map {
    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
  }
  #expect(objects.map { $0["column"] as? Int } == rows.map { Int($0[1]) })
  #expect(objects.allSatisfy { ($0["alternatives"] as? [[String: Any]])?.count == 3 })
  let named = cells(try place.shell("echo a > x; charscore -m m --per-character x x").done())
  #expect(named.map { $0[0] } == ["x", "x"])
}

@Test func mistakesAreFoundAndCorrected() throws {
  let place = try Workplace(["prose.txt": Prose.text(lines: 400)])
  try place.run(
    "chartrain", "-q", "--layers", "48", "--epochs", "6", "--batch-size", "8", "--dropout", "0.1",
    "--weight-decay", "0", "-o", "m", "prose.txt"
  ).done()
  let right = "The king sees the castle at midnight, and he fears the night."
  let cases = [
    ("The king sqes the castle at midnight, and he fears the night.", 11, "\"sqes\" -> \"sees\""),
    ("The king sees the casttle at midnight, and he fears the night.", 23, "\"casttle\" -> \"castle\""),
    ("The king sees the casle at midnight, and he fears the night.", 22, "\"casle\" -> \"castle\""),
    ("The king sees the castle at midnight, and he faers the night.", 47, "\"faers\" -> \"fears\""),
  ]
  try place.write("right.txt", Array((right + "\n").utf8))
  #expect(try place.run("charscore", "-m", "m", "--lint", "right.txt").done() == "")
  let text = right + "\n" + cases.map { $0.0 + "\n" }.joined()
  try place.write("wrong.txt", Array(text.utf8))
  for options in [[], ["--carry"]] {
    let outcome = try RunningProgram(
      try place.launch("charscore", ["-m", "m", "--lint", "--threshold", "7", "wrong.txt"] + options)
    ).finish()
    #expect(outcome.ending == .status(1) && outcome.messages.isEmpty)
    let messages = outcome.text.split(separator: "\n")
    for (index, (_, column, correction)) in cases.enumerated() {
      #expect(
        messages.contains {
          $0.hasPrefix("wrong.txt:\(index + 2):\(column): got '") && $0.contains(correction)
        },
        "\(correction): \(outcome.text)")
    }
  }
  let field = try place.run(
    "charscore", "-m", "m", "--lint", "--threshold", "7", "--field", "2", input: "zzzz\t\(cases[0].0)\n")
  #expect(field.ending == .status(1) && field.text.contains("stdin:1:16: got 'q'"))
  let unknown = try place.run("charscore", "-m", "m", "--lint", input: "The k日ing\n")
  #expect(unknown.text.contains("stdin:1:6: got '日', which the model does not know"))
}

@Test func colourShowsWhatIsOddAndOnlyWhereItIsWanted() throws {
  let place = try Workplace.withModel()
  let input = "The king sees the cqstle.\n"
  let plain = try place.run("charscore", "-m", "m", input: input).done()
  #expect(!plain.contains("\u{1B}"))
  let colored = try place.run("charscore", "-m", "m", "--color", "always", input: input).done()
  #expect(colored.contains("m" + "q"))
  #expect(colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
  func shown(_ environment: [String: String], _ options: [String] = []) throws -> String {
    var launch = try place.launch("charscore", ["-m", "m"] + options, input + "\u{1B}[2J\n")
    launch.terminal = [.output]
    launch.environment = environment
    return try RunningProgram(launch).finish().done()
  }
  let terminal = try shown(["TERM": "xterm"])
  #expect(
    terminal.contains("\u{1B}[38;5;16;48;5;") && !terminal.contains("\u{1B}[2J") && terminal.contains("x1B"))
  for quiet in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb"]] {
    #expect(try !shown(quiet).contains("\u{1B}"))
  }
  #expect(try !shown(["TERM": "xterm"], ["--color", "never"]).contains("\u{1B}"))
}

@Test func linesAreScoredAsTheyArrive() throws {
  let place = try Workplace.withModel()
  for options in [[], ["--carry"], ["--above", "-1"], ["--per-character"]] {
    var launch = try place.launch("charscore", ["-m", "m", "-u"] + options, "The king\n")
    launch.endsInput = false
    let program = try RunningProgram(launch)
    // The next line is sent only when this one has come back.
    try program.wait(for: "the first line") { program.output.contains(0x0A) }
    let before = program.output.count
    program.type("The queen\n")
    try program.wait(for: "the second line") { program.output.count > before }
    program.send(15)
    #expect(try program.finish().ending == .signal(15))
  }
}

@Test func veryLongLinesAreScoredAndComeBackWhole() throws {
  let place = try Workplace.withModel()
  // Prose in one line, more than is held at once; a character of several bytes lies across every cut.
  let long = String(repeating: Prose.text(lines: 100, seed: 4).replacing("\n", with: "é"), count: 80)
  #expect(long.utf8.count > 300_000)
  try place.write("long", Array(("first\n" + long + "\nThe king\n").utf8))
  let found = cells(try place.run("charscore", "-m", "m", "long").done())
  #expect(found.map { $0[1] } == ["first", long, "The king"])
  let short = cells(try place.run("charscore", "-m", "m", input: "first\nThe king\n").done())
  #expect(found[0] == short[0] && found[2] == short[1])
  let rows = cells(
    try place.run("charscore", "-m", "m", "--per-character", "--alternatives", "0", "long").done())
  let middle = rows.filter { $0[0] == "2" }
  #expect(middle.count == long.unicodeScalars.count)
  #expect(middle.last?[1] == String(middle.count))
  let mean = middle.reduce(0) { $0 + (Double($1[3]) ?? 0) } / Double(middle.count)
  #expect((mean - (Double(found[1][0]) ?? 0)).magnitude < 2e-4)
  let sum = try place.run("charscore", "-m", "m", "--field", "2", "-d", ",", "--summary", "long").done()
  #expect(sum.contains("characters\t") && !sum.contains("characters\t0"))
}

@Test func aClosedPipeEndsScoringQuietly() throws {
  let place = try Workplace.withModel(["a.txt": Prose.text(lines: 5000)])
  for options in ["", "--per-character", "--json", "--rank"] {
    let outcome = try place.shell(
      "{ charscore -m m \(options) a.txt; echo $? > status; } | head -c 10 | wc -c; cat status")
    #expect(outcome.done().split(whereSeparator: { " \n".contains($0) }) == ["10", "141"], "\(options)")
    #expect(outcome.messages == "")
  }
  try place.shell("charscore -m m a.txt > /dev/full").failed(74, "charscore: stdout: ")
}

@Test func wrongUsageIsRefused() throws {
  let place = try Workplace.withModel(["a.txt": "a\n"])
  for options in [
    ["--above", "x"], ["--top", "0"], ["--top", "1", "--bottom", "1"], ["--carry", "--whole"],
    ["--per-character", "--lint"], ["--per-character", "--top", "1"], ["--lint", "--json"], ["--all"],
    ["--summary", "--rank"], ["-m", "m", "--carry"], ["-m", "m", "--lint"], ["--whole", "--field", "1"],
    ["--delimiter", "ab"], ["--threads", "0"], ["--above", "nan"], ["-m", "-", "-"],
  ] {
    let outcome = try RunningProgram(
      try place.launch("charscore", ["-m", "m"] + options + (options.contains("-") ? [] : ["a.txt"]))
    ).finish()
    outcome.failed(64, "charscore: ")
  }
  try place.run("charscore", "-m", "m", "none.txt").failed(66, "charscore: none.txt: ")
  try place.run("charscore", "-m", "none").failed(66, "charscore: none: ")
  try place.run("charscore", "-m", "a.txt").failed(65, "charscore: a.txt: ")
  #expect(
    try place.shell("charscore -m - a.txt < m").done() == place.run("charscore", "-m", "m", "a.txt").done())
}
