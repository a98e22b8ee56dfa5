# SPDX-License-Identifier: GPL-3.0-or-later
"""What the trials share: running a program with its time, memory and ending, a tiny model, and the verdict.

Variables: BIN is the folder of the programs (.build/release), SHARED that of programs whose C library is outside them
(.build/shared, by `make shared`), COUNT how many cases a trial tries (each has its own
default), SEED what its random choices begin with (1).
"""
import os, random, re, resource, shutil, signal, struct, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, ".build/release")))
SHARED = os.path.abspath(os.environ.get("SHARED", os.path.join(ROOT, ".build/shared")))
PROSE = "".join(f"Line {n}: the cat sat on {n * 7} mats, and it rained.\n" for n in range(40))


def count(default):
    return int(os.environ.get("COUNT") or default)


def dice():
    return random.Random(int(os.environ.get("SEED") or 1))


def share(cases):
    """Every STEPth case, beginning with the FIRSTth: several processes share the work that way."""
    return cases[int(os.environ.get("FIRST") or 0)::int(os.environ.get("STEP") or 1)]


def computed(process):
    """Seconds of processors that a process has had."""
    with open(f"/proc/{process}/stat") as file:
        times = file.read().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


class Run:
    """One run of a program: status (negative for a signal), output, messages, seconds, and peak memory in MB.

    With `interrupt_after` it gets a SIGINT once it has computed for so many seconds, however long that takes.
    """

    def __init__(self, argv, stdin=b"", timeout=120, env=None, limit=None, cwd=None, stdout=None, interrupt_after=None):
        if interrupt_after is not None:
            # Shells let their background jobs ignore it.
            limit = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as give:
            if isinstance(stdin, bytes):
                give.write(stdin)
                give.seek(0)
                stdin = give
            begin = time.monotonic()
            child = subprocess.Popen(
                [os.path.join(BIN, argv[0]), *argv[1:]], stdin=stdin, stdout=stdout or out, stderr=err,
                env={} if env is None else env, cwd=cwd, preexec_fn=limit or (lambda: None))
            status, usage = None, None
            while status is None:
                done, code, usage = os.wait4(child.pid, os.WNOHANG)
                if done:
                    status = os.waitstatus_to_exitcode(code)
                elif time.monotonic() - begin > timeout:
                    child.kill()
                    os.wait4(child.pid, 0)
                    status = "timeout"
                else:
                    if interrupt_after is not None and computed(child.pid) > interrupt_after:
                        interrupt_after = None
                        child.send_signal(signal.SIGINT)
                    time.sleep(0.0005)
            child.returncode = 0
            self.seconds = time.monotonic() - begin
            # The peak includes this Python's size at the fork, which is made one (not a vfork) by preexec_fn.
            self.cpu, self.megabytes = (0, 0) if usage is None else (
                usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
            self.status = status
            out.seek(0)
            err.seek(0)
            self.output, self.messages = out.read(), err.read()
            self.argv = argv

    def __str__(self):
        return f"{' '.join(self.argv)!r}: status {self.status}, {self.messages[:300]!r}, {self.output[:80]!r}"


class Trial:
    """Counts what was tried and keeps what broke a rule."""

    def __init__(self, name):
        self.name, self.tried, self.broken, self.begin = name, 0, [], time.monotonic()
        self.slowest = self.largest = 0.0

    def hold(self, truth, what):
        self.tried += 1
        if not truth:
            self.broken.append(str(what))
            if len(self.broken) <= 10:
                print(f"{self.name}: BROKEN: {what}"[:1000], flush=True)
        return truth

    def refused(self, run, statuses=(65,), what=""):
        """The program ended with one of the statuses and one line of message that begins with its name."""
        self.slowest, self.largest = max(self.slowest, run.seconds), max(self.largest, run.megabytes)
        text = run.messages
        fine = (run.status in statuses and text.startswith(run.argv[0].encode() + b": ")
                and (64 in statuses or text.count(b"\n") == 1) and text.endswith(b"\n") and not run.output)
        return self.hold(fine, f"{what} {run}")

    def end(self, more=""):
        seconds = time.monotonic() - self.begin
        print(f"{self.name}: {self.tried} tried, {len(self.broken)} broken{more and ', ' + more}, {seconds:.0f} s",
              flush=True)
        return not self.broken


class Place:
    """A fresh folder that is the current one, with text and tiny models in it."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="chartools-hard-")
        self.before = os.getcwd()
        os.chdir(self.folder)
        return self

    def __exit__(self, *_):
        os.chdir(self.before)
        subprocess.run(["chmod", "-R", "u+rwX", self.folder])
        shutil.rmtree(self.folder, ignore_errors=True)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def read(path):
    with open(path, "rb") as file:
        return file.read()


def between(argv):
    """The command by a program whose C library is outside it, so that something can be put between the two."""
    return [os.path.join(SHARED, argv[0]), *argv[1:]]


def interposed(source):
    """A library made of a C file, for LD_PRELOAD and the programs in SHARED; it is in the current folder."""
    library = os.path.abspath(source.removesuffix(".c") + ".so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, os.path.join(HERE, source), "-ldl"], check=True)
    loaded = Run(between(["chartok"]), env={"LD_TRACE_LOADED_OBJECTS": "1", "LD_PRELOAD": library}).output
    if library.encode() not in loaded:
        sys.exit(f"no library can be put before the programs of {SHARED}: `make shared`")
    return library


def must(run):
    if run.status != 0:
        sys.exit(f"cannot prepare: {run}")
    return run


def instruction_sets():
    """Those that this machine has, the portable one first."""
    return [isa for isa in ("portable", "avx2", "avx512", "bf16", "amx", "neon")
            if Run(["charmodel", "info", "--machine"], env={"CHARTOOLS_ISA": isa}).status == 0]


def train(path, *options, text="text", words=PROSE, name="chartrain"):
    """Trains on a short text; gives the model's bytes."""
    if not os.path.exists(text):
        write(text, words)
    must(Run([name, "-q", "--no-baselines", "--display-length", "0", "--force", "-o", path, *options, text]))
    return read(path)


XXH = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)


