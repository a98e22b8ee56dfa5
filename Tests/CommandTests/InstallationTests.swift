// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

private let install = "'\(Programs.checkout)/Scripts/install.sh'"

/// install.sh's arguments behind --remove: where to, and what.
private func arguments(_ root: String) throws -> String {
  "\(root) '\(try Programs.folder())' 'chartok charmodel' 'man/chartok.1 man/charset.5' "
    + "'Models/tunes.safetensors Models/tunes.md'"
}

@Test func whatIsInstalledRunsAndGoesAgainWithTheFoldersMadeForIt() throws {
  let place = try Workplace()
  // Folders that were there before stay, though nothing is in them.
  let tree =
    "mkdir -p root/bin root/share/man/man1 root/share/man/man9 && echo mine > root/bin/other && find root | sort"
  let before = try place.shell(tree).done()
  // Twice: the second time no folder has to be made.
  for _ in 1...2 { try place.shell("\(install) \(arguments("\"$PWD/root\""))").done() }
  #expect(try place.shell("root/bin/chartok --version").done().hasPrefix("chartok (chartools) "))
  let installed = try place.shell("find root | sort").done()
  for file in [
    "bin/charmodel", "share/man/man1/chartok.1", "share/man/man5/charset.5",
    "share/chartools/models/tunes.safetensors", "share/bash-completion/completions/chartok",
    "share/zsh/site-functions/_chartok", "share/fish/vendor_completions.d/chartok.fish",
  ] {
    #expect(installed.contains("root/\(file)\n"), "\(file)")
  }
  try place.shell("\(install) --remove \(arguments("\"$PWD/root\""))").done()
  #expect(try place.shell("find root | sort").done() == before)
}

#if os(Linux)
  @Test(arguments: ["chartok", "chartrain", "charsample", "charscore", "charmodel"])
  func aProgramLoadsNoLibraries(_ program: String) throws {
    // Where there were any, the dynamic linker would list them and not run the program.
    let command = "LD_TRACE_LOADED_OBJECTS=1 '\(try Programs.folder())/\(program)' --version"
    #expect(try Workplace().shell(command).done().hasPrefix("\(program) (chartools) "))
  }
#endif

@Test func aModelOfTheUsersStaysWhereItIs() throws {
  let place = try Workplace(["mine": "a model"])
  try place.shell("\(install) \(arguments("\"$PWD/root\"")) && mv mine root/share/chartools/models").done()
  try place.shell("\(install) --remove \(arguments("\"$PWD/root\""))").done()
  #expect(try place.shell("find root -type f").done() == "root/share/chartools/models/mine\n")
}

@Test func aProgramThatWantsAToolchainsLibrariesIsNotInstalled() throws {
  let place = try Workplace(["chartok": "\u{7F}ELF libc.so.6 libswiftCore.so", "charmodel": ""])
  try place.shell("chmod +x chartok").done()
  let ready = "'\(Programs.checkout)/Scripts/ready.sh'"
  try place.shell("\(ready) '\(Programs.folder())' chartok chartrain charsample charscore charmodel").done()
  let linked = try place.shell("\(ready) . chartok")
  #expect(linked.ending == .status(1) && linked.messages.contains("./chartok wants the libraries of"))
  let missing = try place.shell("\(ready) . charmodel")
  #expect(missing.ending == .status(1) && missing.messages.contains("there is no ./charmodel"))
}

@Test func aTextIsMadeByItsNameAndThatItIsTheOneKnownIsChecked() throws {
  let place = try Workplace()
  let corpus = "'\(Programs.checkout)/Scripts/corpus.sh'"
  let made = try place.shell("\(corpus) tunes texts").done()
  #expect(made.contains("texts/tunes.txt: 608398 bytes, sha256 "))
  #expect(try place.text("texts/tunes.txt").hasPrefix("X:1\nT:The "))
  let changed = try place.shell("echo C >> texts/tunes.txt && \(corpus) tunes texts")
  #expect(changed.ending == .status(1) && changed.messages.contains("not the text that"))
  let unknown = try place.shell("\(corpus) proverbs texts")
  #expect(unknown.ending == .status(1) && unknown.messages.contains("there is no text proverbs"))
}

@Test func proseIsTheRunningTextOfAPage() throws {
  let page = """
    <html><head><title>left out</title></head><body><div class="toc top"><p>left <b>out</b></p></div>
    <h2>A&nbsp;heading</h2><p>One <em>para</em>graph,<br>of
      two lines.</p><pre>left out</pre><ul><li>An item</li><li><p>and another</p></li></ul>
    <table><tr><td>left out</td></tr></table>Loose text</body></html>
    """
  let place = try Workplace(["a.html": page])
  let prose = try place.shell("'\(Programs.python())' '\(Programs.checkout)/Scripts/prose.py' a.html").done()
  #expect(prose == "\nA heading\nOne paragraph, of two lines.\nAn item\nand another\nLoose text\n")
}
