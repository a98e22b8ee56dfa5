// SPDX-License-Identifier: GPL-3.0-or-later

import CSystem

/// What the programs ask the machine.
public enum Machine {
  /// The processors that this process may run on.
  public static var processorCount: Int {
    max(1, Int(chartools_processor_count()))
  }

  /// Bytes of memory the machine has; nil where that is not known.
  public static var memorySize: Int? {
    let size = chartools_memory_size()
    return size > 0 ? Int(clamping: size) : nil
  }

  /// Random bits from the system.
  public static func randomSeed() -> UInt64 {
    var random = SystemRandomNumberGenerator()
    return random.next()
  }
}
