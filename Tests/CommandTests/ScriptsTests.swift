// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// Runs a script of this checkout on the programs under test.
private func script(_ name: String, _ variables: String, _ place: Workplace) throws -> Outcome {
  try place.shell(
    "BIN='\(Programs.folder())' WORK=\"$PWD/work\" \(variables) '\(Programs.checkout)/Scripts/\(name).sh' a.txt"
  )
}

private func rows(_ markdown: String) -> [[String]] {
  markdown.split(separator: "\n").filter { $0.hasPrefix("| ") }.map {
    $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

@Test func theTableHasARowForEachEpochAndTimeAskedFor() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 60)])
  let table = try script(
    "table",
    "EPOCHS='1 3' TIMES=0.5 LENGTH=20 SEED_TEXT=The OPTIONS='--layers 8 --examples-per-epoch 256'", place)
  table.done()
  let rows = rows(table.text)
  #expect(rows.map { $0[0] } == ["epochs", "1", "3", "seconds asked", "0.5"])
  #expect(rows.allSatisfy { $0.count == 8 })
  for row in rows where Double(row[0]) != nil {
    #expect(try #require(Double(row[2])) > 0)
    #expect(row[4...].allSatisfy { $0.hasPrefix("`") && $0.hasSuffix("`") && $0.unicodeScalars.count == 22 })
  }
}

@Test func theLadderTakesBackOnePartAtATime() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 60)])
  let command =
    try "BIN='\(Programs.folder())' WORK=\"$PWD/work\" SEEDS='1 2 3' LAYERS=8 EPOCHS=3 "
    + "'\(Programs.checkout)/Scripts/ladder.sh' a.txt "
  let ladder = try place.shell(command + "recipe batch decay")
  ladder.done()
  let lines = try place.text("work/a.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
  #expect(lines.dropFirst().map { $0[0] } == ["recipe", "batch", "decay"].flatMap { [$0, $0, $0] })
  let rows = rows(ladder.text).filter { Double($0[1]) != nil }
  #expect(rows.map { $0[3] } == ["", "`--batch-size 32`", "`--weight-decay 0`"])
  for (index, row) in rows.enumerated() {
    let losses = lines.dropFirst(1 + 3 * index).prefix(3).compactMap { Double($0[2]) }.sorted()
    #expect(abs(Double(row[1])! - losses[1]) < 0.000_1)
  }
  // The part that is taken back makes a difference.
  #expect(rows[0][1] != rows[2][1])
  try place.shell(command + "nonsense").failed(64, "ladder: there is no row nonsense")
}

@Test func theRecordsAreMediansOfAllSeeds() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 60)])
  let records = try place.shell(
    try "BIN='\(Programs.folder())' WORK=\"$PWD/work\" SEEDS='1 2 3' OPTIONS='--layers 8' TARGETS=0.5=9 "
      + "'\(Programs.checkout)/Scripts/records.sh' a.txt 0.5")
  records.done()
  let lines = try place.text("work/a.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
  #expect(lines.map { $0.count } == [10, 10, 10, 10])
  #expect(lines.dropFirst().map { $0[1] } == ["1", "2", "3"])
  let losses = lines.dropFirst().compactMap { Double($0[2]) }.sorted()
  let row = try #require(rows(records.text).last)
  #expect(row[0] == "0.5" && row[6] == "8" && row[8] == "≤ 9")
  #expect(abs(try #require(Double(row[2])) - losses[1]) < 0.000_1)
  // The time used and the passes are those of the median's run, the dropout is what the model file tells.
  let median = try #require(lines.first { Double($0[2]) == losses[1] })
  #expect(abs(try #require(Double(row[1])) - Double(median[7])!) < 0.06)
  #expect(abs(try #require(Double(row[7])) - Double(median[5])!) < 0.06)
  #expect(lines.dropFirst().allSatisfy { (0...0.5).contains(Double($0[6]) ?? -1) })
}
