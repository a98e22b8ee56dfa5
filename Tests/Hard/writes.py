# SPDX-License-Identifier: GPL-3.0-or-later
"""Places that cannot be written, and pipes that behave badly.

Row 7: /dev/full, a file system of 1 MB, RLIMIT_FSIZE, folders that are read-only or targets; a symlink and a FIFO.
Held: 73 or 74, the old file intact, nothing left behind. Row 10: closed pipes, slow readers, a reader that stops
(STOP=60 seconds), and reads and writes that are cut short or interrupted by an interposed library. COUNT=20 SEED=1.
"""
import ctypes, os, resource, signal, stat, subprocess, sys, threading, time
from common import *

STOP = float(os.environ.get("STOP") or 60)
FAST = ["-q", "--no-baselines", "--display-length", "0", "--epochs", "1"]


def writers(out, big=False):
    """Commands that write `out` whole."""
    layers = "256" if big else "8"
    model = "big" if big else "model"
    return [
        ["chartrain", *FAST[:-1], "0", "--layers", layers, "--force", "-o", out, "text"],
        ["chartrain", *FAST[:-1], "0", "--init-from", model, "--force", "-o", out, "text"],
        ["charmodel", "average", "--force", "-o", out, model, model],
        ["charmodel", "half", "--force", "-o", out, model],
        ["charmodel", "export", "--to", "keras", "--force", "-o", out, model],
        ["charmodel", "export", "--to", "onnx", "--force", "-o", out, model],
        ["charmodel", "import", "--from", "tfjs", "--force", "-o", out, "tfjs-big" if big else "tfjs"],
    ] + ([] if big else [
        ["chartok", "build", "--force", "-o", out, "text"],
        ["chartok", "encode", "-c", "charset", "--force", "-o", out, "text"],
        ["chartok", "decode", "-c", "charset", "--force", "-o", out, "ids"],
    ])


def printers():
    """Commands whose data goes to standard output."""
    return [
        ["chartok", "text"], ["chartok", "encode", "-c", "charset", "text"], ["chartok", "stats", "text"],
        ["chartok", "decode", "-c", "charset", "ids"],
        ["chartrain", *FAST, "--layers", "8", "text"],
        ["charsample", "-m", "model", "--prompt", "a", "-n", "100"],
        ["charsample", "-m", "model", "--prompt", "a", "-n", "100", "--json", "--scores"],
        ["charsample", "-m", "model", "--prompt", "a", "--tsv"],
        ["charsample", "-m", "model", "--list-models"],
        ["charscore", "-m", "model", "text"], ["charscore", "-m", "model", "--summary", "text"],
        ["charscore", "-m", "model", "-m", "model2", "text"], ["charscore", "-m", "model", "--json", "text"],
        ["charscore", "-m", "model", "--color", "always", "text"],
        ["charmodel", "info", "model"], ["charmodel", "info", "--json", "model"],
        ["charmodel", "info", "--charset", "model"], ["charmodel", "verify", "model"],
        ["charmodel", "export", "--to", "onnx", "-o", "-", "model"], ["charmodel", "half", "-o", "-", "model"],
        ["charsample", "--help"], ["charmodel", "--version"],
    ]


