// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// Cheap options that many tests train with.
private let small = "--layers 8 --batch-size 8 --epochs 1"

@Test func aSmallNetworkLearnsTheWordsOfAText() throws {
  let place = try Workplace(["prose.txt": Prose.text(lines: 1000)])
  try place.shell("chartrain --quiet --layers 48 --epochs 10 --log log -o m < prose.txt").done()
  let losses = try place.text("log").split(separator: "\n").dropFirst(2).map { $0.split(separator: "\t")[4] }
  #expect(losses.count == 10)
  #expect(try #require(Double(losses[9])) < 1)

  let first = try place.shell("printf 'HAMLET:\\n' | charsample -m m -n 400 --seed 1")
  let second = try place.shell("printf 'HAMLET:\\n' | charsample -m m -n 400 --seed 1")
  #expect(first.done() == second.done())
  let words = first.text.lowercased().split(whereSeparator: { !$0.isLetter })
  #expect(words.count > 40)
  let known = words.filter { Prose.words.contains(String($0)) }
  #expect(known.count * 10 > words.count * 7, "\(first.text)")
}

@Test func aModelIsTheSameFromFilesAPipeIdsAndThroughAPipe() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40), "b.txt": Prose.text(lines: 20, seed: 2)])
  try place.shell("cat a.txt b.txt > ab.txt; chartrain --quiet \(small) -o m ab.txt").done()
  try place.shell("cat a.txt b.txt | chartrain \(small) --log log -o piped").done()
  try place.shell("cat a.txt b.txt | chartrain \(small) --display-length 0 | cat > through").done()
  try place.shell("chartrain --quiet \(small) -o - - < ab.txt > dash").done()
  try place.shell(
    """
    chartok a.txt b.txt > charset && chartok encode -c charset a.txt b.txt > ids &&
    chartrain --quiet \(small) -c charset --ids ids -o from-ids &&
    mkfifo fifo && { cat fifo > from-fifo & chartrain --quiet \(small) --force -o fifo ab.txt; wait; }
    """
  ).done()
  let model = try place.read("m")
  #expect(model.count > 1000)
  for name in ["piped", "through", "dash", "from-ids", "from-fifo"] {
    #expect(try place.read(name) == model, "\(name)")
  }
  #expect(try !place.names().contains { $0.hasPrefix(".") })
}

@Test(arguments: [
  "--objective every", "--objective last --examples-per-epoch 96", "--layers 8,9 --dropout 0.3",
  "--layers 9,8 --dropout 0.3 --objective last --examples-per-epoch 64 --sequence-length 20",
])
func aModelDoesNotDependOnTheNumberOfThreads(options: String) throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 60)])
  for instructions in InstructionSets.here {
    var models: [[UInt8]] = []
    for threads in ["1", "2", "3"] {
      try place.shell(
        "chartrain --quiet \(small) \(options) --threads \(threads) --force -o m a.txt",
        environment: ["CHARTOOLS_ISA": instructions]
      ).done()
      models.append(try place.read("m"))
    }
    #expect(models[0] == models[1] && models[0] == models[2], "at \(instructions)")
  }
  #expect(InstructionSets.here.contains("portable"))
}

@Test func anFP32ModelDoesNotDependOnTheInstructions() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 60)])
  for options in ["--layers 17,8 --dropout 0.3", "--layers 33 --objective last --examples-per-epoch 96"] {
    var models: Set<[UInt8]> = []
    for instructions in InstructionSets.here {
      try place.shell(
        "chartrain --quiet \(small) \(options) --precision fp32 --force -o m a.txt",
        environment: ["CHARTOOLS_ISA": instructions]
      ).done()
      models.insert(try place.read("m"))
    }
    #expect(models.count == 1, "\(options)")
  }
}

