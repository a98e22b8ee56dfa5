// SPDX-License-Identifier: GPL-3.0-or-later
// Interposed by kills.py (LD_PRELOAD): SIGTERM just before one call of those that may wait, when a program has looked at
// its flag for the last time, or of some that come before. LATE="read 2" means the second call of read; the file `told` is
// then there.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int calls;

static void tell_before(const char *name) {
  char wanted[16];
  int number;
  const char *late = getenv("LATE");
  if (!late || sscanf(late, "%15s %d", wanted, &number) != 2 || strcmp(wanted, name) != 0 || ++calls != number) return;
  syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, "told", O_CREAT | O_WRONLY, 0600));
  kill(getpid(), SIGTERM);
}

#define PASS(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t read(int fd, void *buffer, size_t count) {
  tell_before("read");
  return PASS(ssize_t, read, int, void *, size_t)(fd, buffer, count);
}

ssize_t write(int fd, const void *buffer, size_t count) {
  tell_before("write");
  return PASS(ssize_t, write, int, const void *, size_t)(fd, buffer, count);
}

#define OPEN(name)                                                      \
  int name(const char *path, int flags, ...) {                          \
    va_list rest;                                                       \
    va_start(rest, flags);                                              \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;           \
    va_end(rest);                                                       \
    tell_before("open");                                                \
    return PASS(int, name, const char *, int, ...)(path, flags, mode);  \
  }
OPEN(open)
OPEN(open64)

ssize_t readlink(const char *path, char *buffer, size_t size) {
  tell_before("readlink");
  return PASS(ssize_t, readlink, const char *, char *, size_t)(path, buffer, size);
}

int stat(const char *path, struct stat *facts) {
  tell_before("stat");
  return PASS(int, stat, const char *, struct stat *)(path, facts);
}

int fstat(int fd, struct stat *facts) {
  tell_before("fstat");
  return PASS(int, fstat, int, struct stat *)(fd, facts);
}

int isatty(int fd) {
  tell_before("isatty");
  return PASS(int, isatty, int)(fd);
}

int sigaction(int signal, const struct sigaction *action, struct sigaction *before) {
  tell_before("sigaction");
  return PASS(int, sigaction, int, const struct sigaction *, struct sigaction *)(signal, action, before);
}
