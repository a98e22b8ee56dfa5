// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

extension BadCommand {
  static let ofCharmodel = [
    BadCommand("charmodel info half", 65, "charmodel: half: ", "cut short"),
    BadCommand("charmodel info bent", 65, "charmodel: bent: ", "digest"),
    BadCommand("charmodel info - < empty.txt", 65, "charmodel: stdin: ", "not a model"),
    BadCommand("charmodel info missing", 66, "charmodel: missing: ", "no such file"),
    BadCommand("charmodel info folder", 66, "charmodel: folder: ", "is a directory"),
    BadCommand("charmodel info m > /dev/full", 74, "charmodel: stdout: ", "no space left"),
    BadCommand("charmodel info", 64, "charmodel: ", "--machine"),
    BadCommand("charmodel info --machine m", 64, "charmodel: ", "--machine"),
    BadCommand("charmodel info --charset m m", 64, "charmodel: ", "--charset"),
    BadCommand("CHARTOOLS_ISA=vax charmodel info --machine", 64, "charmodel: CHARTOOLS_ISA: ", "vax"),
    BadCommand("charmodel verify", 64, "charmodel: ", "model"),
    BadCommand("charmodel verify m > /dev/full", 74, "charmodel: stdout: ", "no space left"),
    BadCommand("charmodel export --to keras -o new half", 65, "charmodel: half: "),
    BadCommand("charmodel export --to keras -o new missing", 66, "charmodel: missing: "),
    BadCommand("charmodel export --to keras -o old m", 73, "charmodel: old: ", "--force"),
    BadCommand("charmodel export --to keras -o a m", 73, "charmodel: a.charset: ", "--force"),
    BadCommand("charmodel export --to onnx -o old m", 73, "charmodel: old: ", "--force"),
    BadCommand("charmodel export --to tfjs -o old m", 73, "charmodel: old: ", "not a directory"),
    BadCommand("charmodel export --to tfjs -o missing/new m", 73, "charmodel: missing/new: ", "no such file"),
    BadCommand("charmodel export --to keras -o /dev/full m", 74, "charmodel: /dev/full: ", "no space left"),
    BadCommand("charmodel export --to onnx m > /dev/full", 74, "charmodel: stdout: ", "no space left"),
    BadCommand("charmodel export --to tfjs m", 64, "charmodel: ", "-o"),
    BadCommand("charmodel export --to csv m", 64, "charmodel: ", "csv"),
    BadCommand("charmodel export m", 64, "charmodel: ", "--to"),
    BadCommand("charmodel import --from keras -o new a.txt", 65, "charmodel: a.txt: ", "zip"),
    BadCommand("charmodel import --from keras -o new empty.txt", 65, "charmodel: empty.txt: ", "zip"),
    BadCommand("charmodel import --from tfjs -o new a.txt", 65, "charmodel: a.txt: byte 0: "),
    BadCommand("charmodel import --from pytorch -o new half", 65, "charmodel: half: "),
    BadCommand("charmodel import --from pytorch -c a.charset -o new m", 65, "charmodel: m: ", "characters"),
    BadCommand("charmodel import --from pytorch -c a.txt -o new m", 65, "charmodel: a.txt:1: "),
    BadCommand("charmodel import --from keras -o new missing", 66, "charmodel: missing: ", "no such file"),
    BadCommand("charmodel import --from tfjs -o new folder", 66, "charmodel: folder/model.json: ", "no such"),
    BadCommand("charmodel import --from pytorch -c missing -o new m", 66, "charmodel: missing: ", "no such"),
    BadCommand("charmodel import --from pytorch -o old m", 73, "charmodel: old: ", "--force"),
    BadCommand("charmodel import --from tfjs -o new -", 64, "charmodel: ", "model.json"),
    BadCommand("charmodel import --from keras -c - -o new - < m", 64, "charmodel: ", "charset"),
    BadCommand("charmodel average -o new m", 64, "charmodel: ", "two"),
    BadCommand("charmodel average -o new - - < m", 64, "charmodel: ", "twice"),
    BadCommand("charmodel average -o new --weights 1 m m", 64, "charmodel: ", "weights"),
    BadCommand("charmodel average -o new --weights 0,0 m m", 64, "charmodel: ", "0,0"),
    BadCommand("charmodel average -o new --weights=-1,2 m m", 64, "charmodel: ", "-1,2"),
    BadCommand("charmodel average -o new --weights 1,nan m m", 64, "charmodel: ", "nan"),
    BadCommand("charmodel average -o new m bent", 65, "charmodel: bent: ", "digest"),
    BadCommand("charmodel average -o new m missing", 66, "charmodel: missing: "),
    BadCommand("charmodel half -o new half", 65, "charmodel: half: "),
    BadCommand("charmodel half --text latin1.txt -o new m", 65, "charmodel: latin1.txt:2: ", "0xE9"),
    BadCommand("charmodel half --text empty.txt -o new m", 65, "charmodel: empty.txt: "),
    BadCommand("charmodel half --text missing -o new m", 66, "charmodel: missing: "),
    BadCommand("charmodel half -o old m", 73, "charmodel: old: ", "--force"),
    BadCommand("charmodel half m > /dev/full", 74, "charmodel: stdout: ", "no space left"),
    BadCommand("charmodel half --text - - < m", 64, "charmodel: ", "standard input"),
  ]
}

