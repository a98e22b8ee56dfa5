// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// Waits without a rest for some microseconds, then lets others have the processor between two looks.
struct Patience {
  private var looks = 0

  mutating func wait() {
    looks += 1
    if looks < 2000 { ck_relax() } else { ck_yield() }
  }
}
