// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// Runs a recipe of Scripts/recipes with small networks, on files that tests can tell something of.
private func recipe(_ command: String, _ files: [String: String] = [:]) throws -> (Outcome, Workplace) {
  let place = try Workplace.withModel(files)
  let outcome = try place.shell(
    "'\(Programs.checkout)/Scripts/recipes/'\(command)",
    environment: ["CHARTRAIN_OPTIONS": "--layers 16 --epochs 4"])
  return (outcome, place)
}

private func lines(_ outcome: Outcome) -> [Substring] { outcome.done().split(separator: "\n") }

@Test func newNamesAreSortedAndNew() throws {
  let names = try lines(recipe("new-names.sh names.txt 10", ["names.txt": Trained.names]).0)
  #expect(!names.isEmpty && names.count <= 10 && Set(names).count == names.count)
  #expect(Set(Trained.names.split(separator: "\n")).isDisjoint(with: names))
}

@Test func aTestTableHasFourColumnsAndIsTheSameEveryTime() throws {
  let command = "test-table.sh names.txt names.txt 7"
  let rows = try lines(recipe(command, ["names.txt": Trained.names]).0)
  #expect(rows.count == 7)
  #expect(rows.allSatisfy { $0.split(separator: "\t", omittingEmptySubsequences: false).count == 4 })
  #expect(try lines(recipe(command, ["names.txt": Trained.names]).0) == rows)
}

@Test func theOddLineOfALogIsFirst() throws {
  let log = (1...300).map { "sshd[\($0)]: accepted key for root\n" }
  let files = ["known": log.joined(), "new": log[100..<140].joined() + "sshd[7]: Kernel panic!\n" + log[0]]
  let rows = try lines(recipe("odd-lines.sh known new 2", files).0)
  #expect(rows.count == 2)
  #expect(rows[0].hasPrefix("41\t") && rows[0].hasSuffix("\tsshd[7]: Kernel panic!"))
}

@Test func theTyposAreToldWithTheirCorrections() throws {
  let place = try Workplace([
    "prose.txt": Prose.text(lines: 400),
    "a.txt": "The king sees the castle.\nThe king sqes the castle at midnight, and he fears the night.\n",
  ])
  try place.run(
    "chartrain", "-q", "--layers", "48", "--epochs", "6", "--batch-size", "8", "-o", "m", "prose.txt"
  ).done()
  let found = try place.shell(
    "'\(Programs.checkout)/Scripts/recipes/'typos.sh m a.txt", environment: ["LINT_OPTIONS": "--threshold 7"])
  #expect(lines(found).contains { $0.hasPrefix("a.txt:2:11: got 'q'") && $0.contains("-> \"sees\"") })
}

@Test func filesAreToldApart() throws {
  let place = try Workplace([
    "prose.txt": Prose.text(lines: 60), "numbers.csv": (1...900).map { "\($0 * 37),\($0)\n" }.joined(),
    "a": "The queen fears the sea.\n", "b": "814,22\n925,25\n",
  ])
  let outcome = try place.shell(
    "mkdir ex && mv prose.txt numbers.csv ex && '\(Programs.checkout)/Scripts/recipes/'which-format.sh ex a b",
    environment: ["CHARTRAIN_OPTIONS": "--layers 16 --epochs 4"])
  #expect(lines(outcome) == ["a: prose", "b: numbers"])
}

@Test func anEnsembleGoesOnFromASeed() throws {
  let (outcome, _) = try recipe("ensemble.sh a.txt 'The king' 2", ["a.txt": Prose.text(lines: 40)])
  #expect(outcome.done().hasPrefix("The king"))
  #expect(outcome.messages.contains("bits"))
}

@Test func theLikeliestContinuationsComeFirst() throws {
  let rows = try lines(recipe("best-of.sh m 'The ' 20 4").0)
  let bits = rows.compactMap { Double($0.prefix { $0 != "\t" }) }
  #expect(bits.count == rows.count && (1...4).contains(rows.count) && bits == bits.sorted())
}
