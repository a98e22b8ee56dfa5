// SPDX-License-Identifier: GPL-3.0-or-later

import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Signals, noted by flags in C and looked at when it suits.
public enum Signals {
  /// From now on the first SIGINT or SIGTERM is only noted; a second one ends the program at once.
  ///
  /// One that the parent had ignored, as `nohup` and background jobs do, stays ignored.
  public static func catchInterrupts() { chartools_catch_interrupts() }

  /// SIGINT or SIGTERM if one has come, else nil; cheap enough for an inner loop.
  public static var pending: Int32? {
    let signal = chartools_pending_interrupt()
    return signal == 0 ? nil : signal
  }

  /// Whether SIGINT has come since the last call, for a program that goes on after it: the next one is a first one
  /// again.
  public static func takeInterrupt() -> Bool { chartools_take_interrupt() != 0 }

  /// Whether a noted signal asks to stop; for `InputReader`'s `interrupted`.
  @Sendable public static func isInterrupted() -> Bool { pending != nil }

  /// Ends the process by the signal's default action, so that the parent sees how it ended (130, 143).
  public static func finish(_ signal: Int32) -> Never { chartools_end_by_signal(signal) }

  /// From now on SIGUSR1, and SIGINFO where there is one, is noted as a wish to see progress.
  public static func catchProgressRequests() { chartools_catch_progress_requests() }

  /// Whether progress was asked for since the last call.
  public static func takeProgressRequest() -> Bool { chartools_take_progress_request() != 0 }

  /// From now on a write to a closed pipe throws and does not end the program: for one whose main work is not
  /// what it writes there.
  public static func ignoreClosedPipes() { chartools_ignore_closed_pipes() }
}
