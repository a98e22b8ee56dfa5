// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// A command that cannot do its job, with its status and the beginning and some words of its message.
struct BadCommand: CustomTestStringConvertible {
  let command: String
  let status: Int32
  let beginning: String
  let words: String

  init(_ command: String, _ status: Int32, _ beginning: String, _ words: String = "") {
    (self.command, self.status, self.beginning, self.words) = (command, status, beginning, words)
  }

  var testDescription: String { command }

  static let ofChartok = [
    BadCommand("chartok -o new < empty.txt", 65, "chartok: ", "empty text"),
    BadCommand(
      "chartok -o new latin1.txt", 65, "chartok: latin1.txt:2: ", "invalid UTF-8 byte 0xE9 at offset 7"),
    BadCommand("chartok -o new cut.txt", 65, "chartok: cut.txt:1: ", "0xE6 at offset 4"),
    BadCommand("chartok -o new a.txt latin1.txt", 65, "chartok: latin1.txt:2: ", "invalid UTF-8"),
    BadCommand("chartok --min-count 1000000 -o new a.txt", 65, "chartok: ", "--min-count"),
    BadCommand(
      "chartok encode -c ab.charset -o new a.txt", 65, "chartok: a.txt:2:1: U+", "not in the charset"),
    BadCommand("chartok check -c a.txt a.txt", 65, "chartok: a.txt:1: "),
    BadCommand("chartok check -c empty.txt a.txt", 65, "chartok: empty.txt:1: "),
    BadCommand("chartok decode -c ab.charset -o new odd.ids", 65, "chartok: odd.ids: "),
    BadCommand("chartok decode -c ab.charset -o new high.ids", 65, "chartok: high.ids: ", "id 9"),
    BadCommand("chartok -o new missing.txt", 66, "chartok: missing.txt: ", "no such file or directory"),
    BadCommand("chartok -o new folder", 66, "chartok: folder: ", "is a directory"),
    BadCommand("chartok -o new < folder", 66, "chartok: stdin: ", "is a directory"),
    BadCommand("chartok encode -c missing -o new a.txt", 66, "chartok: missing: ", "no such file"),
    BadCommand("chartok -o old a.txt", 73, "chartok: old: ", "--force"),
    BadCommand("chartok -o folder a.txt", 73, "chartok: folder: ", "is a directory"),
    BadCommand("chartok -o missing/new a.txt", 73, "chartok: missing/new: ", "no such file or directory"),
    BadCommand("chartok a.txt > /dev/full", 74, "chartok: stdout: ", "no space left"),
    BadCommand("chartok -o /dev/full a.txt", 74, "chartok: /dev/full: ", "no space left"),
    BadCommand("chartok stats a.txt > /dev/full", 74, "chartok: stdout: ", "no space left"),
    BadCommand("chartok encode -c a.charset a.txt > /dev/full", 74, "chartok: stdout: ", "no space left"),
    BadCommand("chartok --bogus", 64, "chartok: unknown option '--bogus'"),
    BadCommand("chartok --unit word a.txt", 64, "chartok: ", "word"),
    BadCommand("chartok encode a.txt", 64, "chartok: ", "--charset"),
    BadCommand("chartok encode -c - < a.txt", 64, "chartok: ", "tandard input"),
  ]

