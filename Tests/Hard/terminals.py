# SPDX-License-Identifier: GPL-3.0-or-later
"""What hostile names, options, texts and models make a terminal do: nothing.

Every program, with control characters wherever its messages and its text may take them from: file names, each option's
value, unknown options and commands, the environment, charsets, corpora, seeds, lines, models, other programs' models;
both outputs on a pseudo-terminal that knows no sequences (TERM=dumb). Held: no control character arrives but newline
and tab, no byte that is not UTF-8, and no signal. Links of other users, as root: none is followed.
"""
import os, pty, re, select, shutil, signal, struct, subprocess, sys, termios, time
from common import *

# A title, a colour, a bell, a backspace, a return, DEL, CSI as one character of two bytes; then CSI as a bare byte.
EVIL = "\x1b]0;owned\x07\x1b[31m\x08\r\x7f\u009b31m\u0085"
WORSE = EVIL.encode() + b"\x9b31m\xc2\xff"


def at_terminal(argv, stdin=b"", env=None, typed=None, timeout=60):
    """Status and what arrives at a terminal that shows both outputs; with `typed` it is the input as well."""
    ours, theirs = pty.openpty()
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST
    if typed is not None:
        mode[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    write("input", stdin)
    with open("input", "rb") as give:
        child = subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=theirs if typed is not None else give,
                                 stdout=theirs, stderr=theirs, env={"TERM": "dumb", **(env or {})})
    os.close(theirs)
    if typed is not None:
        os.write(ours, typed)
    shown, until = b"", time.monotonic() + timeout
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    else:
        child.kill()
    os.close(ours)
    return child.wait(), shown


HARMLESS = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*\Z")


class Shown(Trial):
    """Counts how often the hostile text was shown at all: what is never shown tries nothing."""
    escaped = 0

    def harmless(self, argv, what, **more):
        status, shown = at_terminal(argv, **more)
        if "-0" in argv:
            shown = shown.replace(b"\0", b"")
        try:
            fine = HARMLESS.match(shown.decode()) is not None
        except UnicodeDecodeError:
            fine = False
        self.escaped += b"\\x1B" in shown or b"\\u001b" in shown or b"U+001B" in shown
        self.hold(status in (0, 1, 64, 65, 66, 70, 73, 74), f"{what}: {argv} status {status} {shown[-300:]!r}")
        self.hold(fine, f"{what}: {argv} {shown[-600:]!r}")
        return shown


def options(*command):
    """The long options in a command's help that take a value."""
    text = must(Run([*command, "--help"])).output.decode()
    return re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+) <", text, re.M)


COMMANDS = [["chartok", name] for name in ("build", "check", "encode", "decode", "stats")] + [
    ["charmodel", name] for name in ("info", "verify", "export", "import", "average", "half")] + [
    ["chartrain"], ["charsample"], ["charscore"]]


def names(trial):
    """File names, options and commands."""
    for command in COMMANDS:
        for name in (EVIL, "--" + EVIL, "--force=" + EVIL, "-" + EVIL, WORSE):
            trial.harmless([*command, name], "operand")
        for option in options(*command):
            for value in (EVIL, "1" + EVIL, WORSE):
                trial.harmless([*command, option, value], f"{option}")
                trial.harmless([*command, option, value, "text"], f"{option} and a file")
    for program in ("chartok", "charmodel"):
        trial.harmless([program, EVIL, EVIL], "a command")
        trial.harmless([program, "help", EVIL], "help for a command")
    # Files that are there and cannot be read, or must not be replaced, or are folders.
    evil = EVIL.replace("/", "")
    shutil.copy("text", evil)
    os.mkdir(evil + "folder")
    raw = evil.encode() + b"\x9b\xff"
    write(raw, b"\xffbad\n")
    for command in COMMANDS:
        for name in (evil, evil + "folder", raw):
            trial.harmless([*command, name], "a file of that name")
            trial.harmless([*command, "--force", "-o", evil + "folder", "text"], "output to a folder")
    for argv in (["chartok", "-o", evil, "text"], ["chartok", "check", "-c", evil, "text"],
                 ["chartok", "check", "-c", "charset", evil], ["charscore", "-m", "model", "--whole", evil],
                 ["charscore", "-m", "model", "--lint", "--threshold", "0.1", evil],
                 ["charscore", "-m", evil, "text"], ["charsample", "-m", evil], ["charsample", "-m", evil + ":2"],
                 ["charsample", "-m", "model", "--prompt-from", evil + "x"],
                 ["charsample", "-m", "model", "--prompt-from", raw],
                 ["chartrain", "--resume", evil], ["chartrain", "--init-from", evil, evil],
                 ["chartrain", "-o", evil, evil], ["chartrain", "--epochs", "1", "--layers", "2", "--log", evil + "/x",
                                                    "-o", "m", "--force", "text"],
                 ["charmodel", "average", "model", evil], ["charmodel", "import", "--from", "keras", evil],
                 ["charmodel", "export", "--to", "tfjs", "-o", evil, "model"],
                 ["charmodel", "half", "-o", "m", "--force", "--text", raw, "model"]):
        trial.harmless(argv, "a file of that name")
    os.makedirs("models")
    shutil.copy("model", "models/" + evil + ".safetensors")
    for argv in (["charsample", "--list-models"], ["charsample", "-m", evil, "--prompt", "a", "-n", "2"],
                 ["charsample", "-m", "none" + evil], ["charscore", "-m", evil, "--summary", "text"]):
        trial.harmless(argv, "a model of that name", env={"CHARTOOLS_MODELS": "models"})