@Test func anotherSeedMakesAnotherModel() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  for seed in ["0", "0", "1"] {
    try place.shell("chartrain --quiet \(small) --seed \(seed) a.txt >> models; wc -c < models >> sizes")
      .done()
  }
  let sizes = try place.text("sizes").split(separator: "\n").compactMap { Int($0) }
  let models = try place.read("models")
  #expect(models[..<sizes[0]].elementsEqual(models[sizes[0]..<sizes[1]]))
  #expect(!models[..<sizes[0]].elementsEqual(models[sizes[1]...]))
}

@Test func theLogHasItsHeaderAndARowForEachReport() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  try place.shell("chartrain --quiet \(small) --epochs 3 --log log.tsv -o m a.txt").done()
  let lines = try place.text("log.tsv").split(separator: "\n").filter { !$0.hasPrefix("#") }
  #expect(
    lines.first
      == "step\tepoch\tseconds\ttrain_nats\theldout_nats\theldout_bits\tchars_per_second\tlearning_rate")
  let rows = lines.dropFirst().map { $0.split(separator: "\t").compactMap { Double($0) } }
  #expect(rows.count == 3)
  #expect(rows.allSatisfy { $0.count == 8 })
  #expect(rows.map { $0[1] } == [1, 2, 3])
  for row in rows { #expect(abs(row[5] - row[4] / 0.693_147_180_559_945) < 1e-5) }
  let nats = lines[3].split(separator: "\t")[4]
  #expect(nats.split(separator: ".").last?.count == 6)

  let onStandardError = try place.shell("chartrain --quiet \(small) --log - --force -o m a.txt")
  #expect(onStandardError.messages.contains("\nstep\tepoch\tseconds\t"))
  #expect(onStandardError.messages.split(separator: "\n").last?.split(separator: "\t").count == 8)
}

@Test func theReportTellsTheLossAndShowsWhatTheModelWrites() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  let outcome = try place.shell(
    "chartrain \(small) --display-temperatures 0,0.5 --display-length 30 -o m a.txt")
  outcome.done()
  let lines = outcome.messages.split(separator: "\n")
  #expect(lines.contains { $0.hasPrefix("epoch 1/1") && $0.contains(" nats") && $0.contains(" bits") })
  #expect(
    lines.filter { $0.hasPrefix("  T=") }.map { $0.prefix(7) } == ["  T=0  ", "  T=0.5"].map { $0[...] })
  #expect(lines.last?.hasSuffix("model written to m") == true)
  let none = try place.shell("chartrain \(small) --display-length 0 --force -o m a.txt")
  #expect(!none.messages.contains("T="))
}

@Test func aSeedToShowStandsBesideWhatTrulyFollowsIt() throws {
  let place = try Workplace(["a.txt": "Mary had a little lamb, its fleece was white as snow.\n"])
  let outcome = try place.shell(
    "chartrain \(small) --display-seed 'little lamb' --display-length 20 --display-temperatures 0 -o m a.txt")
  outcome.done()
  let lines = outcome.messages.split(separator: "\n")
  #expect(lines.contains("  seed  | little lamb"))
  #expect(lines.contains("  true  | , its fleece was whi"))
}

@Test func quietTrainingSaysNothing() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20)])
  let outcome = try place.shell("chartrain -q \(small) -o m a.txt")
  outcome.done()
  #expect(outcome.messages == "")
}

@Test(arguments: [
  ["a.txt": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], ["a.txt": "ab"], ["a.txt": "a\n"],
  ["a.txt": "\n\n"],
  ["a.txt": "Short.\n"], ["a.txt": "\u{0}\u{1}\u{2}\u{3}"],
])
func littleAndMonotonousTextsCanBeLearned(files: [String: String]) throws {
  let place = try Workplace(files)
  for objective in ["every", "last --examples-per-epoch 10"] {
    try place.shell("chartrain --objective \(objective) \(small) --force -o m a.txt").done()
    try place.run("charsample", "-m", "m", "--prompt", "", "-n", "5").done()
  }
}

