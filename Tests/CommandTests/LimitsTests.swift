// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What leaves no room for more threads, or none for the descriptors that sharing out work takes.
@Test(arguments: ["ulimit -n 4", "ulimit -v 100000"])
func workIsDoneOnOneThreadWhereThereCanBeNoMore(limit: String) throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20)])
  let training = "chartrain -q --no-baselines --layers 8 --epochs 1 --threads"
  try place.shell("\(training) 1 -o usual a.txt").done()
  try place.shell("\(limit) && timeout 20 \(training) 64 -o m a.txt").done()
  #expect(try place.read("m") == place.read("usual"))
}

/// Nothing is mounted on /proc, as in a bare chroot; that takes the right to mount, in a namespace of one's own.
@Test func programsWorkWhereThereIsNoProc() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20)])
  let hidden = "unshare -r -m sh -c 'mount -t tmpfs none /proc"
  guard try place.shell("\(hidden)'").ending == .status(0) else {
    withKnownIssue("this user may not mount anything") { Issue.record("not tried") }
    return
  }
  // Two threads or more for longer than the second after which Dispatch looks at them.
  let training = "chartrain -q --no-baselines --layers 64 --seed 1 --precision fp32 --epochs 40"
  try place.shell("\(training) --threads 1 -o usual a.txt").done()
  try place.shell("\(hidden) && exec \(training) --threads 4 -o m a.txt'").done()
  #expect(try place.read("m") == place.read("usual"))
  let help = try place.shell("chartok --help")
  #expect(try place.shell("\(hidden) && exec chartok --help'").output == help.output)
  try place.shell("\(hidden) && exec chartok --nonsense'").failed(64, "chartok: ")
  let models = try place.shell("charsample --list-models")
  #expect(try place.shell("\(hidden) && exec charsample --list-models'").output == models.output)
}

@Test func aFileThatBecomesLargerThanItMayIsRefusedAndLeavesNothing() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20), "m": "old"])
  let before = try place.snapshot()
  try place.shell("ulimit -f 8 && chartrain -q --epochs 0 --layers 64 --force -o m a.txt")
    .failed(74, "chartrain: m: ")
  #expect(try place.snapshot() == before)
}

/// Ids are mapped, and pages that are no more end a program by SIGBUS.
@Test(arguments: ["0", "-2"])
func idsThatAreCutShortEndTheRunAndWhatWasLearnedIsKept(size: String) throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 200)])
  try place.shell("chartok -o c a.txt && chartok encode -c c a.txt > ids").done()
  let training = try RunningProgram(
    place.launch(
      "chartrain",
      [
        "-c", "c", "--ids", "ids", "--layers", "16", "--epochs", "1000000", "--patience", "0",
        "--display-length", "0", "--checkpoint-every", "10", "-o", "m",
      ]))
  try training.wait(for: "some epochs") { training.messages.contains("epoch 3/") }
  try place.shell("truncate -s \(size) ids").done()
  let outcome = try training.finish()
  #expect(outcome.ending == .status(74))
  #expect(
    outcome.messages.hasSuffix(
      "chartrain: ids: was cut short while it was in use; what was learned until then was written to m\n"))
  try place.shell("charmodel verify -q m m.checkpoint").done()
  #expect(try !place.run("charmodel", "info", "m").done().contains("held-out loss"))
}

/// A model that shrinks while it is read was read in time, or is damaged when it is opened or afterwards.
@Test func aModelThatIsCutShortWhileItIsReadIsRefused() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20)])
  try place.run("chartrain", "-q", "--epochs", "0", "--layers", "512,512", "-o", "whole", "a.txt").done()
  for attempt in 0..<20 {
    try place.shell("cp whole m").done()
    let run = try RunningProgram(place.launch("charsample", ["-m", "m", "--prompt", "", "-n", "0"]))
    usleep(UInt32(1000 * attempt))
    #expect(truncate(place.folder + "/m", 100_000) == 0)
    let outcome = try run.finish()
    if outcome.ending == .status(0) && outcome.messages.isEmpty { continue }
    outcome.failed(outcome.messages.contains("was cut short while") ? 74 : 65, "charsample: m: ")
  }
}
