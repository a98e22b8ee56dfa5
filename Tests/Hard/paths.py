# SPDX-License-Identifier: GPL-3.0-or-later
"""No string in a file is taken for a path, seen from what the programs ask the system for.

Every string of a model, of a checkpoint, and of what other programs write, replaced by the path of a file that is
there, in turn as an absolute path, one that climbs, a URL, and a command; digests made right. Every program that reads
one runs under strace, its children too. Held: what it opens, asks about, links, removes or starts is, by name, what it
does with the file as it was, and no argument holds the path. Needs strace.
"""
import json, re, sys
from common import *

CALLS = ("%file,execve,execveat,openat2,connect,bind")


def calls(argv):
    """The calls that take a path, with the paths; what is random in the names of hidden files is taken out."""
    run = Run(["/usr/bin/env", "strace", "-f", "-qq", "-s", "9999", "-e", "trace=" + CALLS, "-e", "signal=none", "-o",
               "calls", os.path.join(BIN, argv[0]), *argv[1:]], stdin=b"a\n", env={"PATH": os.environ["PATH"]})
    found = []
    for line in read("calls").decode(errors="replace").splitlines():
        line = re.sub(r"^\d+ +", "", line)
        if m := re.match(r"(\w+)\((.*)", line):
            name, paths = m[1], re.findall(r'"((?:[^"\\]|\\.)*)"', m[2].split(" = ")[0])
            # The first of a process says what was typed, and its environment.
            paths = paths[:1] if name.startswith("execve") else paths
            found.append((name, *(re.sub(r"\.[a-z0-9]+\.part", ".N.part", path) for path in paths)))
    # Dispatch looks at its threads each second, if a run takes one.
    return run, [call for call in found if not re.fullmatch(r"/proc/\d+/stat", call[1] if call[1:] else "")]