  static let ofChartrain = [
    BadCommand("chartrain -o new < empty.txt", 65, "chartrain: stdin: ", "empty text"),
    BadCommand("chartrain -o new one.txt", 65, "chartrain: ", "1 character"),
    BadCommand(
      "chartrain -o new latin1.txt", 65, "chartrain: latin1.txt:2: ", "invalid UTF-8 byte 0xE9 at offset 7"),
    BadCommand("chartrain -o new -c ab.charset a.txt", 65, "chartrain: a.txt:2:1: U+", "not in the charset"),
    BadCommand("chartrain -o new -c a.txt a.txt", 65, "chartrain: a.txt:1: "),
    BadCommand("chartrain -o new --validation empty.txt a.txt", 65, "chartrain: empty.txt: ", "empty text"),
    BadCommand("chartrain -o new -c ab.charset --ids odd.ids", 65, "chartrain: odd.ids: "),
    BadCommand("chartrain -o new -c ab.charset --ids high.ids", 65, "chartrain: high.ids: ", "id 9"),
    BadCommand("chartrain -o new -c ab.charset --ids empty.txt", 65, "chartrain: empty.txt: "),
    BadCommand("chartrain -o new missing.txt", 66, "chartrain: missing.txt: ", "no such file"),
    BadCommand("chartrain -o new a.txt missing.txt", 66, "chartrain: missing.txt: ", "no such file"),
    BadCommand(
      "chartrain -o new --validation missing.txt a.txt", 66, "chartrain: missing.txt: ", "no such file"),
    BadCommand("chartrain -o new -c ab.charset --ids missing", 66, "chartrain: missing: ", "no such file"),
    BadCommand("chartrain -o new folder", 66, "chartrain: folder: ", "is a directory"),
    BadCommand("chartrain -o new -c ab.charset --ids folder", 66, "chartrain: folder: ", "is a directory"),
    BadCommand("chartrain -o old a.txt", 73, "chartrain: old: ", "--force"),
    BadCommand("chartrain -o folder a.txt", 73, "chartrain: folder: ", "is a directory"),
    BadCommand("chartrain -o missing/new a.txt", 73, "chartrain: missing/new: ", "no such file"),
    BadCommand("chartrain --log missing/log -o new a.txt", 73, "chartrain: missing/log: ", "no such file"),
    BadCommand(
      "TMPDIR=/none chartrain -q --epochs 1 --layers 8 a.txt > /dev/full", 74, "chartrain: stdout: ",
      "no space left"),
    BadCommand(
      "TMPDIR=/none chartrain -q --epochs 1 --layers 8 -o /dev/full a.txt", 74, "chartrain: /dev/full: ",
      "no space left"),
    BadCommand("chartrain --ids odd.ids -o new", 64, "chartrain: ", "-c"),
    BadCommand("chartrain -c a.charset --ids odd.ids -o new a.txt", 64, "chartrain: ", "--ids"),
    BadCommand("chartrain --layers 8,0 -o new a.txt", 64, "chartrain: ", "8,0"),
    BadCommand("chartrain --layers 8, -o new a.txt", 64, "chartrain: ", "--layers"),
    BadCommand("chartrain --dropout 1 -o new a.txt", 64, "chartrain: ", "--dropout"),
    BadCommand("chartrain --learning-rate 0 -o new a.txt", 64, "chartrain: ", "--learning-rate"),
    BadCommand("chartrain --learning-rate nan -o new a.txt", 64, "chartrain: ", "--learning-rate"),
    BadCommand("chartrain --optimizer sgd -o new a.txt", 64, "chartrain: ", "sgd"),
    BadCommand("chartrain --batch-size 0 -o new a.txt", 64, "chartrain: ", "--batch-size"),
    BadCommand("CHARTOOLS_ISA=vax chartrain -o new a.txt", 64, "chartrain: CHARTOOLS_ISA: ", "vax"),
  ]

  static let ofCharsample = [
    BadCommand("charsample -m half --prompt ''", 65, "charsample: half: "),
    BadCommand("charsample -m - --prompt '' < half", 65, "charsample: stdin: "),
    BadCommand("charsample -m bent --prompt ''", 65, "charsample: bent: "),
    BadCommand("charsample -m empty.txt --prompt ''", 65, "charsample: empty.txt: "),
    BadCommand("charsample -m a.txt --prompt ''", 65, "charsample: a.txt: "),
    BadCommand("printf '\\351\\n' | charsample -m m", 65, "charsample: stdin:1: ", "0xE9"),
    BadCommand("echo 日 | charsample -m m --strict", 65, "charsample: stdin:1:1: ", "U+65E5"),
    BadCommand("charsample -m m --prompt-from empty.txt", 65, "charsample: empty.txt: ", "too short"),
    BadCommand("charsample -m missing --prompt ''", 66, "charsample: missing: ", "no such file"),
    BadCommand("charsample -m folder --prompt ''", 66, "charsample: folder: ", "is a directory"),
    BadCommand("charsample -m m --prompt-from missing", 66, "charsample: missing: ", "no such file"),
    BadCommand("charsample -m m < folder", 66, "charsample: stdin: ", "is a directory"),
    BadCommand("charsample -m m --prompt '' > /dev/full", 74, "charsample: stdout: ", "no space left"),
    BadCommand("charsample -u -m m --prompt '' > /dev/full", 74, "charsample: stdout: ", "no space left"),
    BadCommand("charsample -m name < a.txt", 66, "charsample: name: ", "no model of that name"),
    BadCommand("charsample -m ./name < a.txt", 66, "charsample: ./name: ", "no such file"),
    BadCommand("charsample -m m:0 < a.txt", 64, "charsample: ", "m:0"),
    BadCommand("charsample -m m -m other < a.txt", 65, "charsample: other: ", "mixed"),
    BadCommand("charsample -m - -m - --prompt a < m", 64, "charsample: ", "standard input"),
    BadCommand("charsample -m m --novel - < a.txt", 64, "charsample: ", "standard input"),
    BadCommand("charsample -m m --novel missing --prompt a", 66, "charsample: missing: ", "no such file"),
    BadCommand("echo '\\q' | charsample -m m --escape", 65, "charsample: stdin:1: ", "escape"),
    BadCommand("charsample -m m --prompt a --until 日", 65, "charsample: --until:", "U+65E5"),
    BadCommand("charsample -m m --prompt a --until ''", 64, "charsample: ", "--until"),
    BadCommand("charsample -m m --prompt a --lines 0", 64, "charsample: ", "--lines"),
    BadCommand("charsample -m m --prompt a --max-length 0", 64, "charsample: ", "--max-length"),
    BadCommand("charsample -m m --prompt a --match '('", 64, "charsample: ", "--match"),
    BadCommand("charsample -m m --prompt a --json --tsv", 64, "charsample: ", "--tsv"),
    BadCommand("charsample -m m --prompt a --json -n 100000000", 64, "charsample: ", "16777216"),
    BadCommand("charsample -m m --prompt a --json --max-length inf -n inf", 64, "charsample: ", "16777216"),
    BadCommand("charsample -m m --prompt a --top-k 0", 64, "charsample: ", "--top-k"),
    BadCommand("charsample -m m --prompt a --top-p 1.5", 64, "charsample: ", "--top-p"),
    BadCommand("charsample -m m --prompt a --min-p nan", 64, "charsample: ", "--min-p"),
    BadCommand("charsample -m m --prompt a --repetition-penalty 0", 64, "charsample: ", "--repetition-p"),
    BadCommand("charsample -m m --prompt a --count 0", 64, "charsample: ", "--count"),
    BadCommand("charsample -m m --prompt a --best-of 100", 64, "charsample: ", "--best-of"),
    BadCommand(
      "charsample -m m --prompt a --escape --avoid \"$(tr -cd ' -[]-~' < m)\\n\"", 64,
      "charsample: ", "--avoid"),
    BadCommand("charsample -m m --prompt a --whole", 64, "charsample: ", "--whole"),
    BadCommand("charsample -m - --whole < m", 64, "charsample: ", "--prompt"),
    BadCommand("charsample -m m -n -1", 64, "charsample: "),
    BadCommand("charsample -m m -n ten", 64, "charsample: ", "ten"),
    BadCommand("charsample -m m --temperature=-1", 64, "charsample: ", "--temperature"),
    BadCommand("charsample -m m --temperature nan", 64, "charsample: ", "--temperature"),
    BadCommand("charsample -m m text", 64, "charsample: ", "text"),
  ]
}

