// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

private let small = "--layers 8 --batch-size 8 --epochs 2 --display-length 0"

/// The baselines in a model's metadata, by name.
private func baselines(_ place: Workplace, _ model: String) throws -> [String: Double] {
  try place.write(
    "baselines.py",
    Array(
      """
      import json, sys
      data = open(sys.argv[1], "rb").read()
      header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
      print(json.dumps(json.loads(header["__metadata__"]["training"]).get("baselines", {})))
      """.utf8))
  let json = try place.shell("\(Programs.python()) baselines.py \(model)").done()
  return try JSONDecoder().decode([String: Double].self, from: Data(json.utf8))
}

/// Rows of the table at the end: nats by the model's name.
private func table(_ messages: String) -> [(name: String, nats: Double)] {
  messages.split(separator: "\n").drop { !$0.hasPrefix("held-out text, per character") }.dropFirst()
    .prefix { $0.hasPrefix("  ") }
    .compactMap { line in
      let words = line.split(separator: " ")
      guard words.count > 2, let nats = Double(words[words.count - 2]) else { return nil }
      return (words.dropLast(2).joined(separator: " "), nats)
    }
}

@Test func theReportSetsTheModelBesideNGramsAndSaysWhatWouldHelp() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 200)])
  let run = try place.run("chartrain", "--layers", "8", "--epochs", "2", "-o", "m", "a.txt")
  run.done()
  let rows = table(run.messages)
  // Without PATH no compressor is found.
  let names = ["order-0 n-gram"] + (2...6).map { "order-\($0) n-gram" } + ["this model"]
  #expect(rows.map(\.name).sorted() == names.sorted())
  #expect(rows.map(\.nats) == rows.map(\.nats).sorted())
  let found = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0.nats) })
  #expect(try #require(found["order-3 n-gram"]) < #require(found["order-0 n-gram"]))
  let lines = run.messages.split(separator: "\n")
  #expect(lines[lines.count - 2].contains("likely"))
  #expect(try #require(lines.last).contains("% of this machine's limit; model written to m"))

  let kept = try baselines(place, "m")
  #expect(kept.keys.sorted() == ["order-0"] + (2...6).map { "order-\($0)" })
  for (name, nats) in kept { #expect(abs(nats - (found[name + " n-gram"] ?? 0)) < 0.000_51) }
}

@Test func whatTheModelKeepsOfBaselinesDependsOnNoProgramAndNoQuiet() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 100)])
  let shown = try place.shell("chartrain \(small) -o shown a.txt")
  shown.done()
  try place.run(
    "chartrain", "-q", "--layers", "8", "--batch-size", "8", "--epochs", "2", "-o", "quiet", "a.txt"
  )
  .done()
  #expect(try place.read("shown") == place.read("quiet"))
  let without = try place.shell("chartrain \(small) --no-baselines -o without a.txt")
  without.done()
  #expect(table(without.messages).isEmpty)
  #expect(try baselines(place, "without").isEmpty)
}

@Test func aCompressorIsChargedForWhatTheHeldOutTextAdds() throws {
  let text = Prose.text(lines: 300)
  let place = try Workplace(["a.txt": text])
  // It keeps half of the text, and checks how it is called.
  let fake =
    "#!/bin/sh\n[ \"$*\" = '-9 -c -q' ] && exec /usr/bin/awk 'BEGIN { RS = \"\\001\" } "
    + "{ printf \"%s\", substr($0, 1, length($0) / 2) }'\n"
  try place.shell(
    "mkdir tools && cat > tools/xz && chmod +x tools/xz", input: fake
  )
  .done()
  let run = try place.run(
    "chartrain", "--layers", "8", "--epochs", "1", "-o", "m", "a.txt",
    environment: ["PATH": place.folder + "/tools:/nowhere"])
  run.done()
  let rows = table(run.messages)
  #expect(rows.count == 8 && !rows.contains { $0.name == "zstd -19" })
  let xz = try #require(rows.first { $0.name == "xz -9" })
  // Half a byte is four bits.
  #expect(abs(xz.nats - 4 * 0.693_147) < 0.01)
  #expect(try !baselines(place, "m").keys.contains("xz -9"))
}

@Test(arguments: ["exit 3", "exec cat > /dev/null", "echo x; exit 0", "kill -9 $$"])
func aCompressorThatFailsIsLeftOut(script: String) throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 50)])
  try place.shell("mkdir tools && printf '#!/bin/sh\\n%s\\n' '\(script)' > tools/xz && chmod +x tools/xz")
    .done()
  let run = try place.run(
    "chartrain", "--layers", "8", "--epochs", "1", "-o", "m", "a.txt",
    environment: ["PATH": place.folder + "/tools"])
  run.done()
  #expect(table(run.messages).count == 7)
}