/// What JSON says, as a dictionary.
private func object(_ text: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}

@Test func aModelsStoryIsToldToPeopleAndPrograms() throws {
  let place = try Workplace.withModel()
  let text = try place.run("charmodel", "info", "m").done()
  for words in ["file ", "values as F32", "layers ", "16\n", "characters ", "held-out loss ", "--epochs 3"] {
    #expect(text.contains(words))
  }
  #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  let facts = try object(place.run("charmodel", "info", "--json", "m").done())
  #expect(facts["size"] as? Int == (try place.read("m").count))
  #expect(facts["layers"] as? [Int] == [16])
  let characters = try #require(facts["charset"] as? [String])
  #expect(facts["characters"] as? Int == characters.count && characters.first == "\n")
  #expect(facts["parameters"] as? Int == 64 * (characters.count + 17) + characters.count * 17)
  let training = try #require(facts["training"] as? [String: Any])
  let nats = try #require(training["heldout_nats"] as? Double)
  #expect(text.contains(String(format: "held-out loss  %.6f nats", nats)))
  #expect(text.contains(try #require(facts["digest"] as? String)))
  #expect(try place.shell("charmodel info --json m m - < m").done().split(separator: "\n").count == 3)
}

@Test func aModelGivesItsCharset() throws {
  let place = try Workplace.withModel(["prose.txt": Prose.text(lines: 200)])
  try place.shell("charmodel info --charset m > charset").done()
  try place.run("chartok", "check", "-c", "charset", "prose.txt").done()
  // Its lines are those of the text's own charset, but for the counts.
  let own = try place.shell("chartok prose.txt | cut -f 1,2").done()
  #expect(try place.text("charset") == own)
}

@Test func theMachineIsDescribed() throws {
  let place = try Workplace()
  let text = try place.run("charmodel", "info", "--machine").done()
  #expect(text.hasPrefix("level ") && text.contains("GFLOP/s"))
  let facts = try object(
    place.run("charmodel", "info", "--machine", "--json", environment: ["CHARTOOLS_ISA": "portable"]).done())
  #expect(facts["level"] as? String == "portable")
  #expect(try #require(facts["fp32_gflops"] as? Double) > 0)
  #expect(facts["bf16_gflops"] == nil)
}

