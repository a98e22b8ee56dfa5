// SPDX-License-Identifier: GPL-3.0-or-later
// The control of mutex.c: threads that wait for a `Mutex` all the time. What they change with it in hand must not be
// reported; with an argument they change a part of it after they have let it go, and that must be.
import Dispatch
import Synchronization

final class Shared: Sendable {
  let numbers = Mutex<[Int]>([])
  nonisolated(unsafe) var count = 0
}

let shared = Shared()
let isCareless = CommandLine.arguments.count > 1
DispatchQueue.concurrentPerform(iterations: 4) { _ in
  for index in 0..<20_000 {
    shared.numbers.withLock { numbers in
      numbers.append(index)
      if numbers.count > 100 { numbers = [] }
      if !isCareless { shared.count += 1 }
    }
    if isCareless { shared.count += 1 }
  }
}
