// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// What bash would make of the last word of a line, by a program's own script.
private func completions(_ line: String, _ place: Workplace) throws -> [String] {
  let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  let (program, word) = (words[0], words.last ?? "")
  let script = """
    eval "$(\(program) --generate-completion-script bash)"
    COMP_LINE='\(line)' COMP_POINT=\(line.utf8.count) COMP_CWORD=\(words.count - 1)
    COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " ")))
    _\(program) \(program) '\(word)' '\(words.dropLast().last ?? "")'
    printf '%s\\n' "${COMPREPLY[@]}"
    """
  try place.write("complete.bash", Array(script.utf8))
  let outcome = try place.shell(
    "bash complete.bash", environment: ["CHARTOOLS_MODELS": Programs.checkout + "/Models"])
  return outcome.done().split(separator: "\n").map(String.init)
}

@Test func aShellCompletesOptionsValuesFilesAndModels() throws {
  let place = try Workplace(["text.txt": "", "shack.safetensors": ""])
  #expect(try completions("charsample --temp", place) == ["--temperature"])
  #expect(try completions("chartrain --schedule ", place) == ["constant", "cosine", "trapezoid"])
  let models = ["shakespeare", "shakespeare-small", "shack.safetensors"]
  for line in [
    "charsample -m sha", "charscore --model sha", "charmodel info sha", "chartrain --init-from sha",
  ] {
    #expect(try completions(line, place) == models, "\(line)")
  }
  for line in ["chartrain te", "charscore te", "chartok te", "chartok check te", "charsample --novel te"] {
    #expect(try completions(line, place) == ["text.txt"], "\(line)")
  }
  #expect(try completions("chartrain hel", place) == [])
  #expect(try completions("chartok hel", place) == ["help"])
}

@Test(arguments: ["charsample", "chartrain", "charscore"])
func aProgramWithoutSubcommandsHasNoneInItsScripts(program: String) throws {
  let place = try Workplace()
  // zsh takes a script for broken that has files as well as subcommands.
  let zsh = try place.run(program, "--generate-completion-script", "zsh").done()
  #expect(zsh.hasPrefix("#compdef \(program)\n") && !zsh.contains(":->arg"))
  let fish = try place.run(program, "--generate-completion-script", "fish").done()
  #expect(fish.contains("complete -c '\(program)' -f\n") && !fish.contains("-fa 'help'"))
}

@Test func whereASubcommandIsTheDefaultFilesAreOfferedBesideThem() throws {
  let place = try Workplace()
  let zsh = try place.run("chartok", "--generate-completion-script", "zsh").done()
  #expect(zsh.contains("_describe -V subcommand subcommands && ret=0\n        _files && ret=0\n"))
  let fish = try place.run("chartok", "--generate-completion-script", "fish").done()
  #expect(fish.contains("_should_offer_completions_for_positional \"chartok\" -eq 1' -F\n"))
}