@Test func anInterruptEndsTheCompressorsAndKeepsTheModel() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 50)])
  try place.shell(
    "mkdir tools && printf '#!/bin/sh\\necho > started; exec /bin/sleep 1000\\n' > tools/xz && chmod +x tools/xz"
  ).done()
  var launch = try place.launch("chartrain", ["--layers", "8", "--epochs", "1", "-o", "m", "a.txt"])
  launch.environment["PATH"] = place.folder + "/tools"
  let run = try RunningProgram(launch)
  while try !place.names().contains("started") { usleep(10_000) }
  run.send(SIGINT)
  let outcome = try run.finish()
  #expect(outcome.ending == .signal(SIGINT))
  #expect(outcome.messages.contains("model written to m"))
  #expect(try place.read("m").count > 1000)
}

@Test func theLogCanBeLinesOfJSON() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  try place.shell("chartrain -q \(small) --log log --log-format jsonl -o m a.txt").done()
  try place.shell("chartrain -q \(small) --log log --log-format jsonl --validation-split 0 -o n a.txt").done()
  try place.write(
    "read.py",
    Array(
      """
      import json
      rows = [json.loads(line) for line in open("log")]
      assert rows[0]["threads"] > 0 and rows[0]["isa"] and rows[0]["precision"]
      assert [row["epoch"] for row in rows[1:]] == [1, 2, 1, 2], rows
      assert all(row["heldout_nats"] > 0 for row in rows[1:3]), rows
      assert all(row["heldout_nats"] is None for row in rows[3:]), rows
      print(list(rows[1]))
      """.utf8))
  #expect(
    try place.shell("\(Programs.python()) read.py").done()
      == "['step', 'epoch', 'seconds', 'train_nats', 'heldout_nats', 'heldout_bits', "
      + "'chars_per_second', 'learning_rate']\n")
}

@Test func thePlotIsWholeXMLAndReplacesNothingUnasked() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  try place.shell("chartrain -q \(small) --plot p.svg -o m a.txt").done()
  #expect(try place.names() == ["a.txt", "m", "p.svg"])
  let check = "import xml.dom.minidom as m; print(m.parse(\"p.svg\").documentElement.tagName)"
  #expect(try place.shell("\(Programs.python()) -c '\(check)'").done() == "svg\n")
  #expect(try place.text("p.svg").contains("held out "))
  try place.run("chartrain", "-q", "--epochs", "1", "--plot", "p.svg", "-o", "n", "a.txt").failed(
    73, "chartrain: p.svg: ", "already exists")
  #expect(try !place.names().contains("n"))
  try place.shell("chartrain -q \(small) --force --plot p.svg -o n a.txt").done()
  try place.run("chartrain", "-q", "--epochs", "1", "--plot", "no/p.svg", "-o", "x", "a.txt").failed(
    73, "chartrain: no/p.svg: ")
}

@Test func aPlotOnStandardOutputIsOne() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  let drawn = try place.shell("chartrain -q \(small) --plot - -o m a.txt").done()
  #expect(drawn.hasPrefix("<?xml ") && drawn.hasSuffix("</svg>\n"))
  #expect(drawn.components(separatedBy: "<svg").count == 2)
  try place.run("chartrain", "-q", "--plot", "-", "a.txt").failed(64, "chartrain: ", "--plot")
}

@Test func aPlotThatCannotBeWrittenDoesNotEndTheRun() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  let run = try place.shell("chartrain -q \(small) --plot /dev/full -o m a.txt")
  run.done()
  #expect(
    run.messages == "chartrain: /dev/full: the plot is not written any further: no space left on device\n")
}

@Test func aTerminalShowsTheCurveWhereItIsUTF8() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 400)])
  for (locale, hasCurve) in [("C.UTF-8", true), ("C", false)] {
    var launch = try place.launch(
      "chartrain", ["--layers", "8", "--epochs", "30", "--force", "-o", "m", "a.txt"])
    launch.arguments += ["--display-length", "0"]
    launch.terminal = [.diagnostics]
    launch.environment = ["LC_ALL": locale]
    let outcome = try RunningProgram(launch).finish()
    #expect(outcome.ending == .status(0))
    #expect(outcome.messages.contains("▁·") == hasCurve)
  }
}
