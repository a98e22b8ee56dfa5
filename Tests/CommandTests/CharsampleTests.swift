// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@Test func aSeedGivesTheSameTextAtEveryInstructionSetAndInBlocksOfAnySize() throws {
  let place = try Workplace.withModel()
  let seeds = "The king\n\nO, a letter\n"
  let expected = try place.run("charsample", "-m", "m", "--seed", "1", input: seeds).done()
  #expect(expected.count > 600)
  for instructions in InstructionSets.here {
    for blockSize in [1, 5, 1000] {
      var launch = try place.launch("charsample", ["-m", "m", "--seed", "1"], seeds)
      launch.blockSize = blockSize
      launch.environment = ["CHARTOOLS_ISA": instructions]
      #expect(try RunningProgram(launch).finish().done() == expected, "at \(instructions)")
    }
  }
  #expect(try place.run("charsample", "-m", "m", "--seed", "2", input: seeds).done() != expected)
}

@Test func aLineIsContinuedTheSameWayWhateverComesAfterIt() throws {
  let place = try Workplace.withModel()
  let alone = try place.run("charsample", "-m", "m", "--seed", "3", "-n", "50", input: "The king").done()
  let first = try place.run(
    "charsample", "-m", "m", "--seed", "3", "-n", "50", input: "The king\nThe queen\n"
  ).done()
  #expect(first.hasPrefix(alone))
}

@Test func manySeedsAreContinuedInOrderEachAsIfItWereAlone() throws {
  let place = try Workplace.withModel()
  let seeds = Prose.text(lines: 150, seed: 3)
  let texts = try place.run(
    "charsample", "-m", "m", "--seed", "1", "-n", "12", "--threads", "1", input: seeds
  ).done()
  for threads in ["2", "5"] {
    let others = try place.run(
      "charsample", "-m", "m", "--seed", "1", "-n", "12", "--threads", threads, input: seeds)
    #expect(others.done() == texts)
  }
  // Lines that arrive one by one are not gathered.
  var launch = try place.launch("charsample", ["-m", "m", "--seed", "1", "-n", "12"], seeds)
  launch.blockSize = 30
  #expect(try RunningProgram(launch).finish().done() == texts)
  // The last line by itself: its number counts, its neighbours do not.
  let lines = seeds.split(separator: "\n", omittingEmptySubsequences: false)
  let emptied = String(repeating: "\n", count: lines.count - 2) + lines[lines.count - 2] + "\n"
  let last = try place.run("charsample", "-m", "m", "--seed", "1", "-n", "12", input: emptied).done()
  #expect(last.suffix(12) == texts.suffix(12))
}

@Test func asManyCharactersAreWrittenAsWereAskedFor() throws {
  let place = try Workplace.withModel()
  for count in [0, 1, 77] {
    let text = try place.run("charsample", "-m", "m", "--seed", "1", "-n", "\(count)", "--prompt", "The ")
      .done()
    // A newline ends the text unless its last character is one.
    #expect(text.hasPrefix("The "))
    #expect([4 + count, 5 + count].contains(text.count) && text.hasSuffix("\n"))
    let bare = try place.run(
      "charsample", "-m", "m", "--seed", "1", "-n", "\(count)", "--prompt", "The ", "--no-echo"
    ).done()
    #expect("The " + bare == text || count == 0 && bare == "")
  }
}

@Test func textWithoutEndIsWrittenUntilNobodyReadsIt() throws {
  let place = try Workplace.withModel()
  var launch = try place.launch("charsample", ["-m", "m", "-n", "inf", "--prompt", "The "])
  launch.environment = [:]
  let program = try RunningProgram(launch)
  try program.wait(for: "two blocks") { program.output.count > 130_000 }
  program.stopReading(.output)
  let outcome = try program.finish()
  #expect(outcome.ending == .signal(13))
  #expect(outcome.messages == "")
}

@Test func aClosedPipeIsQuiet() throws {
  let place = try Workplace.withModel(["a.txt": Prose.text(lines: 20_000)])
  for command in [
    "charsample -m m --prompt '' -n 1000000", "chartok encode -c charset a.txt",
    "chartrain --quiet --layers 64 --epochs 0 a.txt",
  ] {
    let outcome = try place.shell(
      "chartok a.txt > charset; { \(command); echo $? > status; } | head -c 10 | wc -c; cat status")
    #expect(outcome.done().split(whereSeparator: { " \n".contains($0) }) == ["10", "141"], "\(command)")
    #expect(outcome.messages == "", "\(command)")
    // The same where the parent has SIGPIPE ignored, as some engines for many machines do.
    let ignoring = try place.shell("trap '' PIPE; { \(command); } | head -c 10 | wc -c")
    #expect(ignoring.messages == "", "\(command)")
  }
}

