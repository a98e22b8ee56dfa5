// SPDX-License-Identifier: GPL-3.0-or-later

import CSpawn

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A process just started, and this process's ends of its pipes and its terminal.
struct Spawned {
  /// The process, which leads a group of its own.
  let process: pid_t
  /// What is written here the program reads.
  let input: Int32
  /// What the program writes on its streams can be read here.
  let readers: [Int32: Set<Launch.Stream>]

  /// Starts a program with its streams on pipes, or on a new terminal that is its own.
  init(_ launch: Launch) throws {
    var ours: [Launch.Stream: Int32] = [:]
    var theirs: [Int32] = [-1, -1, -1]
    defer { for descriptor in theirs where descriptor >= 0 { close(descriptor) } }
    for stream in Launch.Stream.allCases where !launch.terminal.contains(stream) {
      var ends: [Int32] = [-1, -1]
      guard cspawn_pipe(&ends) == 0 else { throw ProgramFailure(description: "no pipe: errno \(errno)") }
      let isInput = stream == .input
      (ours[stream], theirs[Int(stream.rawValue)]) = isInput ? (ends[1], ends[0]) : (ends[0], ends[1])
    }
    var screen: Int32 = -1
    var name = [CChar](repeating: 0, count: 256)
    if !launch.terminal.isEmpty {
      screen = cspawn_terminal(&name, name.count, launch.terminalEchoes ? 1 : 0)
      guard screen >= 0 else { throw ProgramFailure(description: "no terminal: errno \(errno)") }
    }

    let environment = launch.environment.map { "\($0.key)=\($0.value)" }
    process = withCStrings([launch.program] + launch.arguments) { arguments in
      withCStrings(environment) { environment in
        cspawn(launch.program, arguments, environment, launch.folder, theirs, screen < 0 ? nil : name)
      }
    }
    guard process > 0 else { throw ProgramFailure(description: "\(launch.program) does not start") }
    // The screen is read in one place, whatever is shown there; what is typed goes in by a way of its own.
    input = ours[.input] ?? dup(screen)
    var readers: [Int32: Set<Launch.Stream>] = screen < 0 ? [:] : [screen: []]
    for stream in [Launch.Stream.output, .diagnostics] {
      readers[ours[stream] ?? screen, default: []].insert(stream)
    }
    self.readers = readers
    // A pipe that is full must not stop this process, which has others to read.
    _ = fcntl(input, F_SETFL, O_NONBLOCK)
  }
}

/// Calls `body` with the strings as C has them, the last of them followed by a null pointer.
private func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  var pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return body(&pointers)
}
