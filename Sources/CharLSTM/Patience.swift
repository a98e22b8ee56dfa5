// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// Waits without a rest for some microseconds, then lets others have the processor between two looks.
struct Patience {
  private var looks = 0

  /// Whether it has been some microseconds.
  var isOver: Bool { looks == 2000 }

  mutating func wait() {
    if isOver { return ck_yield() }
    looks += 1
    ck_relax()
  }
}
