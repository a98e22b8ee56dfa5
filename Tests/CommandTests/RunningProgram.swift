// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How to start a program.
struct Launch {
  /// The three descriptors a program begins with.
  enum Stream: Int32, CaseIterable {
    case input = 0
    case output = 1
    case diagnostics = 2
  }

  /// The program's absolute path.
  var program: String
  /// Without the program's name.
  var arguments: [String]
  /// Where it runs.
  var folder: String
  /// All it finds in its environment.
  var environment: [String: String] = [:]
  /// What it reads from its standard input.
  var input: [UInt8] = []
  /// How many bytes of that at a time.
  var blockSize = 65_536
  /// Whether its standard input ends after that.
  var endsInput = true
  /// The streams that are a terminal; the others are pipes.
  var terminal: Set<Stream> = []
  /// Whether that terminal shows what is typed, as programs with a line editor find it.
  var terminalEchoes = false
}

/// How a program has ended and what it has written.
struct Outcome {
  enum Ending: Equatable {
    case status(Int32)
    case signal(Int32)
  }

  let ending: Ending
  let output: [UInt8]
  let messages: String

  /// Standard output as text.
  var text: String { String(decoding: output, as: UTF8.self) }
}

/// What a program was expected to do and did not.
struct ProgramFailure: Error, CustomStringConvertible {
  let description: String
}

/// A program at work.
///
/// Its outputs are read and its input is fed by the test's own thread, whenever that waits for something, so
/// that no pipe fills up unnoticed and nobody waits for the end of a program that waits to be read.
final class RunningProgram {
  private let launch: Launch
  private let process: pid_t
  private let deadline: Double
  private var input: Int32
  private var unwritten: ArraySlice<UInt8>
  private var readers: [Int32: Set<Launch.Stream>]
  private var received: [Launch.Stream: [UInt8]] = [:]
  private var isReaped = false

  /// Starts a program, which has to be done within `timeLimit` seconds, times CHARTOOLS_PATIENCE if that is set: under a
  /// sanitizer on a busy machine all takes many times as long.
  init(_ launch: Launch, timeLimit: Double = 90) throws {
    self.launch = launch
    let patience = getenv("CHARTOOLS_PATIENCE").flatMap { Double(String(cString: $0)) } ?? 1
    deadline = Self.now() + timeLimit * patience
    unwritten = launch.input[...]
    // A program may end before it has read what it was sent; the test then sees how it ended.
    signal(SIGPIPE, SIG_IGN)
    let spawned = try Spawned(launch)
    (process, input, readers) = (spawned.process, spawned.input, spawned.readers)
  }

  deinit {
    if !isReaped {
      var status: Int32 = 0
      kill(-process, SIGKILL)
      waitpid(process, &status, 0)
    }
    closeInput()
    for descriptor in readers.keys { close(descriptor) }
  }

  /// What has come from its standard output so far.
  var output: [UInt8] { received[.output] ?? [] }
  /// What has come from its standard error so far.
  var messages: String { String(decoding: received[.diagnostics] ?? [], as: UTF8.self) }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process, signal) }

  /// Sends more to its input, or presses keys at its terminal.
  func type(_ text: String) { unwritten += Array(text.utf8) }

  /// Takes no more of its output, as `head` does when it has enough.
  func stopReading(_ stream: Launch.Stream) {
    for (descriptor, streams) in readers where streams == [stream] { stopReading(descriptor) }
  }

  /// Waits until `condition` holds.
  func wait(for what: String, until condition: () -> Bool) throws {
    try pump(until: condition)
    guard condition() else {
      throw ProgramFailure(description: "\(launch.program) has ended before \(what); it said:\n\(messages)")
    }
  }

  /// Waits for its end.
  func finish() throws -> Outcome {
    try pump(until: { false })
    closeInput()
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) != process {
      if Self.now() > deadline { throw overdue() }
      usleep(500)
    }
    isReaped = true
    let signal = status & 0x7F
    return Outcome(
      ending: signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal), output: output, messages: messages)
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func overdue() -> ProgramFailure {
    ProgramFailure(
      description:
        "\(launch.program) \(launch.arguments) takes too long; it has written \(output.count) bytes and "
        + "said:\n\(messages)")
  }

  /// Reads and writes until `condition` holds or there is nothing left to read.
  private func pump(until condition: () -> Bool) throws {
    while !condition() && !readers.isEmpty {
      if unwritten.isEmpty && launch.endsInput && !launch.terminal.contains(.input) { closeInput() }
      var polled = readers.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      if input >= 0 && !unwritten.isEmpty {
        polled.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0))
      }
      let count = poll(&polled, nfds_t(polled.count), 100)
      if Self.now() > deadline { throw overdue() }
      guard count > 0 else { continue }
      for ready in polled where ready.revents != 0 {
        if ready.events == Int16(POLLOUT) { feed() } else { receive(ready.fd) }
      }
    }
  }

  private func receive(_ descriptor: Int32) {
    var block = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &block, block.count)
    if count > 0 {
      for stream in readers[descriptor] ?? [] { received[stream, default: []] += block[..<count] }
    } else if count == 0 || errno != EINTR {
      // A terminal that no program has open any more says so with an error.
      stopReading(descriptor)
    }
  }

  private func stopReading(_ descriptor: Int32) {
    readers[descriptor] = nil
    close(descriptor)
  }

  private func feed() {
    let block = Array(unwritten.prefix(launch.blockSize))
    let count = write(input, block, block.count)
    if count > 0 {
      unwritten = unwritten.dropFirst(count)
    } else if errno != EAGAIN && errno != EINTR {
      unwritten = []
      closeInput()
    }
  }

  private func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }
}

/// The columns of each line that has any characters.
func cells(_ text: String) -> [[String]] {
  text.split(separator: "\n").map {
    $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }
}
