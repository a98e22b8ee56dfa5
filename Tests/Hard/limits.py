# SPDX-License-Identifier: GPL-3.0-or-later
"""Poor surroundings: little memory, few or many threads, no environment, no home, odd locales.

Held: the same bytes as usual, or one line of message and a documented status; never a signal. Row 11.
"""
import os, resource, subprocess, sys
from common import *


def commands():
    return [
        ["chartok", "text"], ["chartok", "encode", "-c", "charset", "text"],
        ["chartrain", "-q", "--no-baselines", "--display-length", "0", "--layers", "8", "--epochs", "2", "text"],
        ["chartrain", "-q", "--layers", "8", "--epochs", "1", "--precision", "fp32", "text"],
        ["charsample", "-m", "model", "--seed", "1", "-n", "50", "--count", "5"],
        ["charsample", "-m", "model", "--seed", "1", "--prompt", "the", "--json", "--scores"],
        ["charscore", "-m", "model", "text"], ["charscore", "-m", "model", "--json", "text"],
        ["charmodel", "info", "model"], ["charmodel", "half", "-o", "-", "model"],
        ["charmodel", "export", "--to", "onnx", "-o", "-", "model"], ["charmodel", "verify", "model"],
    ]


def limits():
    trial = Trial("row 11, surroundings")
    seeds = b"the\ncat\n\nsat on\n" * 5
    os.mkdir("home")
    os.chmod("home", 0o555)
    refusals = 0
    for argv in commands():
        usual = must(Run(argv, stdin=seeds, env=dict(os.environ)))

        def same(what, **more):
            run = Run(argv, stdin=seeds, **more)
            trial.hold((run.status, run.output, run.messages) == (0, usual.output, usual.messages), f"{what}: {run}")
        same("env -i")
        same("HOME read-only", env={"HOME": os.path.abspath("home"), "TMPDIR": "/nonexistent"})
        same("HOME missing", env={"HOME": "/nonexistent", "XDG_DATA_HOME": "", "PATH": ""})
        for locale in ("C", "tr_TR.UTF-8", "tr_TR", "de_DE.UTF-8", "ar_EG.UTF-8", "xx\x1b", "C.UTF-8"):
            same(f"locale {locale}", env={"LC_ALL": locale, "LANG": locale})
        same("one core", limit=lambda: os.sched_setaffinity(0, {0}))
        for name in ("", "nonsense"):
            same(f"NO_COLOR, TERM={name}", env={"NO_COLOR": "1", "TERM": name, "COLUMNS": "-5", "LINES": "x"})
        if argv[0] in ("charsample", "charscore", "chartrain"):
            for threads in ("1", "2", "64"):
                run = Run([argv[0], "--threads", threads, *argv[1:]], stdin=seeds)
                trial.hold((run.status, run.output) == (0, usual.output), f"threads: {run}")
            def few():
                if os.getuid() == 0:
                    os.setgroups([])
                    os.setgid(65533)
                    os.setuid(65533)
                resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
            os.chmod(".", 0o755)
            run = Run([argv[0], "--threads", "8", *argv[1:]], stdin=seeds, limit=few, timeout=30)
            trial.hold(run.status == 0 and run.output == usual.output or
                       run.status in (70, 71, 74) and run.messages.count(b"\n") == 1, f"no more threads: {run}")
        for kilobytes in (600_000, 200_000, 100_000, 60_000, 40_000, 30_000, 20_000):
            run = Run(argv, stdin=seeds, timeout=30, limit=lambda: resource.setrlimit(
                resource.RLIMIT_AS, (kilobytes << 10, kilobytes << 10)))
            refusals += run.status != 0
            fine = run.status == 0 and run.output == usual.output or (
                run.status in (71, 74, 65, 70) and run.messages.startswith(argv[0].encode()))
            # Where the loader or Swift's own libraries find no memory, no program of ours has begun.
            loader = run.status == 127 or b"error while loading shared libraries" in run.messages
            trial.hold(fine or loader, f"ulimit -v {kilobytes}: {run}")
        # Few open files, and none of the standard ones.
        run = Run(argv, stdin=seeds, limit=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4)))
        trial.hold(run.status == 0 and run.output == usual.output or run.status in (66, 73, 74),
                   f"4 open files: {run}")
        child = subprocess.run(["sh", "-c", '"$@" <&-', "sh", os.path.join(BIN, argv[0]), *argv[1:]],
                               capture_output=True, env={})
        trial.hold(child.returncode in (0, 66, 74), f"stdin closed: {child}")
    return trial.end(f"{refusals} runs refused for want of memory")


if __name__ == "__main__":
    with Place():
        train("model", "--layers", "8", "--epochs", "1")
        must(Run(["chartok", "-o", "charset", "text"]))
        fine = limits()
    sys.exit(0 if fine else 1)