@Test func aModelIsReadByPython() throws {
  let place = try Workplace.withModel()
  try place.write(
    "read.py",
    Array(
      """
      from safetensors import safe_open
      with safe_open("m", "np") as file:
          print(file.metadata()["format"], sorted(file.keys()), file.get_tensor("lstm.weight_hh_l0").shape)
      """.utf8))
  let tensors =
    ["decoder.bias", "decoder.weight"]
    + ["bias_hh", "bias_ih", "weight_hh", "weight_ih"].map { "lstm.\($0)_l0" }
  let list = tensors.map { "'\($0)'" }.joined(separator: ", ")
  #expect(try place.shell("\(Programs.python()) read.py").done() == "chartools [\(list)] (64, 16)\n")
}

@Test func theValuesOfTensorFlowsExampleAreFilledIn() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20)])
  try place.shell("chartrain --quiet --recipe tfjs --layers 8 --examples-per-epoch 130 --epochs 1 -o m a.txt")
    .done()
  let model = String(decoding: try place.read("m").prefix(6000), as: UTF8.self)
  // The metadata's values are JSON inside of JSON.
  for value in ["objective", "last", "rmsprop", "0.0625", "keras", "constant"] {
    #expect(model.contains(value))
  }
}

@Test func aModelThatCannotGoWhereItShouldIsSavedElsewhere() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 40)])
  let outcome = try place.shell("TMPDIR=$PWD/kept chartrain -q --epochs 1 --layers 8 a.txt > /dev/full")
  #expect(outcome.ending == .status(74))
  #expect(!outcome.messages.contains("written to"))
  try place.shell("mkdir kept").done()
  let rescued = try place.shell("TMPDIR=$PWD/kept chartrain -q --epochs 1 --layers 8 a.txt > /dev/full")
  #expect(rescued.ending == .status(74))
  #expect(rescued.messages.contains("no space left on device; the model was written to "))
  #expect(try place.shell("charsample -m kept/* --prompt The -n 9").done().count >= 12)
}

@Test(arguments: [
  "--force -o prose prose", "--log ./prose -o m prose", "--force --plot link -o m prose",
  "--validation prose --log link -o m other", "--log m -o m prose", "--plot folder/../m -o m prose",
  "--log a --plot folder/../a -o m prose", "--log m.checkpoint -o m prose",
])
func aFileIsNotWrittenOverWhatIsReadNorOverAnother(options: String) throws {
  let place = try Workplace(["prose": Prose.text(lines: 20), "other": Prose.text(lines: 30)])
  let outcome = try place.shell(
    "mkdir folder; ln -s prose link; cp prose kept; chartrain -q --layers 2 --epochs 1 \(options)")
  outcome.failed(64, "chartrain: ")
  try place.shell("cmp prose kept").done()
  #expect(try place.names() == ["folder", "kept", "link", "other", "prose"])
}

@Test func filesOfOneNameInTwoFoldersAndDevicesAreNotOne() throws {
  let place = try Workplace(["prose": Prose.text(lines: 20)])
  let options = "-q --epochs 1 --no-baselines --force"
  try place.shell(
    """
    mkdir folder
    chartrain \(options) --layers 2 --log /dev/null --plot /dev/null -o m prose &&
      chartrain \(options) --init-from m --log folder/m -o m prose && ls folder/m
    """
  ).done()
}

@Test func aCharacterSetOfAnotherUnitThanAskedForIsRefused() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 10)])
  try place.shell("chartok a.txt > a.charset").done()
  try place.run("chartrain", "-q", "-c", "a.charset", "--unit", "byte", "-o", "m", "a.txt").failed(
    64, "chartrain: a.charset: ", "--unit byte")
}

@Test func aTextHeldOutApartIsSaidToBeApart() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 10), "b.txt": Prose.text(lines: 5, seed: 2)])
  let run = try place.run(
    "chartrain", "--epochs", "1", "--layers", "8", "--validation", "b.txt", "-o", "m", "a.txt")
  run.done()
  #expect(run.messages.contains(" others held out"))
}
