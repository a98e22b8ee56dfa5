// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

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
