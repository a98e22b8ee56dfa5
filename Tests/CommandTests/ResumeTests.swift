// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A training that takes about a second, in a folder with its text and the model of an uninterrupted run as `whole`.
private struct Rehearsal {
  let place: Workplace
  let options: [String]

  init(_ more: [String] = []) throws {
    place = try Workplace(["a.txt": Prose.text(lines: 200)])
    options = ["-q", "--layers", "24", "--epochs", "25"] + more
    var launch = try place.launch("chartrain", options + ["-o", "whole", "a.txt"])
    launch.environment = [:]
    try RunningProgram(launch).finish().done()
  }

  /// Starts the run, or goes on with it where there is a checkpoint.
  func start(_ threads: Int) throws -> RunningProgram {
    let arguments =
      try place.names().contains("m.checkpoint")
      ? ["-q", "--resume", "m.checkpoint", "--threads", String(threads), "a.txt"]
      : options + ["--force", "--checkpoint-every", "40", "--threads", String(threads), "-o", "m", "a.txt"]
    return try RunningProgram(place.launch("chartrain", arguments))
  }
}

@Test(arguments: [
  [], ["--objective", "last", "--examples-per-epoch", "2000", "--batch-size", "32"],
  ["--averaging", "0.99", "--dropout", "0.2", "--layers", "16,16"], ["--records"],
])
func aRunStoppedAtAnyMomentEndsInTheSameBytes(options: [String]) throws {
  let rehearsal = try Rehearsal(options)
  let place = rehearsal.place
  var random = SystemRandomNumberGenerator()
  var stops = 0
  for attempt in 0..<8 {
    let run = try rehearsal.start(1 + attempt % 3)
    usleep(UInt32.random(in: 20_000..<800_000, using: &random))
    let signal = Bool.random(using: &random) ? SIGKILL : SIGTERM
    run.send(signal)
    let outcome = try run.finish()
    if outcome.ending == .status(0) { break }
    #expect(outcome.ending == .signal(signal), "\(outcome.messages)")
    // What was written is whole.
    if try place.names().contains("m.checkpoint") {
      stops += 1
      try place.run("charsample", "-m", "m.checkpoint", "--prompt", "", "-n", "1").done()
    }
  }
  if try place.names().contains("m.checkpoint") || !place.names().contains("m") {
    try rehearsal.start(2).finish().done()
  }
  #expect(try place.read("m") == place.read("whole"), "after \(stops) stops")
  #expect(try !place.names().contains("m.checkpoint"))
}

@Test func anInterruptedRunTellsHowToGoOn() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 200)])
  let run = try RunningProgram(
    place.launch(
      "chartrain",
      [
        "--layers", "16", "--epochs", "100000", "--checkpoint-every", "1h", "--log", "log", "-o", "m",
        "a.txt",
      ]))
  try run.wait(for: "some epochs") { run.messages.contains("epoch 3/") }
  run.send(SIGINT)
  let outcome = try run.finish()
  #expect(outcome.ending == .signal(SIGINT))
  #expect(outcome.messages.contains("chartrain --resume m.checkpoint"))
  #expect(try place.names() == ["a.txt", "log", "m", "m.checkpoint"])

  // Another run does not wipe it out by accident, and it is not taken for what it is not.
  let again = try place.run(
    "chartrain", "--epochs", "1", "--checkpoint-every", "1h", "-o", "m", "a.txt")
  again.failed(73, "chartrain: m.checkpoint: already exists", "--resume")
  try place.run("chartrain", "--resume", "m", "a.txt").failed(64, "chartrain: m: ", "-o")
  try place.run("chartrain", "--resume", "m", "-o", "n", "a.txt").failed(65, "chartrain: m: a model, not")
  try place.write("b.txt", Array(Prose.text(lines: 200, seed: 3).utf8))
  try place.run("chartrain", "--resume", "m.checkpoint", "b.txt").failed(
    65, "chartrain: m.checkpoint: this is not")
  for options in [
    ["--epochs", "3"], ["--layers", "3"], ["--seed", "0"], ["--recipe", "standard"], ["--precision", "fp32"],
    ["--for", "3s"], ["-c", "a.charset"], ["--unit", "byte"], ["--init-from", "m"], ["--patience", "3"],
  ] {
    let launch = try place.launch("chartrain", ["--resume", "m.checkpoint"] + options + ["a.txt"])
    try RunningProgram(launch).finish().failed(64, "chartrain: --resume ")
  }

  // The log goes on where it was.
  let rows = try place.text("log").split(separator: "\n").count
  let resumed = try RunningProgram(
    place.launch("chartrain", ["--resume", "m.checkpoint", "--log", "log", "--display-length", "0", "a.txt"]))
  try resumed.wait(for: "more epochs") { resumed.messages.components(separatedBy: "epoch ").count > 3 }
  resumed.send(SIGTERM)
  #expect(try resumed.finish().ending == .signal(SIGTERM))
  let log = try place.text("log").split(separator: "\n")
  #expect(log.count > rows + 1)
  #expect(log.filter { $0.hasPrefix("step") }.count == 1)
}

@Test func aCheckpointThatCannotBeWrittenDoesNotEndARun() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 60)])
  let run = try RunningProgram(
    place.launch(
      "chartrain",
      [
        "--layers", "8", "--epochs", "100000", "--display-length", "0", "--checkpoint-every", "20", "-o", "m",
        "a.txt",
      ]))
  try run.wait(for: "a checkpoint") { (try? place.names().contains("m.checkpoint")) == true }
  try place.shell("until rm m.checkpoint && mkdir m.checkpoint; do :; done 2> /dev/null").done()
  try run.wait(for: "the warning") { run.messages.contains("no checkpoint was written") }
  run.send(SIGTERM)
  let outcome = try run.finish()
  #expect(outcome.ending == .signal(SIGTERM))
  #expect(!outcome.messages.contains("to go on"))
  try place.run("charsample", "-m", "m", "--prompt", "The", "-n", "3").done()
}

@Test func damagedCheckpointsAreRefused() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 60)])
  let run = try RunningProgram(
    place.launch(
      "chartrain",
      ["-q", "--layers", "8", "--epochs", "100000", "--checkpoint-every", "20", "-o", "m", "a.txt"]))
  while try !place.names().contains("m.checkpoint") { usleep(10_000) }
  run.send(SIGTERM)
  #expect(try run.finish().ending == .signal(SIGTERM))
  let whole = try place.read("m.checkpoint")
  for size in [0, 1, 9, 200, 4000, whole.count / 2, whole.count - 1] {
    try place.write("t.checkpoint", Array(whole[..<size]))
    try place.run("chartrain", "--resume", "t.checkpoint", "a.txt").failed(65, "chartrain: t.checkpoint: ")
  }
  var random = SystemRandomNumberGenerator()
  for _ in 0..<20 {
    var changed = whole
    changed[Int.random(in: 0..<whole.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    try place.write("t.checkpoint", changed)
    try place.run("chartrain", "--resume", "t.checkpoint", "a.txt").failed(65, "chartrain: t.checkpoint: ")
  }
  try place.run("chartrain", "--resume", "none.checkpoint", "a.txt").failed(
    66, "chartrain: none.checkpoint: ")
}
