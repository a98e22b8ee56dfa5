// SPDX-License-Identifier: GPL-3.0-or-later

// GNU readline behind a few typed functions: its globals cannot be used from Swift 6, and how a line is ended, broken
// off and put aside takes several of its functions in the right order.
//
// Readline keeps one state for the whole process, so there is one line under way at most, on one thread.

#ifndef CHARTOOLS_CLINEEDITING_H
#define CHARTOOLS_CLINEEDITING_H

#include <stdbool.h>

/// How the reading of a line has ended.
enum {
  CLE_LINE,         ///< A line was accepted; the cursor stands behind it.
  CLE_END,          ///< The input has ended, or the end-of-file key was pressed on an empty line.
  CLE_INTERRUPTED,  ///< A signal has come that the caller wants to see; the cursor stands on a new line.
  CLE_FAILED,       ///< Waiting for input failed; `errno` says why.
};

/// What the completion key does: called with what the caller gave, the line, the place of the cursor in it in bytes,
/// and how often the key was pressed in a row. It may call cle_replace and cle_show.
typedef void (*cle_completer)(void *context, const char *line, int point, int presses);

/// Prepares readline for lines from standard input, shown on standard output or standard error.
///
/// @param name what the user's inputrc file calls the program; must stay valid
/// @param shown_on 1 or 2, a terminal
/// @param escapes whether that terminal understands escape sequences
void cle_prepare(const char *name, int shown_on, bool escapes);

/// Sets what the completion key does.
void cle_set_completer(cle_completer completer, void *context);

/// Reads a line with editing.
///
/// @param prompt may hold escape sequences between the bytes 1 and 2
/// @param is_interrupted asked after each signal: whether the caller wants to see it
/// @param line receives the line, to be freed by the caller, when CLE_LINE is returned
int cle_read_line(const char *prompt, bool (*is_interrupted)(void), char **line);

/// Puts `text` in the place of the bytes from `start` to `end` of the line under way, the cursor behind it.
void cle_replace(int start, int end, const char *text);

/// Shows whole lines below the line under way, and that again below them.
void cle_show(const char *text);

/// Adds a line to those that the arrow keys bring back; of more than `limit` the oldest is forgotten.
void cle_remember(const char *line, int limit);

#endif
