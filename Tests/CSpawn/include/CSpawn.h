// SPDX-License-Identifier: GPL-3.0-or-later
//
// Starting programs for tests, in C because Swift cannot fork and does not see what posix_spawn has beyond POSIX.

#ifndef CSPAWN_H
#define CSPAWN_H

#include <stddef.h>
#include <sys/types.h>

/// Opens a pipe whose ends no program inherits. Returns 0, or -1 with errno set.
int cspawn_pipe(int ends[2]);

/// Opens a terminal that shows what is written as it was written, and what is typed if it `echoes`.
///
/// Returns the end that people look at and type on, or -1 with errno set; `name` receives the path of the other one.
int cspawn_terminal(char *name, size_t size, int echoes);

/// Starts a program in a process group of its own; nothing is inherited but its streams.
///
/// `streams` has the descriptors that become 0, 1 and 2; one that is -1 is opened at `terminal`, which then is the
/// program's own, so that keys pressed there send signals. Returns the process, which ends with status 127 if the
/// program cannot be run, or -1 with errno set.
pid_t cspawn(
    const char *program, char *const arguments[], char *const environment[], const char *folder, const int streams[3],
    const char *terminal);

#endif
