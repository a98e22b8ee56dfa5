# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed at random moments.

SIGKILL to a run that writes a checkpoint at every update: the checkpoint always opens, no other file is left but a
temporary one, and the run resumed at the end writes the bytes of one that was never stopped. SIGINT and SIGTERM:
what was saved opens, and the run ends by that signal within two seconds. COUNT=1000 SEED=1.
"""
import os, signal, subprocess, sys, time
from common import *

OPTIONS = ["-q", "--no-baselines", "--display-length", "0", "--epochs", "40", "--batch-size", "4"]


def start(argv, **more):
    return subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, env={}, **more)


def leave_checkpoint(text, *options, patience=120):
    """The bytes of a checkpoint of a run on `text` that was killed once it had written one, however long that took."""
    child = start(["chartrain", "-q", "--no-baselines", "--display-length", "0", "--epochs", "100000", *options,
                   "--checkpoint-every", "1", "--force", "-o", "left", text])
    until = time.monotonic() + patience
    while not os.path.exists("left.checkpoint") and child.poll() is None and time.monotonic() < until:
        time.sleep(0.002)
    child.kill()
    _, messages = child.communicate()
    if not os.path.exists("left.checkpoint"):
        sys.exit(f"cannot prepare: no checkpoint was written: {child.returncode} {messages!r}")
    data = read("left.checkpoint")
    os.remove("left.checkpoint")
    for name in os.listdir():
        if name.startswith(".") or name == "left":
            os.remove(name)
    return data


def killed(times):
    trial = Trial("row 8, SIGKILL")
    dice_ = dice()
    write("prose", PROSE * 4)
    begin = time.monotonic()
    must(Run(["chartrain", *OPTIONS, "--layers", "8", "-o", "whole", "prose"]))
    whole, full = read("whole"), time.monotonic() - begin
    stages = finished = 0
    resuming = False
    seen = set()
    for number in range(times):
        argv = ["chartrain", "-q", "--no-baselines", "--display-length", "0", "-o", "m"]
        argv += ["--resume", "m.checkpoint", "prose"] if resuming else [
            *OPTIONS, "--layers", "8", "--checkpoint-every", "1", "prose"]
        child = start(argv)
        time.sleep(dice_.uniform(0, full * 0.6))
        child.kill()
        _, messages = child.communicate()
        trial.hold(child.returncode in (-9, 0), f"run {number}: {child.returncode} {messages!r}")
        if child.returncode == 0:
            trial.hold(read("m") == whole, f"run {number}: ended in other bytes")
            finished += 1
            os.remove("m")
            resuming = False
            continue
        if os.path.exists("m"):
            # Killed between writing the model and taking the checkpoint away.
            trial.hold(read("m") == whole, f"run {number}: another model")
            os.remove("m")
            resuming = False
            if os.path.exists("m.checkpoint"):
                os.remove("m.checkpoint")
        elif os.path.exists("m.checkpoint"):
            check = Run(["charmodel", "verify", "-q", "m.checkpoint"])
            trial.hold(check.status == 0, f"run {number}: {check}")
            seen.add(hash(read("m.checkpoint")))
            resuming = True
        others = [n for n in os.listdir() if n not in ("m", "m.checkpoint", "prose", "whole", "text", "line")]
        stages += len(others)
        trial.hold(len(others) <= 2, f"run {number}: left {others}")
        for name in others:
            os.remove(name)
    if resuming:
        must(Run(["chartrain", "-q", "--no-baselines", "-o", "m", "--resume", "m.checkpoint", "prose"]))
        trial.hold(read("m") == whole, "the last one resumed: other bytes")
        finished += 1
        os.remove("m")
    trial.hold(finished > 0, "no run came to its end")
    return trial.end(f"{len(seen)} different checkpoints, {finished} runs finished with the bytes of the whole one, "
                     f"{stages} temporary files seen")


def signalled(times):
    trial = Trial("row 9, SIGINT and SIGTERM")
    dice_ = dice()
    write("prose", PROSE * 40)
    longest = 0.0
    saved = 0
    commands = [
        ["chartrain", "-q", "--no-baselines", "--display-length", "0", "--epochs", "4000", "--layers", "8", "-o", "m",
         "prose"],
        ["chartrain", "-q", "--no-baselines", "--epochs", "4000", "--layers", "8", "--checkpoint-every", "1", "-o",
         "m", "prose"],
        ["chartrain", "-q", "--for", "60s", "--size", "small", "-o", "m", "prose"],
        ["charsample", "-m", "good", "--prompt", "a", "-n", "inf"],
        ["charsample", "-m", "good", "--prompt", "a", "-n", "inf", "-t", "0.5,0.7", "--count", "10000000"],
        ["charscore", "-m", "good", "/dev/zero"],
        ["chartok", "build", "-o", "m", "/dev/zero"],
    ]
    train("good", "--layers", "8", "--epochs", "1")
    for number in range(times):
        argv = commands[number % len(commands)]
        which = dice_.choice([signal.SIGINT, signal.SIGTERM])
        twice = dice_.random() < 0.3
        # Ignored interrupts would be inherited from a shell's background job.
        child = start(argv, stdout=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        time.sleep(dice_.choice([0, 0.001, 0.003, 0.01, 0.05, 0.3]) * dice_.random() * 2)
        sent = time.monotonic()
        child.send_signal(which)
        if twice:
            time.sleep(dice_.random() * 0.02)
            child.send_signal(which)
        try:
            _, messages = child.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            messages = b"(did not end in 10 s)"
        took = time.monotonic() - sent
        longest = max(longest, took)
        trial.hold(child.returncode == -which, f"{argv} {which!r}{' twice' if twice else ''}: "
                   f"{child.returncode} {messages[:200]!r}")
        trial.hold(took < 2, f"{argv} {which!r}: took {took:.1f} s")
        for name in ("m", "m.checkpoint"):
            if os.path.exists(name) and argv[0] == "chartrain":
                check = Run(["charmodel", "verify", "-q", name])
                trial.hold(check.status == 0, f"{argv}: {check}")
                saved += 1
        others = [n for n in os.listdir() if n.startswith(".")]
        # A second signal ends the program at once, wherever it is: a temporary file may stay then.
        trial.hold(twice or not others, f"{argv} {which!r}: left {others}")
        for name in others + ["m", "m.checkpoint"]:
            if os.path.exists(name):
                os.remove(name)
    return trial.end(f"{saved} saved models opened, longest {longest * 1000:.0f} ms")


if __name__ == "__main__":
    with Place():
        chosen = sys.argv[1:] or ["killed", "signalled"]
        fine = [dict(killed=killed, signalled=signalled)[name](count(1000)) for name in chosen]
    sys.exit(0 if all(fine) else 1)
