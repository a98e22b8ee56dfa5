// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A terminal that nobody sits at, closed with the test.
final class PseudoTerminal {
  /// The end that a program takes for a terminal.
  let terminal: Int32
  private let screen: Int32

  init(columns: UInt16) {
    var ends: (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var attributes = termios()
    precondition(openpty(&ends.0, &ends.1, nil, nil, &size) == 0)
    (screen, terminal) = ends
    // Newlines shall come out as they went in.
    tcgetattr(terminal, &attributes)
    attributes.c_oflag &= ~tcflag_t(OPOST)
    tcsetattr(terminal, TCSANOW, &attributes)
  }

  deinit {
    close(terminal)
    close(screen)
  }

  /// What has been shown since the last call.
  ///
  /// A NUL is sent after it and waited for, because a terminal passes on what it is given in its own time.
  func shown() -> String {
    var byte: UInt8 = 0
    precondition(write(terminal, &byte, 1) == 1)
    var bytes: [UInt8] = []
    while read(screen, &byte, 1) == 1, byte != 0 { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A pipe whose reading end takes what arrives, closed with the test.
final class Pipe {
  let writing: Int32
  private var reading: Int32

  init() {
    // A closed pipe shall be an error to the tests and not their end.
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    closeReading()
    close(writing)
  }

  /// What has arrived since the last call.
  func received() -> String {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    let count = read(reading, &bytes, bytes.count)
    return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
  }

  /// Goes away as `head` does.
  func closeReading() {
    if reading >= 0 { close(reading) }
    reading = -1
  }
}
