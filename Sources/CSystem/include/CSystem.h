// SPDX-License-Identifier: GPL-3.0-or-later

// Signal flags and the few system calls that Swift cannot make: signal handlers must not touch Swift's lazily
// initialised globals, and variadic functions are not imported.

#ifndef CHARTOOLS_CSYSTEM_H
#define CHARTOOLS_CSYSTEM_H

#include <stddef.h>

/// Makes SIGINT, SIGTERM and SIGHUP set a flag, once: a second one, a tenth of a second or more after
/// the first, ends the program at once.
/// One that the parent had ignored stays ignored. Blocking calls end with EINTR, those that begin after the signal
/// within a second: SIGALRM is for that.
void chartools_catch_interrupts(void);

/// SIGINT, SIGTERM or SIGHUP if one has come since chartools_catch_interrupts, else 0.
int chartools_pending_interrupt(void);

/// 1 if SIGINT has come, and forgets it, so that the next one is a first one again; else 0.
int chartools_take_interrupt(void);

/// Makes SIGUSR1 (and SIGINFO where there is one) set a flag.
void chartools_catch_progress_requests(void);

/// 1 if progress was asked for since the last call, else 0.
int chartools_take_progress_request(void);

/// Makes writes to a closed pipe fail with EPIPE and not end the program.
void chartools_ignore_closed_pipes(void);

/// Ends the program by the signal's default action, so that the parent sees what happened.
__attribute__((noreturn)) void chartools_end_by_signal(int signal);

/// The number of columns of the terminal behind a descriptor, or 0 if that is not known.
int chartools_terminal_width(int descriptor);

/// Occupies those of the descriptors 0, 1 and 2 that the parent left closed, in a way that their use fails: a
/// file opened later must not become standard output by accident.
void chartools_reserve_standard_descriptors(void);

/// Makes a write that would make a file larger than the process may (RLIMIT_FSIZE) fail with EFBIG, and not end the
/// program.
void chartools_survive_size_limits(void);

/// A file that is mapped into memory.
struct chartools_mapping;

/// Maps a file, read-only, and catches SIGBUS from then on: what cannot be read of it, as others have cut it short or
/// the disk fails, reads as zeros. NULL and errno where that fails; else `start` is where it begins.
struct chartools_mapping *chartools_map(int descriptor, size_t size, const void **start);

/// Whether zeros were read in place of the file's bytes.
int chartools_mapping_is_broken(const struct chartools_mapping *mapping);

/// Ends a mapping. Nobody may read it any more.
void chartools_unmap(struct chartools_mapping *mapping);

/// How many words started this process, its own name among them; 0 where the C library does not tell.
int chartools_argument_count(void);

/// One of those words, valid as long as the process; NULL beyond the last.
const char *chartools_argument(int index);

/// The path by which the kernel was asked to start this program, relative to a folder of that time or absolute; NULL
/// where the system does not tell.
const char *chartools_started_path(void);

/// The processors this process may run on, at least 1.
int chartools_processor_count(void);

/// How many threads beside this one, `wanted` at most, can run at once under the limits of this process, found by
/// starting them; 0 too where descriptors are so few that work cannot be shared out, or /proc is
/// not mounted.
int chartools_startable_threads(int wanted);

/// Bytes of memory the machine has, or 0 if that is not known.
unsigned long long chartools_memory_size(void);

#endif