def targets():
    trial = Trial("row 7, places to write to")
    with open("/dev/full", "wb") as full:
        for argv in printers():
            if argv[1:] == ["-m", "model", "--list-models"]:
                continue
            run = Run(argv, stdout=full)
            trial.refused(run, (74,), "/dev/full:")
    old = b"What was there before.\n"

    def fails(argv, folder, what, statuses=(73, 74), **more):
        target = os.path.join(folder, "out")
        before = sorted(os.listdir(folder))
        run = Run(argv, **more)
        trial.refused(run, statuses, what)
        trial.hold(sorted(os.listdir(folder)) == before, f"{what} {run}: left {os.listdir(folder)}")
        if os.path.isfile(target):
            trial.hold(read(target) == old, f"{what} {run}: the old file is changed")

    # Files no larger than 100 kB; the signal that comes with the limit is ignored, then it is not.
    os.mkdir("limited")
    write("limited/out", old)
    for how in (signal.SIG_IGN, signal.SIG_DFL):
        def limit():
            signal.signal(signal.SIGXFSZ, how)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        for argv in writers("limited/out", big=True):
            fails(argv, "limited", f"RLIMIT_FSIZE, {how!r}:", limit=limit)

    os.mkdir("folder")
    os.mkdir("folder/out")
    for argv in writers("folder/out"):
        fails(argv, "folder", "a folder:")
    os.mkdir("readonly")
    write("readonly/out", old)
    os.chmod("readonly", 0o555)
    # The superuser may write anywhere, so another user tries.
    os.chmod(".", 0o755)
    def nobody():
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
    for argv in writers("readonly/out"):
        fails(argv, "readonly", "a read-only folder:", limit=nobody)
    os.chmod("readonly", 0o755)
    for argv in writers("nowhere/out"):
        run = Run(argv)
        trial.refused(run, (66, 73, 74), "a folder that is missing:")

    # A file system of 1 MB, in a mount namespace of its own.
    os.mkdir("small")
    for argv in writers("small/out", big=True):
        script = ('mount -t tmpfs -o size=1m none small && printf "%s" "$OLD" >small/out && head -c 1000000 /dev/zero '
                  '>small/fill; "$@"; s=$?; [ "$(cat small/out)" = "$OLD" ] || echo CHANGED; ls -A small >&2; exit $s')
        run = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", os.path.join(BIN, argv[0]), *argv[1:]],
                             capture_output=True, env={"OLD": "old", "PATH": os.environ["PATH"]})
        if b"unshare" in run.stderr or b"mount:" in run.stderr:
            print("no file system of 1 MB: that needs the right to mount")
            break
        names = run.stderr.split(b"\n")[-3:-1]
        trial.hold(run.returncode == 74 and not run.stdout and names == [b"fill", b"out"], f"1 MB: {argv} {run}")

    # A symlink is followed, also a chain and one to nothing; a FIFO is written.
    for argv in writers("link"):
        must(Run([*argv[:argv.index("-o") + 1], "plain", *argv[argv.index("-o") + 2:]]))
        for first, links in (("target", [("link", "target")]), ("target", [("middle", "target"), ("link", "middle")])):
            for exists in (True, False):
                if exists:
                    write(first, "old")
                for name, to in links:
                    os.symlink(to, name)
                run = Run(argv)
                trial.hold(run.status == 0 and os.path.islink("link") and os.path.exists(first)
                           and read(first) == read("plain"), f"symlink: {run}")
                for name in [first] + [n for n, _ in links]:
                    if os.path.lexists(name):
                        os.remove(name)
        os.mkfifo("link")
        got = []
        reader = threading.Thread(target=lambda: got.append(read("link")), daemon=True)
        reader.start()
        run = Run(argv, timeout=20)
        reader.join(5)
        trial.hold(run.status == 0 and got == [read("plain")] and stat.S_ISFIFO(os.stat("link").st_mode),
                   f"FIFO: {run} {len(got)}")
        os.remove("link")
        os.remove("plain")
    os.symlink("loop", "loop")
    for argv in writers("loop"):
        trial.refused(Run(argv), (66, 73, 74), "a loop of symlinks:")
    return trial.end()


