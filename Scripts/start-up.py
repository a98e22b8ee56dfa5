#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""start-up.py PROGRAMS MODEL: how long the programs in the folder PROGRAMS take from being started to having ended.

Prints `name value unit`, TAB-separated: milliseconds, medians of 200. The commands take turns, so that each meets the
machine's good and bad moments, and /bin/true, which does nothing, says what a process costs here at least.
"""
import os
import statistics
import sys
import time

ROUNDS = 200


def run(argv):
    """One run of a command that reads and writes nothing: milliseconds, and how often it touched a page for the
    first time."""
    nowhere = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    ]
    begin = time.perf_counter_ns()
    child = os.posix_spawn(argv[0], argv, {}, file_actions=nowhere)
    _, status, usage = os.wait4(child, 0)
    end = time.perf_counter_ns()
    if status != 0:
        sys.exit(f"start-up: {' '.join(argv)}: status {os.waitstatus_to_exitcode(status)}")
    return (end - begin) / 1e6, usage.ru_minflt


def main(programs, model):
    sample = [os.path.join(programs, "charsample"), "--prompt", "", "-m", model]
    commands = {
        "true": ["/bin/true"],
        "charsample": [*sample, "-n", "0"],
        "charsample-first-character": [*sample, "-n", "1"],
    }
    for program in ("chartok", "chartrain", "charsample", "charscore", "charmodel"):
        commands[program + "-version"] = [os.path.join(programs, program), "--version"]
    runs = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, argv in commands.items():
            runs[name].append(run(argv))
    for name, pairs in runs.items():
        milliseconds, faults = (statistics.median(column) for column in zip(*pairs))
        print(f"{name}-start-up\t{milliseconds:.2f}\tms")
        print(f"{name}-page-faults\t{faults:.0f}\tpages")


main(*sys.argv[1:])
