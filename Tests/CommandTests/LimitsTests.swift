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

@Test func aFileThatBecomesLargerThanItMayIsRefusedAndLeavesNothing() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 20), "m": "old"])
  let before = try place.snapshot()
  try place.shell("ulimit -f 8 && chartrain -q --epochs 0 --layers 64 --force -o m a.txt")
    .failed(74, "chartrain: m: ")
  #expect(try place.snapshot() == before)
}
