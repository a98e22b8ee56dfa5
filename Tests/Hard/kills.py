# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, at random moments and at every system call.

SIGKILL to a run that writes a checkpoint at every update: the checkpoint always opens, no other file is left but a
temporary one, and the run resumed at the end writes the bytes of one that was never stopped. SIGINT and SIGTERM:
what was saved opens, and the run ends by that signal within two seconds. COUNT=1000 SEED=1.

`late`: SIGTERM just before a call that reads, writes or opens, or one that comes before these, of programs that then
wait (`make shared`).

`stages`: SIGINT, SIGTERM and SIGKILL as each system call of a whole short run begins and as it ends, from the first of
the program to its last, in everything that writes a file; and SIGINT and SIGTERM after 0 to 20 ms in steps of 0.1.
At most COUNT moments a command; STEP, FIRST. Held, beside the above: a file that was there before is there or replaced
as a whole; a checkpoint that is left goes on to the whole run's bytes; status 0 only with all that was asked for.
"""
import ctypes, os, signal, subprocess, sys, time
from common import *

OPTIONS = ["-q", "--no-baselines", "--display-length", "0", "--epochs", "40", "--batch-size", "4"]


def start(argv, **more):
    return subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, env={}, **more)


def leave_checkpoint(text, *options, patience=120, epochs="100000"):
    """The bytes of a checkpoint of a run on `text` that was killed once it had written one, however long that took."""
    child = start(["chartrain", "-q", "--no-baselines", "--display-length", "0", "--epochs", epochs, *options,
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


PTRACE_SYSCALL, PTRACE_DETACH, PTRACE_SETOPTIONS = 24, 17, 0x4200
TRACE_SYSGOOD, EXIT_KILL = 1, 1 << 20
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
ptrace.restype = ctypes.c_long


def by_calls(argv, which, at):
    """Runs a program and sends it a signal at the `at`th border of a system call of its first thread.

    Gives its status, messages, seconds since the signal, and how many borders it came to; all there are if `at` is None.
    """
    def prepare():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        ptrace(0, 0, None, None)
    with tempfile.TemporaryFile() as err:
        child = subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=err, env={}, preexec_fn=prepare)
        _, status = os.waitpid(child.pid, 0)
        if not os.WIFSTOPPED(status):
            sys.exit(f"cannot trace {argv}: {status}")
        ptrace(PTRACE_SETOPTIONS, child.pid, None, TRACE_SYSGOOD | EXIT_KILL)
        borders = deliver = 0
        sent = None
        while os.WIFSTOPPED(status):
            ptrace(PTRACE_DETACH if sent else PTRACE_SYSCALL, child.pid, None, deliver)
            _, status = os.waitpid(child.pid, 0)
            deliver = 0
            if os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGTRAP | 0x80:
                if borders == at:
                    sent = time.monotonic()
                    os.kill(child.pid, which)
                borders += 1
            elif os.WIFSTOPPED(status):
                deliver = os.WSTOPSIG(status)
        child.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        return child.returncode, err.read(), time.monotonic() - (sent or time.monotonic()), borders


def after_delay(argv, which, delay):
    """Runs a program and sends it a signal after so many seconds; as `by_calls`, without borders."""
    with tempfile.TemporaryFile() as err:
        child = subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=err, env={},
                                 preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        time.sleep(delay)
        sent = time.monotonic()
        child.send_signal(which)
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        err.seek(0)
        return child.returncode, err.read(), time.monotonic() - sent


# What tells of times differs from run to run; a log grows line by line, and a plot is whole.
TIMED = {"log": lambda data: data.endswith(b"\n") or not data, "plot": lambda data: data.endswith(b"</svg>\n")}


class Stages:
    """A folder as it was before a command, and what its files may be after it, however it ended."""

    def __init__(self, trial, argv, endless=False):
        self.trial, self.argv, self.endless = trial, argv, endless
        self.before = {name: read(name) for name in os.listdir() if os.path.isfile(name)}
        self.opened = self.resumed = 0
        if not endless:
            # What it leaves when nobody stops it.
            must(Run(argv))
            self.whole = self.files()
            self.restore()

    def is_whole(self, found):
        plain = lambda files: {name: data for name, data in files.items() if name not in TIMED}
        return found.keys() == self.whole.keys() and plain(found) == plain(self.whole)

    def files(self):
        return {os.path.join(folder, name)[2:]: read(os.path.join(folder, name))
                for folder, _, names in os.walk(".") for name in names}

    def restore(self):
        for name in os.listdir():
            if name not in self.before:
                shutil.rmtree(name) if os.path.isdir(name) else os.remove(name)
        for name, data in self.before.items():
            if not os.path.exists(name) or read(name) != data:
                write(name, data)

    def judge(self, which, when, status, messages, seconds):
        what = f"{' '.join(self.argv)}, {which.name} {when}: status {status} {messages[:200]!r}"
        hold, found = self.trial.hold, self.files()
        hidden = {name for name in found if os.path.basename(name).startswith(".")}
        hold(status == -which or status == 0 and not self.endless
             and self.is_whole(found), f"{what}, {sorted(found)}")
        hold(seconds < 2, f"{what} took {seconds:.1f} s")
        hold(len(hidden) <= (which == signal.SIGKILL), f"{what}: left {hidden}")
        for name, data in self.before.items():
            hold(name in found or name.endswith(".checkpoint") and "m" in found, f"{what}: {name} is gone")
        for name, data in found.items():
            # Only a training saves something else than all or nothing: what it has learned until then.
            if name in hidden or data in (self.before.get(name), None if self.endless else self.whole.get(name)):
                continue
            if name in TIMED:
                hold(TIMED[name](data), f"{what}: {name} ends with {data[-20:]!r}")
                continue
            learned = self.argv[0] == "chartrain" and name in ("m", "m.checkpoint")
            check = Run(["charmodel", "verify", "-q", name]) if learned else None
            hold(check and check.status == 0, f"{what}: {name} of {len(data)} bytes {check}")
            self.opened += learned
        # What did not come to its end goes on from there, but not from one checkpoint twice.
        if "m.checkpoint" in found and not self.endless:
            self.resumed += 1
            run = Run(["chartrain", "-q", "--no-baselines", "--force", "-o", "m", "--resume", "m.checkpoint", "prose"])
            hold(run.status == 0 and read("m") == self.whole["m"], f"{what}: resumed: {run}")
        self.restore()


def stages(times):
    trial = Trial("row 9, every stage")
    write("prose", PROSE)
    few = ["chartrain", "-q", "--no-baselines", "--display-length", "0", "--layers", "8", "--epochs", "2"]
    train("good", "--layers", "8", "--epochs", "1", text="prose")
    must(Run(["chartok", "-o", "charset", "prose"]))
    must(Run(["charmodel", "export", "--to", "keras", "-o", "their", "good"]))
    # A checkpoint of a short run, killed soon after it had written its first one.
    at = 0
    while not os.path.exists("left.checkpoint"):
        by_calls([*few[:-1], "8", "--checkpoint-every", "1", "--force", "-o", "left", "prose"], signal.SIGKILL, at)
        at += 8
    os.rename("left.checkpoint", "m.checkpoint")
    commands = [
        (["m.checkpoint"], [*few[:5], "--force", "-o", "m", "--checkpoint-every", "1", "--resume", "m.checkpoint", "prose"]),
        ([], [*few, "--checkpoint-every", "1", "-o", "m", "prose"]),
        (["m"], [*few, "--threads", "1", "--force", "--checkpoint-every", "1", "--log", "log", "--plot", "plot", "-o", "m",
                 "prose"]),
        (["m"], [*few[:5], "--epochs", "1", "--init-from", "good", "--force", "-o", "m", "prose"]),
        (["m"], ["charmodel", "half", "--force", "-o", "m", "good"]),
        (["m"], ["charmodel", "average", "--force", "-o", "m", "good", "good"]),
        (["m"], ["charmodel", "import", "--from", "keras", "--force", "-o", "m", "their"]),
        (["m", "m.charset"], ["charmodel", "export", "--to", "keras", "--force", "-o", "m", "good"]),
        ([], ["charmodel", "export", "--to", "tfjs", "-o", "m", "good"]),
        (["m"], ["charmodel", "export", "--to", "onnx", "--force", "-o", "m", "good"]),
        (["m"], ["chartok", "build", "--force", "-o", "m", "prose"]),
        (["m"], ["chartok", "encode", "-c", "charset", "--force", "-o", "m", "prose"]),
    ]
    inputs = {name: read(name) for name in ("prose", "good", "charset", "their", "their.charset", "m.checkpoint")}
    moments = borders = opened = resumed = 0

    def place(present, argv, endless=False):
        for name in os.listdir():
            shutil.rmtree(name) if os.path.isdir(name) else os.remove(name)
        for name, data in inputs.items():
            if name != "m.checkpoint" or name in present:
                write(name, data)
        for name in present:
            if name not in inputs:
                write(name, inputs["good"])
        return Stages(trial, argv, endless)

    for present, argv in commands:
        here = place(present, argv)
        status, messages, _, there_are = by_calls(argv, 0, None)
        trial.hold(status == 0 and here.is_whole(here.files()), f"{argv} traced: {status} {messages!r}")
        here.restore()
        borders += there_are
        for at in share(range(0, there_are, max(1, there_are // times))):
            for which in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
                status, messages, seconds, _ = by_calls(argv, which, at)
                here.judge(which, f"at border {at} of {there_are}", status, messages, seconds)
                moments += 1
        opened, resumed = opened + here.opened, resumed + here.resumed
    endless = [
        ([], ["chartrain", *few[1:6], "8", "--epochs", "100000", "--checkpoint-every", "1", "-o", "m", "prose"]),
        (["m"], ["chartrain", *few[1:6], "8", "--for", "60s", "--force", "-o", "m", "prose"]),
        (["m.checkpoint"], [*few[:5], "--force", "-o", "m", "--resume", "m.checkpoint", "prose"]),
        ([], ["charsample", "-m", "good", "--prompt", "", "-n", "inf"]),
        ([], ["charscore", "-m", "good", "/dev/zero"]),
        ([], ["chartok", "-o", "m", "/dev/zero"]),
    ]
    delays = 0
    for present, argv in endless:
        here = place(present, argv, "--resume" not in argv)
        for tenths in share(range(0, 201, max(1, 200 // times))):
            for which in (signal.SIGINT, signal.SIGTERM):
                here.judge(which, f"after {tenths / 10} ms", *after_delay(argv, which, tenths / 10000))
                delays += 1
        opened, resumed = opened + here.opened, resumed + here.resumed
    return trial.end(f"{len(commands)} commands with {borders} borders of system calls, {moments} signals there, "
                     f"{delays} after 0 to 20 ms; {opened} saved files opened, {resumed} runs resumed to the whole bytes")


def waits(process):
    """Whether a program's first thread has been waiting all of a fifth of a second."""
    for _ in range(20):
        time.sleep(0.01)
        try:
            with open(f"/proc/{process}/task/{process}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] != "S":
                    return False
        except FileNotFoundError:
            return False
    return True


def late(times):
    trial = Trial("row 9, just before a wait")
    library = interposed("late.c")
    train("good", "--layers", "8", "--epochs", "1")
    write("long", PROSE * 100)
    write("prose", PROSE)
    os.mkfifo("fifo")
    commands = [
        ["chartok"], ["charscore", "-m", "good"], ["charsample", "-m", "good", "-n", "5"],
        ["chartrain", "-q", "--no-baselines", "--layers", "8", "-o", "m"],
        ["charsample", "-m", "good", "--prompt", "a", "-n", "inf"], ["charscore", "-m", "good", "long"],
        ["chartok", "decode", "-c", "fifo", "fifo"], ["chartok", "fifo"], ["chartok", "--force", "-o", "fifo", "prose"],
        ["charmodel", "half", "--force", "-o", "fifo", "good"],
    ]
    told = 0
    for argv in commands:
        # What is begun after a signal, as the model of a run that was told to stop, may wait for ten seconds.
        for call, limit in (("read", 2), ("write", 2), ("open", 2), ("readlink", 12), ("stat", 12), ("fstat", 12),
                            ("isatty", 12), ("sigaction", 12)):
            for number in range(1, times + 1):
                # Its input comes and does not end; its output is not read; nobody opens the other end of the FIFO.
                child = subprocess.Popen(
                    between(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, env={"LD_PRELOAD": library, "LATE": f"{call} {number}"})
                try:
                    child.stdin.write(PROSE.encode())
                    child.stdin.flush()
                except BrokenPipeError:
                    pass  # it has ended already
                while child.poll() is None and not os.path.exists("told") and not waits(child.pid):
                    pass
                if not os.path.exists("told"):
                    child.kill()
                    child.communicate()
                    break
                begin = time.monotonic()
                try:
                    child.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    child.kill()
                took = time.monotonic() - begin
                trial.slowest = max(trial.slowest, took)
                _, messages = child.communicate()
                trial.hold(child.returncode == -signal.SIGTERM and took < limit,
                           f"{argv}, SIGTERM before {call} {number}: {child.returncode} after {took:.1f} s {messages!r}")
                told += 1
                for name in ("told", "m"):
                    if os.path.exists(name):
                        os.remove(name)
    trial.hold(told > 30, f"only {told} signals")
    return trial.end(f"{told} signals, {trial.slowest * 1000:.0f} ms at most")


if __name__ == "__main__":
    with Place():
        parts = dict(killed=killed, signalled=signalled, late=late, stages=stages)
        fine = [parts[name](count(1000)) for name in sys.argv[1:] or parts]
    sys.exit(0 if all(fine) else 1)
