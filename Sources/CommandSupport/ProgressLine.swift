// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One line on a terminal's standard error that is rewritten in place.
///
/// It shows nothing at all when there is no terminal that could erase it, or when people asked for quiet.
public final class ProgressLine {
  /// Whether anything is ever shown; programs may use it to report in another way.
  public let isShown: Bool

  /// The terminal that it is shown on.
  public let terminal: Terminal

  private let interval: Double
  private let clock: () -> Double
  private var lastUpdate: Double?
  private var isDirty = false

  /// Prepares the line; nothing is shown yet.
  ///
  /// - Parameters:
  ///   - quiet: whether to show nothing whatever the terminal.
  ///   - terminal: where the line is shown.
  ///   - interval: the least time between two updates, in seconds.
  ///   - clock: the time now, in seconds from any beginning.
  public init(
    quiet: Bool = false, terminal: Terminal = Terminal(descriptor: STDERR_FILENO), interval: Double = 0.1,
    clock: @escaping () -> Double = ProgressLine.monotonicSeconds
  ) {
    self.terminal = terminal
    self.interval = interval
    self.clock = clock
    isShown = !quiet && terminal.understandsEscapes
  }

  deinit { clear() }

  /// Seconds on a clock that nobody sets back.
  public static func monotonicSeconds() -> Double { Machine.seconds(on: CLOCK_MONOTONIC) }

  /// How many characters there is room for.
  ///
  /// The last column stays free: some terminals begin a new line as soon as it is filled.
  public var room: Int { (terminal.width ?? 80) - 1 }

  /// Shows `text` in place of what was there, unless the last time was only a moment ago.
  ///
  /// The text is cut to the terminal's width, counted in Unicode scalars. It is not even computed when it
  /// would not be shown.
  public func update(_ text: @autoclosure () -> String) {
    guard isShown else { return }
    let now = clock()
    if let lastUpdate, now - lastUpdate < interval { return }
    lastUpdate = now
    let line = escapingControls(text()).unicodeScalars.prefix(room).map { scalar in
      scalar == "\n" || scalar == "\t" ? " " : scalar
    }
    send("\r" + String(String.UnicodeScalarView(line)) + "\u{1B}[K")
    isDirty = true
  }

  /// Wipes the line, to make room for something else or for good.
  public func clear() {
    guard isDirty else { return }
    isDirty = false
    send("\r\u{1B}[K")
  }

  private func send(_ text: String) {
    // A terminal that has gone away is no reason to stop working.
    Messages.send(text, to: terminal.descriptor)
  }
}
