// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Another program that bytes are sent through, without a shell.
///
/// Its standard input and output are pipes, what it says on standard error is lost, and its environment is empty. It
/// cannot outlive its caller for long: when that dies its input ends and its output is closed.
public struct ChildProgram: Sendable {
  /// The program's file.
  public let path: String
  /// What is typed after its name.
  public let arguments: [String]

  /// A program at `path`.
  public init(path: String, arguments: [String]) {
    self.path = path
    self.arguments = arguments
  }

  /// Looks for a program in the folders of a search path, such as the variable `PATH` has.
  ///
  /// - Returns: nil if there is no file of that name that may be run, or no search path at all.
  public init?(finding name: String, arguments: [String], searchPath: String?) {
    let folders = (searchPath ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    guard let path = folders.map({ "\($0)/\(name)" }).first(where: Self.isProgram) else { return nil }
    self.init(path: path, arguments: arguments)
  }

  private static func isProgram(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && UInt32(facts.st_mode) & UInt32(S_IFMT) == UInt32(S_IFREG)
      && access(path, X_OK) == 0
  }

  /// Sends `input` through the program.
  ///
  /// The caller must have called `Signals.ignoreClosedPipes()`: a program may end before it has read everything.
  ///
  /// - Parameters:
  ///   - input: all that the program reads.
  ///   - output: called with what it writes, as it comes; the bytes are valid during the call.
  ///   - shouldStop: asked at least ten times a second; where it says so the program is killed.
  /// - Returns: the program's exit status; nil if it could not be started, or was killed.
  public func run(
    _ input: [UInt8], output: (UnsafeRawBufferPointer) -> Void, shouldStop: () -> Bool = { false }
  ) -> Int32? {
    guard let toChild = Pipe(), let fromChild = Pipe() else { return nil }
    guard let process = spawn(input: toChild.reading, output: fromChild.writing) else { return nil }
    toChild.closeReading()
    fromChild.closeWriting()
    let isDone = Self.pump(input, to: toChild, from: fromChild, output, shouldStop)
    toChild.closeWriting()
    fromChild.closeReading()
    let status = Self.end(of: process, shouldStop: isDone ? shouldStop : { true })
    return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
  }

  /// Waits for a program's end, and brings it about when told to stop; gives what `waitpid` tells.
  private static func end(of process: pid_t, shouldStop: () -> Bool) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) != process {
      if shouldStop() {
        kill(process, SIGKILL)
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
      }
      usleep(500)
    }
    return status
  }

  /// Writes and reads, whichever is possible, until the program closes its output; false if told to stop.
  private static func pump(
    _ input: [UInt8], to toChild: Pipe, from fromChild: Pipe, _ output: (UnsafeRawBufferPointer) -> Void,
    _ shouldStop: () -> Bool
  ) -> Bool {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 1)
    defer { block.deallocate() }
    var written = 0
    while !shouldStop() {
      if written == input.count { toChild.closeWriting() }
      var polled = [pollfd(fd: fromChild.reading, events: Int16(POLLIN), revents: 0)]
      if written < input.count {
        polled.append(pollfd(fd: toChild.writing, events: Int16(POLLOUT), revents: 0))
      }
      // A tenth of a second, to look at shouldStop; a signal ends the wait sooner.
      guard poll(&polled, nfds_t(polled.count), 100) > 0 else { continue }
      if polled.count == 2 && polled[1].revents != 0 {
        // A pipe that can be written takes so much without blocking.
        let count = input.withUnsafeBytes {
          write(toChild.writing, $0.baseAddress! + written, min($0.count - written, Int(PIPE_BUF)))
        }
        if count >= 0 { written += count } else if errno != EINTR { written = input.count }
      }
      if polled[0].revents != 0 {
        let count = read(fromChild.reading, block.baseAddress, block.count)
        if count == 0 || count < 0 && errno != EINTR { return true }
        if count > 0 { output(UnsafeRawBufferPointer(rebasing: block[..<count])) }
      }
    }
    return false
  }

  #if canImport(Darwin)
    private typealias FileActions = posix_spawn_file_actions_t?
    private typealias Attributes = posix_spawnattr_t?
  #else
    private typealias FileActions = posix_spawn_file_actions_t
    private typealias Attributes = posix_spawnattr_t
  #endif

  /// Starts the program with these descriptors as its standard input and output.
  private func spawn(input: Int32, output: Int32) -> pid_t? {
    #if canImport(Darwin)
      var (actions, attributes): (FileActions, Attributes) = (nil, nil)
    #else
      var (actions, attributes) = (FileActions(), Attributes())
    #endif
    guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
    defer { posix_spawn_file_actions_destroy(&actions) }
    guard posix_spawnattr_init(&attributes) == 0 else { return nil }
    defer { posix_spawnattr_destroy(&attributes) }
    // We may ignore closed pipes and hold signals back; that is not the program's business.
    var (none, pipes) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigemptyset(&pipes)
    sigaddset(&pipes, SIGPIPE)
    guard posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) == 0,
      posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0,
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0,
      posix_spawnattr_setsigmask(&attributes, &none) == 0,
      posix_spawnattr_setsigdefault(&attributes, &pipes) == 0,
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) == 0
    else { return nil }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var nothing: [UnsafeMutablePointer<CChar>?] = [nil]
    var process: pid_t = 0
    return posix_spawn(&process, path, &actions, &attributes, &words, &nothing) == 0 ? process : nil
  }
}

/// A pipe that no program inherits but by being given an end as a standard stream.
private final class Pipe {
  private(set) var reading: Int32
  private(set) var writing: Int32

  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    (reading, writing) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    closeReading()
    closeWriting()
  }

  func closeReading() {
    if reading >= 0 { close(reading) }
    reading = -1
  }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }
}
