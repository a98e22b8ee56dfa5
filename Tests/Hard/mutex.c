// SPDX-License-Identifier: GPL-3.0-or-later
// Linked by sanitizers.sh into what is built for the thread sanitizer. A thread that has to wait for Swift's `Mutex`, or
// lets go of one that others wait for, does so in the standard library, which is not built for the sanitizer: these stand
// in front of the two functions there and tell it, as its own do for pthread_mutex_lock. mutex.swift is the control.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

void __tsan_acquire(void *address);
void __tsan_release(void *address);

static void *original(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

SWIFT void lock_slowly(uint32_t state, SELF) __asm__(LOCK);
SWIFT void lock_slowly(uint32_t state, SELF) {
  ((SWIFT void (*)(uint32_t, SELF))original(LOCK))(state, self);
  __tsan_acquire(self);
}

SWIFT void unlock_slowly(SELF) __asm__(UNLOCK);
SWIFT void unlock_slowly(SELF) {
  __tsan_release(self);
  ((SWIFT void (*)(SELF))original(UNLOCK))(self);
}