@Test func eachCharacterIsWrittenAtOnceWhenAskedFor() throws {
  let place = try Workplace.withModel()
  var launch = try place.launch("charsample", ["-m", "m", "-n", "20", "-u"], "The king\n")
  launch.endsInput = false
  let program = try RunningProgram(launch)
  // The next line is sent only when this one's text has come.
  try program.wait(for: "the first text") { program.output.count >= 28 }
  program.type("The queen\n")
  try program.wait(for: "the second text") { program.output.count >= 58 }
  program.send(15)
  _ = try program.finish()
}

@Test func seedsComeFromTheInputAsAWholeFromTheCommandOrFromAFile() throws {
  let place = try Workplace.withModel(["a.txt": "The king sees the castle again.\n"])
  let whole = try place.run("charsample", "-m", "m", "-n", "9", "--whole", input: "The king,\nthe queen")
    .done()
  #expect(whole.hasPrefix("The king,\nthe queen") && whole.count <= 29)
  let command = ["-m", "m", "-n", "0", "--prompt-from", "a.txt", "--prompt-length", "8", "--seed"]
  var excerpts: Set<String> = []
  for seed in 0..<10 {
    let outcome = try RunningProgram(try place.launch("charsample", command + ["\(seed)"])).finish()
    let excerpt = outcome.done().trimmingCharacters(in: .newlines)
    #expect("The king sees the castle again.\n".contains(excerpt))
    excerpts.insert(excerpt)
  }
  #expect(excerpts.count > 3)
  #expect(try place.shell("charsample -m - -n 12 --no-echo < m").done().count >= 12)
}

@Test func theLikeliestCharactersNeedNoChance() throws {
  let place = try Workplace.withModel()
  let first = try place.run("charsample", "-m", "m", "-t", "0", "--prompt", "The ").done()
  #expect(try place.run("charsample", "-m", "m", "--temperature", "0", "--prompt", "The ").done() == first)
}

@Test func charactersThatTheModelDoesNotKnowCauseOneWarning() throws {
  let place = try Workplace.withModel()
  let seeds = "The 日 king\nThe 本 king\n"
  let outcome = try place.run("charsample", "-m", "m", "-n", "5", input: seeds)
  #expect(outcome.done().split(separator: "\n").contains { $0.hasPrefix("The  king") })
  #expect(outcome.messages.hasPrefix("charsample: stdin:1: "))
  #expect(outcome.messages.contains("U+65E5"))
  #expect(outcome.messages.split(separator: "\n").count == 1)
  #expect(try place.run("charsample", "-m", "m", "-q", input: seeds).messages == "")
  try place.run("charsample", "-m", "m", "--strict", "--prompt", "日").failed(65, "charsample: ", "U+65E5")
}

@Test func anUnknownCharacterIsReadButNeverWritten() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 50) + "xyzzy\u{FFFD}"])
  try place.shell(
    """
    chartok --min-count 20 -o charset a.txt && tail -n 1 charset | grep -q unknown &&
    chartrain -q -c charset --layers 8 --epochs 1 -o m a.txt
    """
  ).done()
  let text = try place.run("charsample", "-m", "m", "--prompt", "", "--temperature", "5", "-n", "3000").done()
  #expect(!text.unicodeScalars.contains("\u{FFFD}"))
  let outcome = try place.run("charsample", "-m", "m", "--prompt", "日")
  outcome.done()
  #expect(outcome.messages.contains("unknown"))
}

@Test func seedsBeforeABadOneAreContinuedHoweverTheyArrive() throws {
  let place = try Workplace.withModel()
  let together = try place.shell("printf 'a\\nb\\n\\377\\n' | charsample -m m -n 5 --seed 1")
  let apart = try place.shell(
    "{ printf 'a\\nb\\n'; sleep 0.2; printf '\\377\\n'; } | charsample -m m -n 5 --seed 1")
  #expect(together.ending == .status(65))
  #expect(together.output == apart.output)
  #expect(together.output.count >= 10)
}

@Test func aLengthWithoutBoundsStreams() throws {
  let place = try Workplace.withModel()
  let outcome = try place.shell("printf 'a\\nb\\n' | charsample -m m -q -n 9223372036854775807 | head -c 20")
  #expect(outcome.ending == .status(0))
  #expect(outcome.output.count == 20)
  #expect(outcome.messages.isEmpty)
}

@Test func anEmptyInstructionSetIsNone() throws {
  let place = try Workplace.withModel()
  try place.run("charsample", "-m", "m", "--prompt", "a", "-n", "3", environment: ["CHARTOOLS_ISA": ""])
    .done()
}
