// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// An object of `--json`.
private struct Record: Decodable, Equatable {
  let record: UInt64
  let seed: String
  let text: String?
  let temperature: Double
  let sample: Int
  let nats: Double?
  let bitsPerCharacter: Double?
  let stop: String
  let randomSeed: UInt64
  let scores: [Double]?
}

private func records(_ output: String) throws -> [Record] {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try output.split(separator: "\n").map { try decoder.decode(Record.self, from: Data($0.utf8)) }
}

/// A folder with the model of records in it as `names` beside the other one, `m`.
private func placeWithBothModels(_ files: [String: String] = [:]) throws -> Workplace {
  let place = try Workplace.withModel(files)
  try place.write("names", Trained.modelOfRecords())
  return place
}

@Test func aThousandSeedsGiveAThousandObjectsInOrderHoweverTheyAreComputed() throws {
  let place = try Workplace.withModel()
  let command = "charsample -q -m m --seed 1 -n 12 --json --scores"
  let whole = try place.shell("seq 1 1000 | \(command)").done()
  let objects = try records(whole)
  #expect(objects.map(\.record) == Array(1...1000))
  #expect(objects.map(\.seed) == (1...1000).map(String.init))
  #expect(objects.allSatisfy { $0.text?.count == 12 && $0.stop == "length" && $0.randomSeed == 1 })
  #expect(Set(objects.map(\.text)).count > 900)
  for other in [
    "seq 1 1000 | \(command) --threads 1", "seq 1 1000 | \(command) --threads 2",
    "{ seq 1 400; sleep 0.1; seq 401 1000; } | \(command)",
    "seq 1 400 | \(command) && seq 401 1000 | \(command) --first-record 401",
    "seq 1 1000 | CHARTOOLS_ISA=portable \(command)",
    "seq 1 1000 | env -i \"$(command -v charsample)\""
      + command.dropFirst("charsample".count),
  ] {
    #expect(try place.shell(other).done() == whole, "\(other)")
  }
  let lines = whole.split(separator: "\n")
  for number in [1, 64, 65, 777] {
    let alone = try place.shell("echo \(number) | \(command) --first-record \(number)").done()
    #expect(alone == lines[number - 1] + "\n")
  }
}

@Test func withAKeyItDoesNotMatterHowTheInputWasCut() throws {
  let place = try placeWithBothModels()
  let command = "charsample -q -m names --seed 1 --tsv --key"
  let lines = (0..<60).map { "a\($0)\tkey\($0 % 7)\tc" }
  try place.write("lines", Array((lines.joined(separator: "\n") + "\n").utf8))
  let together = try place.shell("\(command) 0 < lines | sort").done()
  let apart = try place.shell(
    """
    { sed -n 'p;n' lines | \(command) 0; sed -n 'n;p' lines | tac | \(command) 0 --threads 1; } | sort
    """
  ).done()
  #expect(together == apart)
  #expect(together.split(separator: "\n").count == 60)
  let objects = try place.shell("charsample -q -m names --seed 1 --json --key 0 < lines").done()
  #expect(objects.contains("\"seed\"") && !objects.contains("\"record\":"))
  // Seven keys, and nothing but the random numbers tells one seed from another.
  let keyed = try place.shell("sed 's/^a[0-9]*//' lines | \(command) 2 | cut -f 2 | sort -u").done()
  #expect((2...7).contains(keyed.split(separator: "\n").count))
  let missing = try place.shell("printf 'An\\nAn\\n' | \(command) 3 | cut -f 2 | uniq").done()
  #expect(missing.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
}

@Test func aModelOfRecordsWritesALineForEachLine() throws {
  let place = try placeWithBothModels()
  let seeds = String(repeating: "\n", count: 300)
  let names = try place.run("charsample", "-m", "names", "--seed", "1", input: seeds).done()
  let lines = names.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines.count == 301)
  #expect(Set(lines).count > 20)
  #expect(lines.dropLast().allSatisfy { $0.count < 40 && !$0.isEmpty })
  let known = Set(Trained.names.split(separator: "\n"))
  #expect(lines.filter(known.contains).count > 30)
  // A seed's line goes on and ends as well, and so does one that is cut off.
  let begun = try place.run("charsample", "-m", "names", "--seed", "1", input: "Be\nDo").done()
  #expect(begun.split(separator: "\n").map { $0.prefix(2) } == ["Be", "Do"])
  let cut = try place.run("charsample", "-m", "names", "--max-length", "2", "--seed", "1", input: "\n\n")
    .done()
  #expect(cut.split(separator: "\n").map(\.count) == [2, 2])
  let stops = try records(
    try place.run("charsample", "-m", "names", "--json", "--max-length", "5", "--seed", "1", input: seeds)
      .done()
  ).map(\.stop)
  #expect(Set(stops) == ["record", "max-length"])
}

