// SPDX-License-Identifier: GPL-3.0-or-later

import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the programs ask the machine.
public enum Machine {
  /// The processors that this process may run on.
  public static var processorCount: Int {
    max(1, Int(chartools_processor_count()))
  }

  /// The threads to compute with: as many as asked for, or one a processor; one where the limits of this process
  /// leave no room for so many.
  ///
  /// Dispatch waits without end for a thread that it cannot start, so whether it can is found out first, by trying. It
  /// never runs more than one a processor beside its own that waits for events, whatever was asked for.
  public static func threadCount(asked: Int? = nil) -> Int {
    let wanted = asked ?? processorCount
    guard wanted > 1 else { return 1 }
    let needed = min(wanted, processorCount) + 1
    let startable = Int(chartools_startable_threads(Int32(clamping: needed)))
    return startable == needed ? wanted : max(1, min(wanted, startable - 1))
  }

  /// Bytes of memory the machine has; nil where that is not known.
  public static var memorySize: Int? {
    let size = chartools_memory_size()
    return size > 0 ? Int(clamping: size) : nil
  }

  /// Seconds that all threads of this process have been computing.
  public static func processorSeconds() -> Double { seconds(on: CLOCK_PROCESS_CPUTIME_ID) }

  /// What one of the system's clocks shows, in seconds.
  static func seconds(on clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Random bits from the system.
  public static func randomSeed() -> UInt64 {
    var random = SystemRandomNumberGenerator()
    return random.next()
  }
}
