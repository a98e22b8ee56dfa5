// SPDX-License-Identifier: GPL-3.0-or-later

#include <stddef.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

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