def pipes():
    trial = Trial("row 10, pipes")
    library = interposed("shortio.c")
    for argv in printers():
        usual = Run([*argv] + (["--seed", "1"] if argv[0] == "charsample" and "--help" not in argv else []))
        for seed in range(max(1, count(20) // 10)):
            run = Run(between(usual.argv), env={"LD_PRELOAD": library}, timeout=60)
            trial.hold((run.status, run.output, run.messages) == (usual.status, usual.output, usual.messages),
                       f"short reads and writes: {run}")
    for argv in writers("out"):
        must(Run(argv))
        usual = read("out")
        run = Run(between(argv), env={"LD_PRELOAD": library}, timeout=60)
        trial.hold(run.status == 0 and read("out") == usual, f"short reads and writes: {run}")
    for argv in (["charsample", "-m", "-", "--prompt", "a", "--seed", "1"], ["charmodel", "info", "-"],
                 ["charscore", "-m", "-", "text"]):
        usual = Run(argv, stdin=read("model"))
        run = Run(between(argv), stdin=read("model"), env={"LD_PRELOAD": library})
        trial.hold((run.status, run.output) == (0, usual.output), f"short reads: {run}")

    endless = ["charsample", "-m", "model", "--prompt", "a", "-n", "inf", "--seed", "1"]
    commands = [endless, ["charscore", "-m", "model", "/dev/stdin"], ["chartok", "encode", "-c", "charset"],
                ["charsample", "-m", "model", "--seed", "1"], ["charsample", "-m", "model", "--json", "--seed", "1"]]
    for number in range(count(20)):
        argv = commands[number % len(commands)]
        # A reader that goes away after some bytes: the program ends quietly, by SIGPIPE or with 0.
        feeder = subprocess.Popen(["sh", "-c", "yes 'the cat sat'"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        child = subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=feeder.stdout, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env={})
        feeder.stdout.close()
        child.stdout.read(1 + number * 997)
        child.stdout.close()
        try:
            _, messages = child.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            messages = b"did not end"
        trial.hold(child.returncode in (0, -signal.SIGPIPE) and not messages,
                   f"closed pipe: {argv} {child.returncode} {messages!r}")
        feeder.kill()
        feeder.wait()
    # Output that is closed from the start.
    for argv in printers():
        child = subprocess.run(["sh", "-c", '"$@" >&-', "sh", os.path.join(BIN, argv[0]), *argv[1:]],
                               capture_output=True, env={})
        if argv[1:] == ["-m", "model", "--list-models"]:
            continue
        trial.hold(child.returncode == 74 and child.stderr.count(b"\n") == 1, f"no output: {argv} {child}")
        child = subprocess.run(["sh", "-c", '"$@" 2>&-', "sh", os.path.join(BIN, argv[0]), *argv[1:]],
                               capture_output=True, env={})
        trial.hold(child.returncode == 0, f"no stderr: {argv} {child}")

    # Readers that take a little, all stop for so long, and go on: nothing is written ahead, and the bytes are right.
    def memory(child):
        with open(f"/proc/{child.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

    stopped = []
    for argv in commands:
        feeder = subprocess.Popen(["sh", "-c", "yes 'the cat sat'"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        child = subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=feeder.stdout, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env={})
        feeder.stdout.close()
        stopped.append((argv, feeder, child, child.stdout.read(100_000)))
    time.sleep(1)
    before = [memory(child) for _, _, child, _ in stopped]
    time.sleep(STOP)
    for (argv, feeder, child, first), was in zip(stopped, before):
        after = memory(child)
        rest = child.stdout.read(100_000)
        child.kill()
        child.communicate()
        feeder.kill()
        feeder.wait()
        trial.hold(after - was < 1, f"a reader that stops: {argv}: {was:.1f} MB, then {after:.1f} MB")
        trial.hold(len(rest) == 100_000, f"a reader that stops: {argv}: no more than {len(rest)} bytes after it")
        trial.largest = max(trial.largest, after)
        if argv == endless:
            whole = Run([*endless[:-3], "210000", "--seed", "1"]).output
            trial.hold(whole.startswith(first + rest), "a reader that stops: other bytes")
    return trial.end(f"at most {trial.largest:.0f} MB while {len(stopped)} readers stopped for {STOP:.0f} s")


if __name__ == "__main__":
    with Place():
        train("model", "--layers", "8", "--epochs", "1")
        train("model2", "--layers", "8", "--epochs", "1", "--seed", "2")
        train("big", "--layers", "256", "--epochs", "0")
        must(Run(["chartok", "-o", "charset", "text"]))
        must(Run(["chartok", "encode", "-c", "charset", "-o", "ids", "text"]))
        for model, folder in (("model", "tfjs"), ("big", "tfjs-big")):
            must(Run(["charmodel", "export", "--to", "tfjs", "-o", folder, model]))
        chosen = sys.argv[1:] or ["targets", "pipes"]
        fine = [dict(targets=targets, pipes=pipes)[name]() for name in chosen]
    sys.exit(0 if all(fine) else 1)
