// SPDX-License-Identifier: GPL-3.0-or-later

#if defined(__linux__)
#define _GNU_SOURCE

#include "CLineEditing.h"

// Readline's headers need it and do not say so.
#include <stdio.h>

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

static bool understands_escapes;
static bool pastes_in_brackets;
static cle_completer completer;
static void *completer_context;
static int completer_presses;

static volatile sig_atomic_t was_resized;
static volatile sig_atomic_t shall_stop;

static char *accepted;
static int outcome;
static bool has_ended;

static void note_resize(int signal) {
  (void)signal;
  was_resized = 1;
}

static void note_stop(int signal) {
  (void)signal;
  shall_stop = 1;
}

// Letters are UTF-8 whatever the locale of the data. Readline asks the environment again before each line, so that is
// where the locale has to be.
static void choose_locale(void) {
  static const char *const others[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
  if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    if (!setlocale(LC_CTYPE, others[i])) continue;
    setenv("LC_ALL", others[i], 1);
    return;
  }
}

// Ends the line as readline's own function does, but leaves the cursor behind it: what follows is a matter of the
// caller, who may go on right there.
static int accept_line(int count, int key) {
  (void)count, (void)key;
  if (rl_mark_active_p()) rl_deactivate_mark();
  rl_done = 1;
  RL_SETSTATE(RL_STATE_DONE);
  rl_point = rl_end;
  rl_redisplay();
  return 0;
}

static int insert_newline(int count, int key) {
  (void)count, (void)key;
  return rl_insert_text("\n") == 1 ? 0 : 1;
}

static int complete(int count, int key) {
  (void)count, (void)key;
  completer_presses = rl_last_func == complete ? completer_presses + 1 : 1;
  if (completer) completer(completer_context, rl_line_buffer, rl_point, completer_presses);
  return 0;
}

static void take_line(char *line) {
  has_ended = true;
  accepted = line;
  outcome = line ? CLE_LINE : CLE_END;
  // Now, or readline shows the prompt again.
  rl_callback_handler_remove();
}

void cle_prepare(const char *name, int shown_on, bool escapes) {
  rl_readline_name = name;
  rl_instream = stdin;
  rl_outstream = shown_on == 1 ? stdout : stderr;
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_change_environment = 0;
  understands_escapes = escapes;
  choose_locale();
  using_history();
  rl_initialize();

  // Pasting is switched on and off here: where readline does it, the cursor goes back to the line's beginning.
  const char *wish = rl_variable_value("enable-bracketed-paste");
  pastes_in_brackets = escapes && (!wish || strcmp(wish, "off") != 0);
  rl_variable_bind("enable-bracketed-paste", "off");
  Keymap keymaps[] = {emacs_standard_keymap, vi_insertion_keymap, vi_movement_keymap};
  for (size_t i = 0; i < sizeof keymaps / sizeof keymaps[0]; i++) {
    rl_bind_key_in_map('\r', accept_line, keymaps[i]);
    rl_bind_key_in_map('\n', accept_line, keymaps[i]);
    rl_bind_keyseq_in_map("\\e[200~", rl_bracketed_paste_begin, keymaps[i]);
    if (keymaps[i] != vi_movement_keymap) rl_bind_key_in_map('\t', complete, keymaps[i]);
  }
  rl_bind_keyseq_in_map("\\e\\C-m", insert_newline, emacs_standard_keymap);
}

void cle_set_completer(cle_completer function, void *context) {
  completer = function;
  completer_context = context;
}

static void set_pasting(bool is_on) {
  if (!pastes_in_brackets) return;
  fputs(is_on ? "\033[?2004h" : "\033[?2004l", rl_outstream);
  fflush(rl_outstream);
}

static void install(int signal, void (*handler)(int), struct sigaction *before) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(signal, NULL, before);
  if (before->sa_handler != SIG_IGN) sigaction(signal, &action, NULL);
}

// Stops as the terminal asked, with the terminal as it was found, and goes on with the line when continued.
static void stop(const sigset_t *open) {
  struct sigaction action, before;
  sigset_t blocked;
  set_pasting(false);
  rl_deprep_terminal();
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTSTP, &action, &before);
  raise(SIGTSTP);
  sigprocmask(SIG_SETMASK, open, &blocked);  // here it stops
  sigprocmask(SIG_SETMASK, &blocked, NULL);
  sigaction(SIGTSTP, &before, NULL);
  shall_stop = 0;
  rl_prep_terminal(1);
  set_pasting(true);
  rl_on_new_line();
  rl_redisplay();
}

static void break_off(void) {
  rl_point = rl_end;
  rl_redisplay();
  rl_echo_signal_char(SIGINT);
  rl_free_line_state();
  rl_callback_sigcleanup();
  rl_cleanup_after_signal();
  rl_callback_handler_remove();
  fputs("\n", rl_outstream);
  fflush(rl_outstream);
  outcome = CLE_INTERRUPTED;
}

int cle_read_line(const char *prompt, bool (*is_interrupted)(void), char **line) {
  static const int noted[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
  struct sigaction before_resize, before_stop;
  sigset_t blocked, open;
  int failure = 0;
  // They come only while nothing else happens, so that none is missed between a look at its flag and the waiting.
  sigemptyset(&blocked);
  for (size_t i = 0; i < sizeof noted / sizeof noted[0]; i++) sigaddset(&blocked, noted[i]);
  sigprocmask(SIG_BLOCK, &blocked, &open);
  install(SIGWINCH, note_resize, &before_resize);
  install(SIGTSTP, note_stop, &before_stop);

  has_ended = false;
  accepted = NULL;
  set_pasting(true);
  rl_callback_handler_install(prompt, take_line);
  // The window may have changed since the last line.
  rl_resize_terminal();
  while (!has_ended) {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(STDIN_FILENO, &readable);
    int count = pselect(STDIN_FILENO + 1, &readable, NULL, NULL, NULL, &open);
    if (count > 0) {
      rl_callback_read_char();
    } else if (count < 0 && errno != EINTR) {
      failure = errno;
      break_off();
      outcome = CLE_FAILED;
      break;
    }
    if (was_resized) {
      was_resized = 0;
      rl_resize_terminal();
    }
    if (shall_stop) stop(&open);
    if (!has_ended && is_interrupted()) {
      break_off();
      break;
    }
  }
  set_pasting(false);
  fflush(rl_outstream);

  sigaction(SIGWINCH, &before_resize, NULL);
  sigaction(SIGTSTP, &before_stop, NULL);
  sigprocmask(SIG_SETMASK, &open, NULL);
  *line = accepted;
  errno = failure;
  return outcome;
}

void cle_replace(int start, int end, const char *text) {
  rl_begin_undo_group();
  rl_delete_text(start, end);
  rl_point = start;
  rl_insert_text(text);
  rl_end_undo_group();
}

void cle_show(const char *text) {
  int point = rl_point;
  rl_point = rl_end;
  rl_redisplay();
  fputs("\n", rl_outstream);
  fputs(text, rl_outstream);
  rl_point = point;
  rl_on_new_line();
  rl_redisplay();
}

void cle_remember(const char *line, int limit) {
  stifle_history(limit);
  add_history(line);
}

#else
// Elsewhere lines are read without editing; see PlainLineReader.
typedef int translation_units_hold_something;
#endif
