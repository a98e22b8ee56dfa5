#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""recording.py BIN TEXT PICTURE: the picture of a terminal at the top of the README.

Types a few commands into a shell on a pseudo-terminal, runs the programs of the folder BIN on the file TEXT, and draws
what is on the screen in the end as an SVG file. Lines between the first and the last of a training's checks become one
of three dots; nothing else is changed. Needs pyte, which is the terminal.
"""

import fcntl
import html
import os
import pty
import re
import select
import shutil
import struct
import sys
import tempfile
import termios
import time

import pyte

COLUMNS, ROWS = 112, 70
SHELL, PROMPT = "$ ", "> "

# What is typed, and what the line of the cursor begins or ends with when the answer is complete.
KEYS = [
    ("chartrain --for 60s --display-length 0 -o mine.safetensors shakespeare.txt\r", SHELL),
    ("charsample -m mine.safetensors --prompt 'JULIET.\\n' --escape --seed 4 --lines 5\r", SHELL),
    ("charsample --seed 1 --lines 5\r", PROMPT),
    ("What light thro", None),
    ("\t", None),
    ("\t", None),
    ("\r", PROMPT),
    (":score To be, or not to bee, that is teh question.\r", PROMPT),
    (":quit\r", SHELL),
    ("echo 'But soft, waht light through yonder window breaks?' | charscore --lint\r", SHELL),
]

# The first sixteen colours of a terminal, and what it has of others.
NAMED = {
    "default": "#d8dee9", "black": "#2e3440", "red": "#ff7b72", "green": "#7ee787", "brown": "#f2cc60",
    "blue": "#79c0ff", "magenta": "#d2a8ff", "cyan": "#76e3ea", "white": "#f0f6fc",
}
PAPER = "#161b22"
DIM = "#8b949e"
CELL, LINE, SIZE, MARGIN = 8.4, 18, 14, 16


class Terminal:
    """A shell on a pseudo-terminal, with all that it has shown."""

    def __init__(self, folder, programs):
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        process, self.descriptor = pty.fork()
        if process == 0:
            os.chdir(folder)
            environment = {
                "PATH": f"{programs}:/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": folder,
                "PS1": f"\x1b[32m{SHELL}\x1b[0m",
            }
            os.execve("/bin/sh", ["sh"], environment)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, seconds):
        """Shows what comes until nothing has come for so long."""
        while select.select([self.descriptor], [], [], seconds)[0]:
            # pyte has no faint letters: blinking ones, which nobody sends, stand for them.
            block = os.read(self.descriptor, 65536).replace(b"\x1b[2m", b"\x1b[5m")
            self.stream.feed(block)

    def line(self):
        return self.screen.display[self.screen.cursor.y][: self.screen.cursor.x]

    def type(self, keys, answer):
        os.write(self.descriptor, keys.encode())
        self.read(1)
        deadline = time.monotonic() + 300
        while answer and not (self.line() == SHELL if answer == SHELL else self.line().endswith(answer)):
            if time.monotonic() > deadline:
                sys.exit(f"recording.py: no answer to {keys!r}; the screen has\n" + "\n".join(self.screen.display))
            self.read(1)

    def rows(self):
        """The rows up to the last one that has anything on it."""
        rows = [[self.screen.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]
        while rows and not text(rows[-1]).strip(" $"):
            rows.pop()
        return rows


def text(row):
    return "".join(cell.data for cell in row).rstrip()


def shortened(rows):
    """The rows without the checks of a training between the first and the last one."""
    checks = [y for y, row in enumerate(rows) if re.match(r"(epoch|update|step) ", text(row))]
    if len(checks) < 4:
        return rows
    between = range(checks[0] + 1, checks[-1])
    dots = [pyte.screens.Char(mark) for mark in "…".ljust(COLUMNS)]
    return [dots if y == between[0] else row for y, row in enumerate(rows) if y not in between or y == between[0]]


def colour(name):
    return NAMED.get(name) or (f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else NAMED["default"])


def style(cell):
    """Ink, paper and weight of a cell."""
    ink = DIM if cell.blink and cell.fg == "default" else colour(cell.fg)
    paper = None if cell.bg == "default" else colour(cell.bg)
    if cell.reverse:
        ink, paper = paper or PAPER, ink
    return ink, paper, cell.bold


def runs(row):
    """Stretches of cells of one style: the first column, the letters, the style."""
    start = 0
    for x in range(1, COLUMNS + 1):
        if x == COLUMNS or style(row[x]) != style(row[start]):
            yield start, "".join(cell.data for cell in row[start:x]), style(row[start])
            start = x


def drawn(rows):
    """An SVG picture of the rows, on a paper of its own so that it stands on a light page and a dark one."""
    width, height = COLUMNS * CELL + 2 * MARGIN, len(rows) * LINE + 2 * MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}">'
    )
    yield "<!-- SPDX-License-Identifier: GPL-3.0-or-later; made by Scripts/recording.py -->"
    yield "<title>A model trained in a minute, text of it, and the prompt</title>"
    yield f'<rect width="100%" height="100%" rx="8" fill="{PAPER}" stroke="#57606a"/>'
    for y, row in enumerate(rows):
        top = MARGIN + y * LINE
        for x, letters, (ink, paper, bold) in runs(row):
            left = MARGIN + x * CELL
            if paper:
                yield f'<rect x="{left:g}" y="{top:g}" width="{len(letters) * CELL:g}" height="{LINE}" fill="{paper}"/>'
            shown = letters.rstrip()
            if not shown.strip():
                continue
            # The length keeps columns where they are, whatever font there is.
            weight = ' font-weight="bold"' if bold else ""
            yield (
                f'<text x="{left:g}" y="{top + 13:g}" fill="{ink}"{weight} textLength="{len(shown) * CELL:g}" '
                f'xml:space="preserve">{html.escape(shown, quote=False)}</text>'
            )
    yield "</svg>"


def main(programs, corpus, picture):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(corpus, os.path.join(folder, "shakespeare.txt"))
        terminal = Terminal(folder, os.path.abspath(programs))
        terminal.type("", SHELL)
        for keys, answer in KEYS:
            terminal.type(keys, answer)
        rows = terminal.rows()
    with open(picture, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in drawn(shortened(rows)))


if __name__ == "__main__":
    main(*sys.argv[1:])