def xxh64(data):
    """XXH64 with seed 0, as its specification tells."""
    mask, (p1, p2, p3, p4, p5) = (1 << 64) - 1, XXH
    turn = lambda x, r: ((x << r) | (x >> (64 - r))) & mask
    step = lambda acc, lane: turn((acc + lane * p2) & mask, 31) * p1 & mask
    at, size = 0, len(data)
    if size >= 32:
        lanes = [(p1 + p2) & mask, p2, 0, -p1 & mask]
        while at + 32 <= size:
            for i, lane in enumerate(struct.unpack_from("<4Q", data, at)):
                lanes[i] = step(lanes[i], lane)
            at += 32
        h = sum(turn(x, r) for x, r in zip(lanes, (1, 7, 12, 18))) & mask
        for lane in lanes:
            h = ((h ^ step(0, lane)) * p1 + p4) & mask
    else:
        h = p5
    h = (h + size) & mask
    while at + 8 <= size:
        h = (turn(h ^ step(0, struct.unpack_from("<Q", data, at)[0]), 27) * p1 + p4) & mask
        at += 8
    if at + 4 <= size:
        h = (turn(h ^ struct.unpack_from("<I", data, at)[0] * p1 & mask, 23) * p2 + p3) & mask
        at += 4
    for byte in data[at:]:
        h = turn(h ^ byte * p5 & mask, 11) * p1 & mask
    h = (h ^ h >> 33) * p2 & mask
    h = (h ^ h >> 29) * p3 & mask
    return h ^ h >> 32


def signed(data):
    """The file with a digest that is right, so that what else is wrong with it is met."""
    # Not the corpus's digest, which stands before it in a string, with its quotes escaped.
    found = re.search(rb'"digest"\s*:\s*"xxh64:[0-9a-f]{16}', data)
    if not found:
        return data
    at = found.end() - 22
    bare = data[:at + 6] + b"0" * 16 + data[at + 22:]
    return bare[:at + 6] + b"%016x" % xxh64(bare) + bare[at + 22:]
