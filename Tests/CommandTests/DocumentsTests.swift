// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// Cheap options that many tests train with.
private let small = "--layers 8 --batch-size 8 --epochs 1"

/// The last held-out loss in a log.
private func heldOut(_ place: Workplace, _ log: String) throws -> Double {
  let row = try #require(try place.text(log).split(separator: "\n").last)
  return try #require(Double(row.split(separator: "\t")[4]))
}

/// `count` lines, each one of three names, in an order that nothing tells.
private func names(_ count: Int) -> String {
  var state: UInt32 = 1
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return ["ada\n", "bob\n", "carol\n"][Int(state >> 16) % 3]
  }.joined()
}

@Test func aFileIsADocumentAndASeparatorMakesTheSame() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40), "b.txt": Prose.text(lines: 20, seed: 2)])
  try place.shell(
    """
    chartrain --quiet \(small) -o files a.txt b.txt a.txt &&
    { cat a.txt; printf '\\0'; cat b.txt; printf '\\0\\0'; cat a.txt; printf '\\0'; } |
      chartrain --quiet \(small) --separator '\\u{0}' -o separated &&
    { cat a.txt b.txt; printf -- '-->'; cat a.txt; } > text &&
    chartok a.txt > charset &&
    chartrain --quiet \(small) --separator '-->' -c charset --validation text -o with-charset a.txt &&
    cat a.txt b.txt a.txt | chartrain --quiet \(small) -o one
    """
  ).done()
  #expect(try place.read("files") == place.read("separated"))
  #expect(try place.read("files") != place.read("one"))
}

/// The second character follows from the document before, and from nothing in its own.
@Test func nothingIsLearnedAcrossDocuments() throws {
  let place = try Workplace([
    "text": String(repeating: "xa|xb|", count: 500), "lines": String(repeating: "xa\nxb\n", count: 500),
  ])
  try place.shell(
    """
    for kind in 'text one' 'text apart --separator |' 'lines together' 'lines records --records --no-shuffle'; do
      set -- $kind; text=$1 log=$2; shift 2
      chartrain -q --layers 16 --batch-size 4 --epochs 20 --log $log.tsv -o $log "$@" $text || exit
    done
    """
  ).done()
  #expect(try heldOut(place, "one.tsv") < 0.02)
  #expect(try heldOut(place, "together.tsv") < 0.02)
  // Every other character is one of two. There is no newline to read before the first ones, and they are learned.
  let apart = try heldOut(place, "apart.tsv")
  #expect(apart > 0.34 && apart < 0.45, "\(apart)")
  let records = try heldOut(place, "records.tsv")
  #expect(records > 0.6931 / 3 - 0.002 && records < 0.6931 / 3 + 0.02, "\(records)")
}

@Test func theEndsOfRecordsAreLearned() throws {
  let place = try Workplace(["names": names(2000)])
  try place.shell("sort names > sorted").done()
  for text in ["names", "sorted"] {
    // Sorted, what is held out would be all carol, had the order not been changed.
    try place.shell(
      "chartrain --records -q --layers 16 --batch-size 8 --epochs 12 --log \(text).tsv -o m-\(text) \(text)"
    ).done()
    // A name is drawn from three, and all else follows; a name has 14/3 characters.
    let loss = try heldOut(place, "\(text).tsv")
    #expect(loss > 0.2 && loss < 0.27, "\(loss)")
  }
}

@Test func theModelKnowsThatItIsOfRecords() throws {
  let place = try Workplace(["names": names(60)])
  try place.shell(
    """
    chartrain -q \(small) --records --seed 3 -o m names && chartrain -q \(small) --records --seed 4 -o other names &&
    chartrain -q \(small) --records --seed 3 --threads 3 -o threads names &&
    chartrain -q \(small) --records --no-shuffle -o kept names && chartrain -q \(small) -o plain names
    """
  ).done()
  #expect(try place.read("m") == place.read("threads"))
  let script = """
    import json, struct
    for name in ("m", "other", "kept", "plain"):
        data = open(name, "rb").read()
        meta = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])["__metadata__"]
        training = json.loads(meta["training"])
        print(name, meta.get("records"), training["options"].get("shuffle"), training["corpus_digest"])
    """
  let lines = try place.shell("'\(try Programs.python())' -", input: script).done().split(separator: "\n")
  let words = lines.map { $0.split(separator: " ") }
  #expect(words.map { $0[1] } == ["true", "true", "true", "None"])
  #expect(words.map { $0[2] } == ["true", "true", "false", "None"])
  // Whatever the order, the text is the one that was given.
  #expect(Set(words.map { $0[3] }).count == 1)
}

@Test func idsHaveRecordsToo() throws {
  let place = try Workplace(["names": names(60)])
  try place.shell(
    """
    chartok names > charset && chartok encode -c charset names > ids &&
    chartrain -q \(small) --records -c charset --ids ids -o from-ids &&
    chartrain -q \(small) --records --no-shuffle -c charset names -o from-text
    """
  ).done()
  #expect(try place.read("from-ids") == place.read("from-text"))
}

@Test func noRecordIsCutForWhatIsHeldOut() throws {
  let place = try Workplace(["lines": "abcdefghij\nklm\nnop\nqrstuvwxyz\n"])
  // 30 characters, of which three would be the end of the last record.
  let said = try place.shell(
    "chartrain \(small) --records --no-shuffle --display-length 0 -o m lines && chartrain \(small) -o n lines"
  )
  said.done()
  #expect(said.messages.contains("the last 11 held out"), "\(said.messages)")
  #expect(said.messages.contains("the last 3 held out"), "\(said.messages)")
}

@Test func moreFilesThanMayBeOpenAtOnce() throws {
  let place = try Workplace()
  try place.shell(
    """
    for i in $(seq 200); do echo "line $i" > "$i.txt"; done
    ulimit -n 10; chartrain -q \(small) -o m *.txt
    """
  ).done()
  let missing = try place.shell("chartrain \(small) -o n 1.txt 2.txt none.txt")
  missing.failed(66, "chartrain: none.txt: no such file")
}

@Test(
  arguments: [
    (64, "--records --objective last t", "--records"), (64, "--records --recipe tfjs t", "--records"),
    (64, "--no-shuffle t", "only --records"), (64, "--separator '' t", "separator"),
    (64, "--separator 'a\\' t", "separator"), (64, "--separator '\\x' t", "separator"),
    (64, "--separator '\\u{110000}' t", "separator"), (64, "--separator '\\u41' t", "separator"),
    (64, "--separator , -c c --ids i", "--separator"), (64, "--records --shuffle -c c --ids i", "--shuffle"),
    (65, "--records t", "newline"), (65, "--records -c c --ids i", "newline"),
    (65, "--separator no t", "too short"),
  ] as [(Int32, String, String)])
func whatCannotBeDocumentsOrRecordsIsSaid(status: Int32, options: String, words: String) throws {
  let place = try Workplace(["t": "ono"])
  try place.shell("chartok t > c && chartok encode -c c t > i").done()
  try place.shell("chartrain -o m \(options)").failed(status, "chartrain: ", words)
  #expect(try !place.names().contains("m"))
}
