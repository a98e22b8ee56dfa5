// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@Test func textGoesInAndTextComesOutWithoutAFile() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 100), "b.txt": Prose.text(lines: 100, seed: 2)])
  let outcome = try place.shell(
    "cat a.txt b.txt | chartrain --quiet --layers 16 --epochs 2 | charsample -m - --prompt 'The ' -n 200")
  #expect(outcome.done().hasPrefix("The "))
  #expect([204, 205].contains(outcome.text.count))
  #expect(outcome.messages == "")
  #expect(try place.names() == ["a.txt", "b.txt"])
}

@Test func theProgramsNeedNothingFromTheirEnvironment() throws {
  let place = try Workplace(["a.txt": "né " + Prose.text(lines: 30)])
  // An empty environment is what every program of these tests is given.
  try place.run("chartok", "-o", "charset", "a.txt").done()
  try place.run("chartrain", "-q", "-c", "charset", "--layers", "8", "--epochs", "1", "-o", "m", "a.txt")
    .done()
  let text = try place.run("charsample", "-m", "m", "--seed", "1", "--prompt", "né").done()
  let elsewhere = try place.run(
    "charsample", "-m", "m", "--seed", "1", "--prompt", "né",
    environment: [
      "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE", "TERM": "xterm", "HOME": "/nowhere", "TZ": "Asia/Tokyo",
    ])
  #expect(elsewhere.done() == text)
}

@Test(arguments: ["chartok", "chartrain", "charsample"])
func helpVersionAndCompletionsGoToStandardOutput(program: String) throws {
  let place = try Workplace()
  let help = try place.run(program, "--help")
  #expect(help.done().contains("USAGE: \(program)"))
  #expect(help.messages == "")
  #expect(try place.run(program, "--version").done().hasPrefix("\(program) (chartools) "))
  for shell in ["bash", "zsh", "fish"] {
    #expect(try place.run(program, "--generate-completion-script", shell).done().contains(program))
  }
  try place.shell("\(program) --help > /dev/full").failed(74, "\(program): stdout: ", "no space left")
}