@Test func theCostOfARecordCountsItsEnd() throws {
  let place = try placeWithBothModels()
  let output = try place.run(
    "charsample", "-m", "names", "--seed", "1", "--json", "--scores", "-t", "2", input: "\n\n\nBe\n"
  ).done()
  for record in try records(output) {
    let (text, scores) = (try #require(record.text), try #require(record.scores))
    #expect(record.stop == "record")
    #expect(scores.count == text.count + 1)
    let bits = scores.reduce(0, +)
    #expect(abs(bits - (record.nats ?? 0) * 1.442_695) < 0.001)
    #expect(abs(bits / Double(scores.count) - (record.bitsPerCharacter ?? 0)) < 1e-9)
  }
}

@Test func recordsEndInNULWhenAskedFor() throws {
  let place = try placeWithBothModels()
  let output = try place.run(
    "charsample", "-m", "m", "-0", "--seed", "1", "-n", "5", "-t", "0.5,1", "--count", "2",
    input: "The\nking\0O"
  ).done()
  let fields = output.split(separator: "\0", omittingEmptySubsequences: false)
  #expect(fields.count == 9)
  #expect(fields[0].hasPrefix("0.5\tThe\nking") && fields[3].hasPrefix("1\tThe\nking"))
  #expect(fields[4].hasPrefix("0.5\tO") && fields[8].isEmpty)
  #expect(fields.dropLast(5).allSatisfy { $0.count == ($0.hasPrefix("0.5") ? 4 : 2) + 8 + 5 })
}

@Test func linesOfFieldsReadBackAsSeeds() throws {
  let place = try Workplace.withModel()
  let output = try place.run(
    "charsample", "-m", "m", "--escape", "--tsv", "--scores", "--seed", "1", "-n", "999",
    input: "The\\tking\\u{21}\\n\n"
  )
  let fields = output.done().dropLast().split(separator: "\t", omittingEmptySubsequences: false)
  #expect(output.text.filter { $0 == "\n" }.count == 1)
  try #require(fields.count == 10)
  #expect(fields[0] == "The\\tking!\\n")
  #expect(fields[1].contains("\\n"))
  #expect(fields[4] == "length")
  #expect(fields[9].split(separator: " ").count == 999)
  let again = try place.shell("printf '%s' '\(fields[0])' | charsample -m m --escape -q -n 0").done()
  #expect(again.hasSuffix("king!\n"))
}

@Test func whatIsNotAcceptedIsDrawnAgain() throws {
  let place = try placeWithBothModels(["names.txt": Trained.names])
  let command = "yes '' | head -n 200 | charsample -m names --seed 1 --unique --novel names.txt"
  let texts = try place.shell("\(command) --match '^[A-Z].{3,}$'").done()
  let lines = texts.split(separator: "\n")
  let known = Set(Trained.names.split(separator: "\n"))
  #expect(lines.count == 200)
  #expect(Set(lines).count == 200)
  #expect(!lines.contains { known.contains($0) || $0.count < 4 })
  for threads in [1, 2] {
    let again = try place.shell("\(command) --match '^[A-Z].{3,}$' --threads \(threads)").done()
    #expect(again == texts)
  }
}

@Test func aPlaceStaysEmptyWhereNothingIsAccepted() throws {
  let place = try placeWithBothModels()
  let lines = try place.shell("printf 'An\\nBe\\n' | charsample -m names --match '^B' --max-tries 9")
  #expect(lines.ending == .status(1))
  #expect(lines.text.hasPrefix("\nBe"))
  #expect(lines.messages.hasPrefix("charsample: ") && lines.messages.contains("9 tries"))
  let objects = try place.shell("printf 'An\\nBe\\n' | charsample -q -m names --match '^B' --json")
  #expect(objects.messages == "")
  let parsed = try records(objects.text)
  #expect(parsed.map { $0.text == nil } == [true, false])
  #expect(parsed.map(\.stop) == ["tries", "record"])
}

@Test func theLikeliestOfManyIsLikelierThanTheFirst() throws {
  let place = try Workplace.withModel()
  func bits(_ options: String) throws -> [Double] {
    try records(try place.shell("seq 30 | charsample -q -m m --seed 1 -n 20 --json \(options)").done())
      .compactMap(\.bitsPerCharacter)
  }
  let (first, best) = (try bits(""), try bits("--best-of 6"))
  #expect(first.count == 30 && zip(first, best).allSatisfy { $0 >= $1 })
  #expect(zip(first, best).filter { $0 > $1 }.count > 15)
}