def surroundings(trial):
    for variable in ("CHARTOOLS_ISA", "CHARTOOLS_MODELS", "HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "PATH", "LANG",
                     "LC_ALL", "NO_COLOR", "COLUMNS", "TMPDIR"):
        for value in (EVIL, "/" + EVIL):
            for argv in (["chartok", "--version"], ["chartrain", "--version"], ["charsample", "--list-models"],
                         ["charsample", "-m", "none"], ["charscore", "-m", "none", "text"],
                         ["charmodel", "info", "none"], ["charsample", "-m", "model", "-n", "2", "--prompt", "a"]):
                trial.harmless(argv, f"{variable}", env={variable: value})


def texts(trial):
    """Charsets, corpora, seeds and lines."""
    write("evil.txt", (EVIL + "a\n") * 60)
    write("worse.txt", WORSE + b"\n")
    must(Run(["chartok", "-o", "evil.charset", "evil.txt"]))
    write("graphemes.txt", "e\u0301\x1b\u0301\r\n\x9b\n")
    for unit in ("scalar", "byte", "grapheme"):
        for file in ("evil.txt", "worse.txt", "graphemes.txt"):
            trial.harmless(["chartok", "--unit", unit, file], "a charset")
            trial.harmless(["chartok", "stats", "--unit", unit, file], "a text measured")
    for line in (EVIL, "U+001B\t" + EVIL + "\t1", "U+0041\t" + EVIL, "#charset 1 unit=" + EVIL, EVIL + "\tA\t1"):
        write("odd.charset", "#charset 1 unit=scalar\n" + line + "\n")
        write("odder.charset", line + "\n")
        for charset in ("odd.charset", "odder.charset"):
            for argv in (["chartok", "check", "-c", charset, "text"], ["chartok", "encode", "-c", charset, "text"],
                         ["chartrain", "-c", charset, "text"],
                         ["charmodel", "import", "--from", "keras", "-c", charset, "model"]):
                trial.harmless(argv, "a charset's line")
    for argv in (["chartok", "check", "-c", "charset", "evil.txt"], ["chartok", "check", "-c", "charset", "worse.txt"],
                 ["chartok", "encode", "-c", "charset", "-o", "ids", "--force", "evil.txt"],
                 ["chartrain", "-c", "charset", "evil.txt"], ["chartrain", "-o", "m", "--force", "worse.txt"],
                 ["charsample", "-m", "model", "--strict", "--prompt", EVIL],
                 ["charsample", "-m", "model", "--avoid", EVIL, "--prompt", "a"],
                 ["charsample", "-m", "model", "--until", EVIL, "--prompt", "a", "--max-length", "5"],
                 ["charsample", "-m", "model", "--match", "(" + EVIL, "--prompt", "a"],
                 ["charscore", "-m", "model", "--strict", "evil.txt"], ["charscore", "-m", "model", "worse.txt"]):
        trial.harmless(argv, "a text")
    shown = trial.harmless(["chartrain", "--layers", "8", "--epochs", "12", "--batch-size", "2", "--force", "-o", "evil",
                            "--display-seed", EVIL, "--log", "-", "evil.txt"], "training on it")
    trial.hold(b"\\x1B" in shown, "training shows what it has learned")
    if not os.path.exists("evil"):
        return
    for more in ([], ["--json"], ["--tsv"], ["--scores"], ["--scores", "--tsv"], ["-u"], ["-0"], ["--no-echo"],
                 ["--until", "\x1b"], ["-t", "0,1"], ["--count", "3"]):
        trial.harmless(["charsample", "-m", "evil", "--seed", "1", "-n", "60", *more], "text written",
                       stdin=(EVIL + "\n" + "a\n").encode())
        trial.harmless(["charsample", "-m", "evil", "--seed", "1", "-n", "9", *more], "bad text", stdin=WORSE)
    for more in ([], ["--json"], ["--per-character"], ["--lint", "--threshold", "0.01"], ["--summary"], ["-u"], ["-0"],
                 ["--whole"], ["--rank"], ["--nats", "--total"], ["-m", "model"], ["--lossy"], ["--field", "1"],
                 ["--per-character", "--json"], ["--carry"]):
        for file in ("evil.txt", "worse.txt"):
            trial.harmless(["charscore", "-m", "evil", *more, file], "text scored")
    for argv in (["charmodel", "info", "evil"], ["charmodel", "info", "--charset", "evil"],
                 ["charmodel", "info", "--json", "evil"]):
        trial.harmless(argv, "a model of it")
    # At the prompt, where what is typed is not echoed here.
    for line in (EVIL.replace("\r", "") + "\n", ":set avoid " + EVIL.replace("\r", "") + "\n", ":" + EVIL[:12] + "\n",
                 ":load " + EVIL[:12] + "\n", ":score " + EVIL[:12] + "\n", ":help\n"):
        for model in ("model", "evil"):
            trial.harmless(["charsample", "-i", "-m", model, "--seed", "1", "-n", "20"], "the prompt",
                           stdin=(line + "\n:settings\n:quit\n").encode())