@Test func verifyingNamesWhatIsWrong() throws {
  let place = try Workplace.withModel()
  var bent = try place.read("m")
  bent[bent.count - 100] ^= 1
  try place.write("bent", bent)
  #expect(try place.run("charmodel", "verify", "m").done() == "m: OK\n")
  let outcome = try place.run("charmodel", "verify", "m", "missing", "bent", "m")
  #expect(outcome.ending == .status(65) && outcome.messages.isEmpty)
  let lines = outcome.text.split(separator: "\n")
  #expect(lines.count == 4 && lines[0] == "m: OK" && lines[3] == "m: OK")
  #expect(lines[1].hasPrefix("missing: no such file"))
  #expect(lines[2].hasPrefix("bent: digest does not match"))
  let quiet = try place.run("charmodel", "verify", "-q", "m", "missing")
  #expect(quiet.ending == .status(66) && quiet.text.hasPrefix("missing: no such file"))
}

@Test func modelsAreFoundByName() throws {
  let place = try Workplace.withModel()
  try place.shell("mkdir shelf && mv m shelf/tale.safetensors").done()
  let kept = ["CHARTOOLS_MODELS": place.folder + "/shelf"]
  #expect(try place.run("charmodel", "verify", "tale", environment: kept).done() == "tale: OK\n")
  try place.run("charmodel", "info", "tale", environment: kept).done()
  try place.run("charmodel", "export", "--to", "keras", "-o", "k.npz", "tale", environment: kept).done()
  try place.run("charmodel", "half", "-o", "half", "tale", environment: kept).done()
  try place.run("charmodel", "average", "-o", "mean", "tale", "half", environment: kept).done()
}

@Test func whatIsExportedComesBackToTheBit() throws {
  let place = try Workplace.withModel()
  func values(_ model: String) throws -> ArraySlice<UInt8> {
    // The header begins the file and tells its own length.
    let file = try place.read(model)
    return file[(8 + file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) })...]
  }
  let own = try values("m")
  try place.run("charmodel", "export", "--to", "keras", "-o", "k.npz", "m").done()
  try place.run("charmodel", "import", "--from", "keras", "-o", "keras", "k.npz").done()
  #expect(try values("keras") == own)
  try place.run("charmodel", "export", "--to", "tfjs", "-o", "web", "m").done()
  try place.run("charmodel", "import", "--from", "tfjs", "-o", "tfjs", "web/").done()
  #expect(try values("tfjs") == own)
  try place.shell("charmodel import --from tfjs web/model.json > tfjs2").done()
  #expect(try place.read("tfjs") == place.read("tfjs2"))
  try place.run("charmodel", "import", "--from", "pytorch", "-o", "pytorch", "m").done()
  #expect(try place.read("pytorch") == place.read("tfjs"))
  #expect(try place.read("keras") == place.read("tfjs"))
  // It writes what the model that it was writes.
  let write = "--prompt 'the ' --seed 3"
  #expect(
    try place.shell("charsample -m keras \(write)").output == place.shell("charsample -m m \(write)").output)
}

@Test func exportsGoThroughPipesAndReplaceOnlyWhenTold() throws {
  let place = try Workplace.withModel()
  try place.shell("charmodel export --to keras - < m > k.npz").done()
  #expect(try place.names() == ["k.npz", "m"])
  let asked = try place.shell("charmodel import --from keras - < k.npz")
  asked.failed(64, "charmodel: stdin: ", "-c")
  // One that is there and cannot be opened is another thing than none: this link leads to itself.
  try place.shell("ln -s k.npz.charset k.npz.charset").done()
  try place.shell("charmodel import --from keras -o new k.npz").failed(66, "charmodel: k.npz.charset: ")
  try place.shell("rm k.npz.charset").done()
  try place.shell("charmodel info --charset m | charmodel import --from keras -c - k.npz > back").done()
  #expect(try place.run("charmodel", "verify", "back").done() == "back: OK\n")
  for format in ["keras", "tfjs", "onnx"] {
    try place.run("charmodel", "export", "--to", format, "-o", "out-\(format)", "m").done()
    let again = try place.run("charmodel", "export", "--to", format, "-o", "out-\(format)", "m")
    #expect(again.ending == .status(73) && again.messages.contains("--force"))
    try place.run("charmodel", "export", "--to", format, "-o", "out-\(format)", "--force", "m").done()
  }
}

