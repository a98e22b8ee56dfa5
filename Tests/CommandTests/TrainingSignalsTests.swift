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

/// Starts a training that does not end by itself, and waits until it has begun.
private func endlessTraining(_ place: Workplace, terminal: Set<Launch.Stream> = []) throws -> RunningProgram {
  try place.write("a.txt", Array(Prose.text(lines: 200).utf8))
  var launch = try place.launch(
    "chartrain",
    ["--layers", "16", "--epochs", "1000000", "--patience", "0", "--display-length", "0", "-o", "m", "a.txt"])
  launch.terminal = terminal
  let training = try RunningProgram(launch)
  try training.wait(for: "the first epoch") { training.messages.contains("epoch 1/1000000  train") }
  return training
}

@Test(arguments: [SIGINT, SIGTERM])
func aTrainingThatIsInterruptedSavesItsModelAndEndsByTheSignal(signal: Int32) throws {
  let place = try Workplace()
  let training = try endlessTraining(place)
  training.send(signal)
  let outcome = try training.finish()
  #expect(outcome.ending == .signal(signal))
  #expect(outcome.messages.contains("stopped after"))
  #expect(try place.names() == ["a.txt", "m"])
  #expect(try place.run("charsample", "-m", "m", "--prompt", "The ", "-n", "20", "-q").done().count >= 24)
}

@Test func controlCAtATerminalSavesTheModel() throws {
  let place = try Workplace()
  let training = try endlessTraining(place, terminal: [.input, .diagnostics])
  training.type("\u{3}")
  #expect(try training.finish().ending == .signal(SIGINT))
  try place.run("charsample", "-m", "m", "--prompt", "", "-n", "5").done()
}

@Test func aShellSeesTheInterruptAsStatus130() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 50)])
  let outcome = try place.shell(
    """
    timeout --preserve-status -s INT 2 \
      chartrain --quiet --layers 8 --epochs 1000000 --patience 0 -o m a.txt; echo $?
    charsample -m m --prompt '' -n 0; echo $?
    """)
  #expect(outcome.done() == "130\n0\n")
}

@Test func anInterruptWhileTextIsReadLeavesNothing() throws {
  let place = try Workplace()
  var launch = try place.launch("chartrain", ["-o", "m"], "Some text, and then nothing for a long time")
  launch.endsInput = false
  let training = try RunningProgram(launch)
  usleep(300_000)
  training.send(SIGTERM)
  let outcome = try training.finish()
  #expect(outcome.ending == .signal(SIGTERM))
  #expect(outcome.messages == "")
  #expect(try place.names() == [])
}

@Test func progressIsShownWhenASignalAsksForIt() throws {
  let place = try Workplace()
  let training = try endlessTraining(place)
  let before = training.messages.components(separatedBy: " left\n").count
  training.send(SIGUSR1)
  try training.wait(for: "the progress") {
    training.messages.components(separatedBy: " left\n").count > before
  }
  training.send(SIGINT)
  #expect(try training.finish().ending == .signal(SIGINT))
}

@Test func aLogThatNobodyReadsAnyMoreDoesNotEndATraining() throws {
  let place = try Workplace(["a.txt": Prose.text(lines: 50)])
  let outcome = try place.shell(
    """
    { chartrain --layers 8 --epochs 3 --log - -o m a.txt; echo $? > status; } 2>&1 | head -n 1
    charsample -m m --prompt '' -n 0
    """)
  outcome.done()
  #expect(try place.text("status") == "0\n")
}