def strings(value, at=()):
    """Where in a JSON value strings stand: keys and values, those in strings that are JSON themselves too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*at, ("key", key))
            yield from strings(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from strings(inner, (*at, number))
    elif isinstance(value, str):
        yield at
        try:
            inner = json.loads(value)
        except ValueError:
            return
        if isinstance(inner, (dict, list)):
            yield from strings(inner, (*at, "json"))


def replaced(value, at, text):
    """The value with `text` at that place."""
    if not at:
        return text
    first, rest = at[0], at[1:]
    if isinstance(first, tuple):
        return {text if key == first[1] else key: inner for key, inner in value.items()}
    if first == "json" and isinstance(value, str):
        return json.dumps(replaced(json.loads(value), rest, text), ensure_ascii=False)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = replaced(copy[first], rest, text)
    return copy


class Paths:
    def __init__(self, trial):
        self.trial, self.files, self.runs, self.refused = trial, 0, 0, 0
        here = os.getcwd()
        os.makedirs("deep/folder")
        write("secret", "what nobody asked for\n")
        # Each names the file `secret` from where the programs run.
        self.baits = [f"{here}/secret", "deep/folder/../../secret", f"file://{here}/secret",
                      f"$(cat {here}/secret)|sh -c 'cat {here}/secret'"]

    def usual(self, commands):
        """What each command does with good files: its calls by name and path."""
        known = []
        for argv in commands:
            run, found = calls(argv)
            if run.status not in (0, 1) or len(found) < 2:
                sys.exit(f"cannot prepare: {run} {found}")
            self.clean()
            # Without characters in it, the file beside the one that was typed has them.
            known.append(set(found) | {("openat", argv[-1] + ".charset")})
        return known

    def clean(self):
        for name in ("out", "out.charset", "out.checkpoint"):
            if os.path.isdir(name):
                shutil.rmtree(name)
            elif os.path.exists(name):
                os.remove(name)

    def hold(self, what, commands, usual, number):
        self.files += 1
        for argv, known in zip(commands, usual):
            run, found = calls(argv)
            self.clean()
            self.runs += 1
            self.refused += run.status != 0
            new = set(found) - known
            self.trial.hold(not new, f"{what}: {' '.join(argv)}: {sorted(new)[:5]}")
            self.trial.hold(not any("secret" in part for call in found for part in call), f"{what}: {argv}: {found}")
            self.trial.hold(b"nobody asked for" not in run.output + run.messages, f"{what}: {run}")

    def each(self, what, value, make, commands):
        """Every string of a JSON value replaced; `make` writes the file that the commands read."""
        make(value)
        usual = self.usual(commands)
        for number, at in enumerate(share(list(strings(value)))):
            bait = self.baits[number % len(self.baits)]
            make(replaced(value, at, bait))
            # Not all programs each time: two in turn, and the one that reads most.
            some = {0, number % len(commands), (number * 7 + 1) % len(commands)}
            self.hold(f"{what}, {at}: {bait}", [commands[i] for i in some], [usual[i] for i in some], number)


def models(paths):
    def file(path, source):
        plain = read(source)
        length = struct.unpack_from("<Q", plain)[0]
        head, data = json.loads(plain[8:8 + length]), plain[8 + length:]

        def make(header):
            text = json.dumps(header, ensure_ascii=False).encode()
            text += b" " * (-(len(text) + 8) % 64)
            write(path, signed(struct.pack("<Q", len(text)) + text + data))
        return head, make
    head, make = file("m", "model")
    paths.each("a model", head, make, [
        ["charmodel", "info", "m"], ["charmodel", "info", "--json", "m"], ["charmodel", "verify", "m"],
        ["charmodel", "half", "-o", "out", "m"], ["charmodel", "average", "-o", "out", "m", "m"],
        ["charmodel", "export", "--to", "keras", "-o", "out", "m"],
        ["charmodel", "export", "--to", "tfjs", "-o", "out", "m"],
        ["charmodel", "export", "--to", "onnx", "-o", "out", "m"],
        ["charmodel", "import", "--from", "pytorch", "-o", "out", "m"],
        ["charsample", "-m", "m", "--prompt", "a", "-n", "3"], ["charscore", "-m", "m", "--summary", "text"],
        ["chartrain", "-q", "--no-baselines", "--init-from", "m", "--epochs", "0", "-o", "out", "text"]])
    head, make = file("c", "checkpoint")
    paths.each("a checkpoint", head, make, [
        ["chartrain", "-q", "--no-baselines", "--resume", "c", "-o", "out", "text"], ["charmodel", "info", "c"],
        ["charmodel", "verify", "c"], ["charsample", "-m", "c", "--prompt", "a", "-n", "3"]])


def others(paths):
    must(Run(["charmodel", "export", "--to", "tfjs", "-o", "t", "model"]))
    must(Run(["charmodel", "export", "--to", "keras", "-o", "k", "model"]))
    graph = json.loads(read("t/model.json"))
    paths.each("tfjs", graph, lambda value: write("t/model.json", json.dumps(value)),
               [["charmodel", "import", "--from", "tfjs", "-o", "out", "t"]])
    archive, commands = read("k"), [["charmodel", "import", "--from", "keras", "-o", "out", "k"]]
    usual = paths.usual(commands)
    bait = b"../secret"
    for found in share(list(re.finditer(rb"arr_\d\.npy|'<f4'|descr|fortran_order|shape", archive))):
        text = (bait * 3)[:len(found[0])]
        write("k", archive[:found.start()] + text + archive[found.end():])
        paths.hold(f"keras at {found.start()}", commands, usual, 0)
    write("k", archive)
    charset = read("k.charset").decode().splitlines()
    for number, line in enumerate(share(charset)):
        bait = paths.baits[number % len(paths.baits)]
        write("k.charset", "\n".join(bait if other == line else other for other in charset) + "\n")
        paths.hold(f"charset, {line}", commands, usual, 0)


with Place():
    if not shutil.which("strace"):
        sys.exit("paths: please install what Debian calls strace")
    trial = Trial("also, no string is a path")
    train("model", "--layers", "2", "--epochs", "1", words="abcabacabcbacbacbac\nabcabc\n" * 4)
    from kills import leave_checkpoint
    write("checkpoint", leave_checkpoint("text", "--layers", "2", epochs="60"))
    paths = Paths(trial)
    models(paths)
    others(paths)
    fine = trial.end(f"{paths.files} files, {paths.runs} runs, {paths.refused} of them refused")
sys.exit(0 if fine else 1)
