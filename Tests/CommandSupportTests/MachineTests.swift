// SPDX-License-Identifier: GPL-3.0-or-later

import CommandSupport
import Testing

@Test func asManyThreadsAreTakenAsAskedForAndOneAProcessorElse() {
  #expect(Machine.threadCount(asked: 1) == 1)
  #expect(Machine.threadCount(asked: 5) == 5)
  #expect(Machine.threadCount() == Machine.processorCount)
}