@Test func recordsStayRecords() throws {
  let place = try Workplace.withModel()
  try place.run("charmodel", "import", "--from", "pytorch", "--records", "-o", "r", "m").done()
  #expect(try object(place.run("charmodel", "info", "--json", "r").done())["records"] as? Bool == true)
  try place.run("charmodel", "export", "--to", "tfjs", "-o", "web", "r").done()
  try place.run("charmodel", "import", "--from", "tfjs", "-o", "back", "web").done()
  #expect(try place.read("back") == place.read("r"))
}

@Test func meansAreOfModelsThatMatch() throws {
  let place = try Workplace.withModel(["a.txt": Prose.text(lines: 30)])
  try place.run("charmodel", "average", "-o", "same", "m", "m").done()
  let write = "--prompt 'the ' --seed 3"
  #expect(
    try place.shell("charsample -m same \(write)").output == place.shell("charsample -m m \(write)").output)
  #expect(!(try place.run("charmodel", "info", "same").done()).contains("loss"))
  try place.shell("charmodel average --weights 1,2,0.5 m - m < m > piped").done()
  #expect(try place.run("charmodel", "verify", "piped").done() == "piped: OK\n")
  try place.run("chartrain", "-q", "--layers", "8", "--epochs", "1", "-o", "other", "a.txt").done()
  try place.run("charmodel", "average", "-o", "new", "m", "other").failed(65, "charmodel: other: ")
  #expect(try !place.names().contains("new"))
}

@Test func aHalfIsHalfAsLargeAndTellsItsCost() throws {
  let place = try Workplace.withModel(["prose.txt": Prose.text(lines: 50)])
  let outcome = try place.run("charmodel", "half", "--text", "prose.txt", "-o", "h", "m")
  #expect(outcome.done() == "")
  let lines = outcome.messages.split(separator: "\n").map { $0.split(separator: " ") }
  #expect(lines.map(\.first) == ["F32", "BF16", "cost"])
  let nats = lines.compactMap { Double($0[1]) }
  #expect(nats.count == 3 && abs(nats[1] - nats[0] - nats[2]) < 2e-6 && abs(nats[2]) < 0.01)
  #expect(try place.run("charmodel", "info", "h").done().contains("values as BF16"))
  #expect(try place.read("h").count < place.read("m").count * 2 / 3)
  try place.shell("charmodel half m > piped && cmp piped h").done()
  try place.run("charsample", "-m", "h", "--prompt", "the ", "-n", "9").done()
}

@Test func aTerminalGetsNoBytes() throws {
  let place = try Workplace.withModel()
  for arguments in [["half", "m"], ["average", "m", "m"], ["export", "--to", "onnx", "m"]] {
    var launch = try place.launch("charmodel", arguments)
    launch.terminal = [.output]
    let outcome = try RunningProgram(launch).finish()
    #expect(outcome.ending == .status(64) && outcome.messages.contains("-o"))
    #expect(outcome.output.isEmpty)
  }
}

/// NumPy evaluates what is exported, and writes what is imported: see Tests/Reference/exchange.py.
@Test func logitsOfExportsAndImportsAreOurs() throws {
  let place = try Workplace.withModel(["a.txt": Prose.text(lines: 30)])
  try place.run("chartrain", "-q", "--layers", "7,12", "--epochs", "1", "-o", "two", "a.txt").done()
  let script = Programs.checkout + "/Tests/Reference/exchange.py"
  for model in ["m", "two"] {
    let outcome = try place.shell(
      "mkdir work.\(model) && '\(Programs.python())' -B '\(script)' '\(Programs.folder())' \(model) work.\(model)"
    )
    #expect(outcome.done().split(separator: "\n").count == 7, "\(outcome.text)")
  }
}