def models(trial):
    """Models, whose every string is hostile, with digests that are right."""
    import json
    plain = read("model")
    length = struct.unpack_from("<Q", plain)[0]
    head, data = json.loads(plain[8:8 + length]), plain[8 + length:]
    changes = {}
    for key, value in head["__metadata__"].items():
        changes[f"{key} evil"] = {**head, "__metadata__": {**head["__metadata__"], key: EVIL}}
        changes[f"{key} and more"] = {**head, "__metadata__": {**head["__metadata__"], key: value + EVIL}}
        changes[f"no {key}"] = {**head, "__metadata__": {k: v for k, v in head["__metadata__"].items() if k != key}}
    training = json.loads(head["__metadata__"]["training"])

    def trained(record):
        return {**head, "__metadata__": {**head["__metadata__"], "training": json.dumps(record)}}
    for key, value in training.items():
        changes[f"training {key}"] = trained({**training, key: EVIL if key != "options" else {EVIL: EVIL}})
    for key in training["options"]:
        changes[f"option {key}"] = trained({**training, "options": {**training["options"], key: EVIL}})
    changes["options"] = trained({**training, "options": {k: v + EVIL for k, v in training["options"].items()}})
    changes["baselines"] = trained({**training, "baselines": {EVIL: 1.0, "xz": 2.0}})
    changes["metadata"] = {**head, "__metadata__": {**head["__metadata__"], EVIL: EVIL}}
    changes["tensor"] = {**head, EVIL: dict(dtype="F32", shape=[0], data_offsets=[0, 0])}
    first = next(k for k in head if k != "__metadata__")
    changes["tensor, renamed"] = {(EVIL if k == first else k): v for k, v in head.items()}
    changes["dtype"] = {**head, first: {**head[first], "dtype": EVIL}}
    changes["member"] = {**head, first: {**head[first], EVIL: 1}}
    # No file can name another: whatever a string says, nothing else is opened.
    changes["paths"] = trained({**training, "options": {k: "/etc/passwd" for k in training["options"]}})
    for name, header in changes.items():
        text = json.dumps(header).encode()
        text += b" " * (-(len(text) + 8) % 64)
        write("bad", signed(struct.pack("<Q", len(text)) + text + data))
        for argv in (["charmodel", "info", "bad"], ["charmodel", "info", "--json", "bad"],
                     ["charmodel", "verify", "bad"], ["charmodel", "import", "--from", "pytorch", "--force", "-o", "m", "bad"],
                     ["charsample", "-m", "bad", "--prompt", "a", "-n", "3"], ["charscore", "-m", "bad", "--summary", "text"],
                     ["chartrain", "--init-from", "bad", "--epochs", "0", "--force", "-o", "m", "text"],
                     ["chartrain", "--resume", "bad", "text"]):
            trial.harmless(argv, f"a model's {name}")
    # What other programs write.
    must(Run(["charmodel", "export", "--to", "tfjs", "-o", "tfjs", "model"]))
    graph = read("tfjs/model.json").decode()
    strings = sorted(set(re.findall(r'"((?:[^"\\]|\\.)*)"', graph)), key=len)[:80]
    for string in strings:
        write("tfjs/model.json", graph.replace(f'"{string}"', json.dumps(EVIL), 1))
        trial.harmless(["charmodel", "import", "--from", "tfjs", "--force", "-o", "m", "tfjs"], f"tfjs {string[:40]}")
    for path in ("../text", "/etc/passwd", "a/b", "..", "", EVIL):
        if m := re.search(r'"paths":\s*\["([^"]*)"', graph):
            write("tfjs/model.json", graph.replace(f'"{m[1]}"', json.dumps(path)))
            shown = trial.harmless(["charmodel", "import", "--from", "tfjs", "--force", "-o", "m", "tfjs"], "tfjs path")
            trial.hold(b"tfjs" in shown and b"root:" not in shown, f"tfjs path {path!r}: {shown!r}")
    must(Run(["charmodel", "export", "--to", "keras", "-o", "keras.npz", "model"]))
    archive = read("keras.npz")
    for old in (b"arr_0", b"descr", b"fortran_order", b"<f4"):
        write("bad.npz", archive.replace(old, (b"\x1b[31m\x07\x9b" * 3)[:len(old)]))
        shutil.copy("charset", "bad.npz.charset")
        trial.harmless(["charmodel", "import", "--from", "keras", "--force", "-o", "m", "bad.npz"], f"keras {old}")


