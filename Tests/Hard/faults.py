# SPDX-License-Identifier: GPL-3.0-or-later
"""Each call on files that a program makes fails once: row 7 at every place.

Under strace the Nth call that has to do with files or descriptors, for every N, ends in EIO, ENOSPC, EACCES, or EINTR
as if a signal had come. Held: no signal, a documented status; with status 0 all that was asked for, else one message
that begins with the program's name; a file that was there before is there, or replaced as a whole; nothing hidden is
left unless it was its removal that failed. After EINTR everything is as usual. At most COUNT=1000 places a command;
STEP, FIRST. Needs strace.
"""
import re, sys
from common import *
from kills import leave_checkpoint

CALLS = "%file,read,write,fsync,close,fstat,lseek,ioctl,getdents64,pread64,readv,writev,fchmod,fchown,getrandom,fcntl"
# The C library and Swift's runtime make calls before the program's own first one, and after what it has done.
FIRST_OF_OURS = "SIGXFSZ"
INTERRUPTIBLE = ("read", "write", "openat", "close", "fsync")
FEW = ["chartrain", "-q", "--no-baselines", "--display-length", "0", "--threads", "1", "--layers", "8", "--epochs", "2"]


def under_strace(argv, *more):
    return Run(["/usr/bin/env", "strace", "-qq", "-e", "signal=none", "-o", "/dev/shm/chartools-calls", *more,
                os.path.join(BIN, argv[0]), *argv[1:]], stdin=b"abc\n", env={"PATH": os.environ["PATH"], "TMPDIR": "tmp"})


def files():
    return {os.path.join(folder, name)[2:]: read(os.path.join(folder, name))
            for folder, _, names in os.walk(".") for name in names}


def restore(before):
    for name in os.listdir():
        if os.path.isdir(name) and name != "tmp":
            shutil.rmtree(name)
    for name, data in files().items():
        if name not in before:
            os.remove(name)
    for name, data in before.items():
        if not os.path.exists(name) or read(name) != data:
            write(name, data)


def places(argv):
    """The calls of the program's own: their names, and which of that name each is."""
    under_strace(argv, "-e", f"trace={CALLS},rt_sigaction")
    counts, ours, found = {}, False, []
    for line in read("/dev/shm/chartools-calls").decode(errors="replace").splitlines():
        name = line.split("(")[0]
        if name == "rt_sigaction":
            ours = ours or FIRST_OF_OURS in line
        elif re.fullmatch(r"\w+", name):
            counts[name] = counts.get(name, 0) + 1
            if ours:
                found.append((counts[name], name))
    return found


with Place():
    if not shutil.which("strace"):
        sys.exit("faults: please install what Debian calls strace")
    trial = Trial("row 7, every call fails once")
    os.mkdir("tmp")
    write("prose", PROSE)
    train("good", "--layers", "8", "--epochs", "1", text="prose")
    must(Run(["chartok", "-o", "charset", "prose"]))
    must(Run(["charmodel", "export", "--to", "keras", "-o", "their", "good"]))
    shutil.copy("good", "m")
    write("begun.checkpoint", leave_checkpoint("prose", "--layers", "8", epochs="60"))
    before = files()
    commands = [
        [*FEW, "--checkpoint-every", "1", "--force", "-o", "m", "prose"],
        [*FEW[:7], "--force", "-o", "m", "--resume", "begun.checkpoint", "prose"],
        [*FEW[:7], "--init-from", "good", "--epochs", "0", "-c", "charset", "--force", "-o", "m", "prose"],
        ["charmodel", "half", "--force", "-o", "m", "good"],
        ["charmodel", "average", "-o", "new", "good", "m"],
        ["charmodel", "import", "--from", "keras", "--force", "-o", "m", "their"],
        ["charmodel", "export", "--to", "tfjs", "-o", "folder", "good"],
        ["charmodel", "verify", "good", "m"],
        ["charsample", "-m", "good", "--seed", "1", "-n", "20", "--threads", "1"],
        ["charscore", "-m", "good", "--threads", "1", "prose"],
        ["chartok", "build", "--force", "-o", "m", "prose"],
        ["chartok", "encode", "-c", "charset", "-o", "new", "prose"],
    ]
    failed = refused = 0
    for argv in commands:
        usual = Run(argv, stdin=b"abc\n")
        must(usual)
        whole = files()
        restore(before)
        there_are = places(argv)
        restore(before)
        for number, name in share(there_are[::max(1, len(there_are) // count(1000))]):
            for error in ("EIO", "ENOSPC", "EACCES", "EINTR"):
                if error == "EINTR" and name not in INTERRUPTIBLE:
                    continue
                run = under_strace(argv, "-e", f"trace={CALLS}", "-e", f"inject={name}:error={error}:when={number}")
                found = files()
                what = f"{' '.join(argv)}: {error} for {name} {number}: status {run.status} {run.messages[:200]!r}"
                hidden = {n for n in found if os.path.basename(n).startswith(".")}
                spared = {n for n in found if n.startswith("tmp/")}
                # A checkpoint that cannot be removed is left beside the model.
                stays = {"m.checkpoint"} if name == "unlink" else set()
                told = {n: d for n, d in found.items() if n not in hidden | spared | stays}
                same = told == whole and run.output == usual.output
                failed += 1
                refused += run.status != 0
                trial.hold(run.status in (0, 65, 66, 70, 71, 73, 74), what)
                trial.hold(same if run.status == 0 else run.messages.startswith(argv[0].encode() + b": ")
                           or argv[:2] == ["charmodel", "verify"], f"{what} {sorted(found)}")
                trial.hold(error != "EINTR" or run.status == 0, what)
                trial.hold(not hidden or name == "unlink", f"{what}: left {hidden}")
                for n, data in before.items():
                    trial.hold(found.get(n) in (data, whole.get(n)) or n == "m" and found.get(n) and
                               Run(["charmodel", "verify", "-q", "m"]).status == 0, f"{what}: {n} has changed")
                restore(before)
    fine = trial.end(f"{len(commands)} commands, {failed} failed calls, {refused} runs refused")
sys.exit(0 if fine else 1)
