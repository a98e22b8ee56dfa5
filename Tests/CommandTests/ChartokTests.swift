// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@Test(arguments: [1, 2, 3, 7, 4096])
func aCharsetListsCharactersInCodePointOrderHoweverTheTextArrives(blockSize: Int) throws {
  let place = try Workplace()
  var launch = try place.launch("chartok", [], "né\n日a\u{1F600}nn")
  launch.blockSize = blockSize
  let outcome = try RunningProgram(launch).finish()
  #expect(
    outcome.done() == """
      #charset 1 unit=scalar
      U+000A\t\\n\t1
      U+0061\ta\t1
      U+006E\tn\t3
      U+00E9\té\t1
      U+65E5\t日\t1
      U+1F600\t\u{1F600}\t1

      """)
}

@Test func aCharsetIsTheSameFromFilesStandardInputAndAnOutputFile() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20), "b.txt": Prose.text(lines: 30, seed: 2)])
  let charset = try place.shell("cat a.txt b.txt | chartok").done()
  #expect(try place.run("chartok", "a.txt", "b.txt").done() == charset)
  #expect(try place.shell("chartok a.txt - < b.txt").done() == charset)
  try place.run("chartok", "build", "-o", "charset", "a.txt", "b.txt").done()
  #expect(try place.text("charset") == charset)
}

@Test func aCharsetOfEndlessInputTakesLittleMemory() throws {
  let outcome = try Workplace().shell("ulimit -v 400000; head -c 60000000 /dev/zero | tr '\\0' a | chartok")
  #expect(outcome.done() == "#charset 1 unit=scalar\nU+0061\ta\t60000000\n")
}

@Test func rareCharactersBecomeOneUnknownOne() throws {
  let place = try Workplace(["a.txt": "aaaabbbccd"])
  #expect(
    try place.run("chartok", "--min-count", "3", "a.txt").done()
      == "#charset 1 unit=scalar\nU+0061\ta\t4\nU+0062\tb\t3\nunknown\t-\t3\n")
  let largest = try place.run("chartok", "--max-size", "2", "a.txt").done().split(separator: "\n")
  #expect(largest.count == 3)
  #expect(largest[2].hasPrefix("unknown"))
}

@Test(arguments: ["scalar", "byte", "grapheme"])
func decodingGivesBackTheBytesThatWereEncoded(unit: String) throws {
  let place = try Workplace([
    "a.txt": "né e\u{301}a\r\n\u{0}\u{1B}[1m 日本 \u{1F1EB}\u{1F1F7}" + Prose.text(lines: 50)
  ])
  try place.run("chartok", "--unit", unit, "-o", "charset", "a.txt").done()
  try place.shell("chartok encode -c charset < a.txt > ids").done()
  #expect(try place.run("chartok", "decode", "-c", "charset", "ids").output == place.read("a.txt"))
}

@Test func checkingNamesThePlaceOfEachMissingCharacterAndSaysNo() throws {
  let place = try Workplace(["a.txt": "plain\ntext\n", "b.txt": "plain\nté\u{7}t\n"])
  try place.run("chartok", "-o", "charset", "a.txt").done()
  #expect(try place.run("chartok", "check", "-c", "charset", "a.txt").done() == "")
  let outcome = try place.run("chartok", "check", "-c", "charset", "a.txt", "b.txt")
  #expect(outcome.ending == .status(1))
  #expect(outcome.messages == "")
  let lines = outcome.text.split(separator: "\n")
  #expect(lines.count == 2)
  #expect(lines[0].hasPrefix("b.txt:2:2: U+00E9 'é' "))
  #expect(lines[1].hasPrefix("b.txt:2:3: U+0007 "))
}

@Test func statisticsAreNamesAndValues() throws {
  let outcome = try Workplace().run("chartok", "stats", input: "abababab")
  let rows = outcome.done().split(separator: "\n").map { $0.split(separator: "\t") }
  #expect(rows.allSatisfy { $0.count == 2 })
  // Two letters that alternate: one bit by itself, none where the letter before is known.
  let entropies = rows.filter { $0[0].contains("entropy") }.compactMap { Double($0[1]) }
  #expect(entropies.count == 4)
  #expect(entropies.first == 1)
  #expect(entropies.dropFirst().allSatisfy { $0 == 0 })
}

@Test func idsAreLittleEndianNumbersOfSixteenBits() throws {
  let place = try Workplace(["a.txt": "badc"])
  let ids = try place.shell("chartok a.txt > charset; chartok encode -c charset a.txt | od -An -tu1 -v")
    .done()
  #expect(
    ids.split(whereSeparator: { " \n".contains($0) }).compactMap { Int($0) } == [1, 0, 0, 0, 3, 0, 2, 0])
}