def links(trial):
    """Another user's links on the way to the models and to the history; only root can make them."""
    if os.geteuid() != 0:
        return print("links of other users: only root can make them", flush=True)
    here = os.getcwd()
    os.makedirs("home/real/share/chartools/models")
    shutil.copy("model", "home/real/share/chartools/models/mine.safetensors")
    ways = {"home/last": ("real/share/chartools/models", "home/last"),
            "home/above": ("real", "home/above/share/chartools/models"),
            "home/behind": (here + "/home/above", "home/behind/share/chartools/models")}
    for name, (target, _) in ways.items():
        os.symlink(target, name)
    for owner, status in ((0, 0), (4242, 66)):
        for name, (_, way) in ways.items():
            # The one behind is root's own, and leads to another's.
            os.lchown("home/above" if name == "home/behind" else name, owner, owner)
            for argv in (["charsample", "-m", "mine", "--prompt", "a", "-n", "2"],
                         ["charscore", "-m", "mine", "--summary", "text"], ["charmodel", "verify", "mine"]):
                run = Run(argv, env={"CHARTOOLS_MODELS": way})
                trial.hold(run.status == status, f"{way} of user {owner}: {run}")
            listed = Run(["charsample", "--list-models"], env={"CHARTOOLS_MODELS": way}).output
            trial.hold((b"mine" in listed) == (owner == 0), f"{way} of user {owner} listed: {listed!r}")
            os.lchown("home/above", 0, 0)
            os.lchown(name, 0, 0)
    os.mkdir("home/state")
    os.symlink("state", "home/.local")
    for owner, kept in ((0, True), (4242, False)):
        os.lchown("home/.local", owner, owner)
        at_terminal(["charsample", "-m", "model", "--seed", "1", "-n", "3"], env={"HOME": here + "/home"},
                    typed=b"a\n:quit\n")
        trial.hold(os.path.exists("home/state/state/chartools") == kept, f"history behind a link of user {owner}")
        shutil.rmtree("home/state/state", ignore_errors=True)


if __name__ == "__main__":
    with Place():
        train("model", "--layers", "2", "--epochs", "1")
        must(Run(["chartok", "-o", "charset", "text"]))
        trial = Shown("also, terminals and links")
        parts = dict(names=names, surroundings=surroundings, texts=texts, models=models, links=links)
        for name in sys.argv[1:] or parts:
            parts[name](trial)
        trial.hold(trial.escaped > 0, "nothing hostile was ever shown")
        fine = trial.end(f"{trial.escaped} times shown escaped")
    sys.exit(0 if fine else 1)