@Test(
  arguments: BadCommand.ofChartok + BadCommand.ofChartrain + BadCommand.ofCharsample + BadCommand.ofCharmodel)
func badInputIsRefusedWithAMessageAndLeavesNothing(bad: BadCommand) throws {
  let place = try Workplace.withModel([
    "a.txt": "a\nSome text: good, but short.\n", "empty.txt": "", "one.txt": "x",
    "old": "What was there before.\n",
    "ab.charset": "#charset 1 unit=scalar\nU+000A\t\\n\nU+0061\ta\nU+0062\tb\n", "odd.ids": "a",
  ])
  try place.write("latin1.txt", Array("plain\n".utf8) + [0x63, 0xE9, 0x0A])
  try place.write("cut.txt", Array("cut ".utf8) + [0xE6, 0x97])
  try place.write("high.ids", [0, 0, 9, 0])
  let model = try place.read("m")
  try place.write("half", Array(model.prefix(model.count / 2)))
  var bent = model
  bent[bent.count - 100] ^= 1
  try place.write("bent", bent)
  try place.shell("mkdir folder && chartok -o a.charset a.txt").done()
  try place.write("other", Trained.modelOfRecords())

  let before = try place.snapshot()
  let outcome = try place.shell(bad.command)
  outcome.failed(bad.status, bad.beginning, bad.words)
  #expect(outcome.output.isEmpty)
  #expect(try place.snapshot() == before)
}

@Test func aModelCutAnywhereIsRefused() throws {
  let place = try Workplace.withModel()
  let model = try place.read("m")
  for length in [1, 7, 8, 9, 100, 2000, model.count - 4, model.count - 1] {
    try place.write("cut", Array(model.prefix(length)))
    try place.run("charsample", "-m", "cut", "--prompt", "").failed(65, "charsample: cut: ")
  }
  try place.write("long", model + [0])
  try place.run("charsample", "-m", "long", "--prompt", "").failed(65, "charsample: long: ")
}

@Test func forceReplacesAnExistingFile() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20), "m": "old", "charset": "old"])
  try place.run("chartok", "--force", "-o", "charset", "a.txt").done()
  #expect(try place.text("charset").hasPrefix("#charset 1"))
  try place.run("chartrain", "-q", "--layers", "8", "--epochs", "1", "--force", "-o", "m", "a.txt").done()
  try place.run("charsample", "-m", "m", "--prompt", "", "-n", "1").done()
  #expect(try place.names() == ["a.txt", "charset", "m"])
}
