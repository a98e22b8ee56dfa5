// SPDX-License-Identifier: GPL-3.0-or-later

#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/auxv.h>
#endif
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "CSystem.h"

static int argument_count;
static char **argument_values;

#if defined(__GLIBC__) || defined(__APPLE__)
// These C libraries hand what main gets to constructors too; others do not.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
  argument_count = count;
  argument_values = values;
}
#endif

#if defined(__linux__)
// Swift's runtime wants to know where it lies, to find what prints backtraces, before anything else runs. In a program
// that holds its C library only /proc can tell, and where that is not mounted the runtime would end the program.
__attribute__((constructor(101))) static void tell_the_runtime_where_it_lies(void) {
  if (access("/proc/self/exe", F_OK) != 0) setenv("SWIFT_ROOT", "/", 0);
}
#endif

int chartools_argument_count(void) { return argument_count; }

const char *chartools_argument(int index) {
  return index >= 0 && index < argument_count ? argument_values[index] : NULL;
}

const char *chartools_started_path(void) {
#if defined(__linux__)
  return (const char *)getauxval(AT_EXECFN);
#else
  return NULL;
#endif
}
