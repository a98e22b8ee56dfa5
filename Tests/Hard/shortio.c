// SPDX-License-Identifier: GPL-3.0-or-later
// Interposed by writes.py (LD_PRELOAD): reads and writes that do less than asked, or are interrupted, or would block.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

static unsigned long state = 88172645463325252UL;

static unsigned next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)(state >> 33);
}

// How many of `count` bytes this call may move; 0 for an interruption. Never that twice in a row, for ever.
static size_t allowed(size_t count) {
  unsigned chance = next() % 4;
  if (chance == 0) return 0;
  if (chance == 1 || count < 2) return count ? 1 : 0;
  if (chance == 2) return 1 + next() % count;
  return count;
}

#define PASS(type, name, ...) \
  static type (*original)(__VA_ARGS__); \
  if (!original) original = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

ssize_t read(int fd, void *buffer, size_t count) {
  PASS(ssize_t, read, int, void *, size_t);
  size_t part = allowed(count);
  if (part == 0 && count > 0) return errno = EINTR, -1;
  return original(fd, buffer, part);
}

ssize_t write(int fd, const void *buffer, size_t count) {
  PASS(ssize_t, write, int, const void *, size_t);
  size_t part = allowed(count);
  if (part == 0 && count > 0) return errno = EINTR, -1;
  return original(fd, buffer, part);
}

ssize_t pread(int fd, void *buffer, size_t count, off_t offset) {
  PASS(ssize_t, pread, int, void *, size_t, off_t);
  size_t part = allowed(count);
  if (part == 0 && count > 0) return errno = EINTR, -1;
  return original(fd, buffer, part, offset);
}

ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset) {
  PASS(ssize_t, pwrite, int, const void *, size_t, off_t);
  size_t part = allowed(count);
  if (part == 0 && count > 0) return errno = EINTR, -1;
  return original(fd, buffer, part, offset);
}

int fsync(int fd) {
  PASS(int, fsync, int);
  if (next() % 2) return errno = EINTR, -1;
  return original(fd);
}
