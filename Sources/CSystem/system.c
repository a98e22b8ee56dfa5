// SPDX-License-Identifier: GPL-3.0-or-later

#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

// Atomic, and not only volatile: a signal comes to any thread, and others look.
static atomic_int pending_interrupt = 0;
static atomic_int progress_requested = 0;

static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP};
enum { interrupt_count = sizeof interrupts / sizeof interrupts[0] };

static void restore_default(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
}

// timeout(1) and others signal a program and then its group: one wish, told twice within a moment.
enum { MOMENT_IN_MILLISECONDS = 100 };

static long long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void install(int signal, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  // No SA_RESTART: a program that waits for input shall wake up and look at its flags.
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < interrupt_count; i++) sigaddset(&action.sa_mask, interrupts[i]);
  sigaction(signal, &action, NULL);
}

// A signal that comes between the last look at the flag and a call that waits does not end that wait. So while one is
// noted, another, of which nobody takes notice, follows it every second. Until the first one SIGALRM ends the program, as
// the parent may have wanted by an alarm of its own.
static void note_alarm(int signal) {
  (void)signal;
  int saved = errno;
  if (pending_interrupt != 0) alarm(1);
  errno = saved;
}

static void note_interrupt(int signal) {
  static atomic_llong first_time;  // signals that are caught block each other, but on one thread only
  int saved = errno;
  if (pending_interrupt == 0) {
    first_time = milliseconds();
    pending_interrupt = signal;
    install(SIGALRM, note_alarm);
    alarm(1);
  } else if (milliseconds() - first_time > MOMENT_IN_MILLISECONDS) {
    // Somebody has lost patience.
    restore_default(signal);
    raise(signal);
  }
  errno = saved;
}

static void note_progress_request(int signal) {
  (void)signal;
  progress_requested = 1;
}

void chartools_catch_interrupts(void) {
  for (int i = 0; i < interrupt_count; i++) {
    struct sigaction before;
    // A job that was started with `nohup` or in the background is meant not to notice.
    if (sigaction(interrupts[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    install(interrupts[i], note_interrupt);
  }
}

int chartools_pending_interrupt(void) { return pending_interrupt; }

int chartools_take_interrupt(void) {
  int interrupt = SIGINT;
  // The alarm that is on its way finds nothing noted and is the last.
  return atomic_compare_exchange_strong(&pending_interrupt, &interrupt, 0);
}

void chartools_catch_progress_requests(void) {
  install(SIGUSR1, note_progress_request);
#ifdef SIGINFO
  install(SIGINFO, note_progress_request);
#endif
}

int chartools_take_progress_request(void) {
  return atomic_exchange(&progress_requested, 0);
}

void chartools_ignore_closed_pipes(void) { install(SIGPIPE, SIG_IGN); }

void chartools_end_by_signal(int signal) {
  sigset_t set;
  restore_default(signal);
  sigemptyset(&set);
  sigaddset(&set, signal);
  raise(signal);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  // Not reached unless the signal's default action is to go on.
  _exit(128 + signal);
}

int chartools_terminal_width(int descriptor) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

void chartools_reserve_standard_descriptors(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // Lower ones are taken, so this gets the number that is free; opened the wrong way round on purpose.
    if (open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

static void carry_on(int signal) { (void)signal; }

void chartools_survive_size_limits(void) {
  // A handler and not SIG_IGN, which the programs we start would inherit.
  struct sigaction action = {.sa_handler = carry_on, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGXFSZ, &action, NULL);
}
