# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged and hostile model files, given to everything that reads one.

A model cut at every length; every bit of its header and COUNT random bits of its data turned over; headers made to
harm, with a right digest; models and files of ids that become shorter while they are used. Held: status 65, one line of
message, nothing on standard output, no signal, no file left, 50 ms (CPU time, the best of three: the machine may be
busy), 50 MB. COUNT=10000 SEED=1 STEP=1 FIRST=0 (every STEPth length, bit and checkpoint, beginning with the FIRSTth).
"""
import json, os, shutil, struct, subprocess, sys
from common import *



def readers(path):
    return [
        ["charsample", "-m", path, "--prompt", "a", "-n", "1"],
        ["charscore", "-m", path, "line"],
        ["charmodel", "info", path],
        ["charmodel", "verify", "-q", path],
        ["charmodel", "average", "-o", "out", path, path],
        ["charmodel", "half", "-o", "out", path],
        ["charmodel", "export", "--to", "keras", "-o", "out", path],
        ["charmodel", "export", "--to", "tfjs", "-o", "out", path],
        ["charmodel", "export", "--to", "onnx", "-o", "out", path],
        ["chartrain", "-q", "--init-from", path, "--epochs", "0", "-o", "out", "text"],
        ["charsample", "-m", "-", "--prompt", "a", "-n", "1"],
    ]


def refuse(trial, argv, path, what, milliseconds=50, megabytes=50):
    run = Run(argv, stdin=open(path, "rb") if "-" in argv else b"")
    # verify tells of the files one by one on standard output; all others say it as a message.
    if argv[:2] == ["charmodel", "verify"]:
        fine = run.status in (1, 65) and (run.output + run.messages).count(b"\n") == 1
        trial.hold(fine, f"{what} {run}")
        trial.slowest, trial.largest = max(trial.slowest, run.cpu), max(trial.largest, run.megabytes)
    else:
        trial.refused(run, what=what)
    # What a neighbour of a virtual machine takes counts as the program's: who is slow is slow three times.
    cpu = run.cpu
    for _ in range(2):
        if cpu >= milliseconds / 1000:
            cpu = min(cpu, Run(argv, stdin=open(path, "rb") if "-" in argv else b"").cpu)
    trial.hold(cpu < milliseconds / 1000, f"{what} {argv}: {cpu * 1000:.0f} ms")
    trial.hold(run.megabytes < megabytes, f"{what} {argv}: {run.megabytes:.0f} MB")
    trial.hold(not os.path.exists("out") and not [n for n in os.listdir() if n.startswith(".")],
               f"{what} {argv}: left {os.listdir()}")


def cut(model, checkpoint):
    trial = Trial("row 1, cut at every length")
    for size in share(range(len(model))):
        write("cut", model[:size])
        for argv in readers("cut"):
            refuse(trial, argv, "cut", f"cut to {size}:")
    for size in share(range(len(checkpoint))):
        write("cut", checkpoint[:size])
        refuse(trial, ["chartrain", "-q", "-o", "out", "--resume", "cut", "text"], "cut", f"checkpoint cut to {size}:")
    os.remove("cut")
    return trial.end(f"largest {trial.largest:.0f} MB")


def flipped(model):
    trial = Trial("row 2, bits turned over")
    end = 8 + struct.unpack_from("<Q", model)[0]
    dice_ = dice()
    bits = list(share(range(end * 8)))
    header = len(bits)
    bits += [dice_.randrange(end * 8, len(model) * 8) for _ in range(count(10000))]
    programs = [readers("bent")[i] for i in (0, 1, 2, 9)]
    for number, bit in enumerate(bits):
        bent = bytearray(model)
        bent[bit // 8] ^= 1 << bit % 8
        write("bent", bytes(bent))
        refuse(trial, programs[number % len(programs)], "bent", f"bit {bit}:")
        # With the digest made right again it may be another good model; it must do no harm.
        if bit < end * 8:
            write("bent", signed(bytes(bent)))
            run = Run(programs[number % 2], timeout=20)
            trial.hold(run.status in (0, 65), f"signed, bit {bit}: {run}")
            trial.hold(run.megabytes < 50, f"signed, bit {bit}: {run.megabytes:.0f} MB")
    os.remove("bent")
    return trial.end(f"{header} bits of {end * 8} in the header, {len(bits) - header} of the data, "
                     f"largest {trial.largest:.0f} MB")


def with_header(header, data, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(len(text) + 8) % 64)
    return signed(struct.pack("<Q", len(text) if length is None else length) + text + data)


class Cases(dict):
    """Files under names. They are written at once: what this Python holds would count as the programs' memory."""

    def __setitem__(self, name, data):
        file = f"case{len(self)}"
        write(file, data)
        super().__setitem__(name, file)


def shrinking():
    """Files that others cut short at a random moment of the run, as each is read, mapped, learned from."""
    trial = Trial("row 1, cut short while in use")
    dice_ = dice()
    train("large", "--layers", "400,400", "--epochs", "0")
    must(Run(["chartok", "-o", "charset", "text"]))
    with open("text", "rb") as file:
        write("long", file.read() * 40)
    must(Run(["chartok", "encode", "-c", "charset", "-o", "ids", "long"]))
    training = ["chartrain", "-q", "-c", "charset", "--ids", "bent", "--layers", "8", "--epochs", "2", "--force",
                "--no-baselines", "--checkpoint-every", "10", "-o", "out"]
    cases = [("large", argv) for argv in readers("bent") if "-" not in argv]
    cases += 5 * [("ids", training + more) for more in ([], ["--records"], ["--objective", "last"], ["--for", "1s"])]
    statuses = {}
    for _ in range(max(1, count(1000) // len(cases))):
        for whole, argv in cases:
            shutil.copy(whole, "bent")
            size = os.path.getsize(whole)
            keep = dice_.choice([0, 1, 4096, size - 1, dice_.randrange(size)])
            wait = dice_.random() * (0.05 if whole == "large" else 1)
            other = subprocess.Popen(["sh", "-c", f"sleep {wait}; truncate -s {keep} bent"])
            run = Run(argv)
            other.wait()
            what = f"{argv} cut to {keep} after {wait:.3f} s: {run}"
            statuses[run.status] = statuses.get(run.status, 0) + 1
            isVerify = argv[:2] == ["charmodel", "verify"]
            trial.hold(run.status in ((0, 1, 65, 74) if isVerify else (0, 65, 74)), what)
            trial.hold(run.status == 0 or (run.messages + run.output).count(b"\n") == 1, what)
            trial.hold(run.status in (0, 74) or not os.path.exists("out"), what)
            for name in ("out", "out.checkpoint", "out.charset"):
                if os.path.exists(name) and argv[0] == "chartrain":
                    trial.hold(Run(["charmodel", "verify", "-q", name]).status == 0, f"{name}: {what}")
                if os.path.exists(name):
                    shutil.rmtree(name) if os.path.isdir(name) else os.remove(name)
            trial.hold(not [n for n in os.listdir() if n.startswith(".")], f"{os.listdir()} {what}")
    return trial.end(f"{sum(statuses.values())} runs, statuses {statuses}")


def hostile(model):
    trial = Trial("row 3, hostile headers")
    # Or all would be refused for their digest alone.
    trial.hold(signed(model) == model, "our digest differs from the writer's")
    length = struct.unpack_from("<Q", model)[0]
    head, data = json.loads(model[8:8 + length]), model[8 + length:]
    raw = model[8:8 + length].rstrip()

    def changed(change):
        copy = json.loads(json.dumps(head))
        change(copy)
        return with_header(copy, data)

    first = next(k for k in head if k != "__metadata__")
    last = [k for k in head if k != "__metadata__"][-1]
    cases = Cases()
    for n in (2**64 - 1, 2**63, 2**63 - 1, 2**63 - 8, 2**32, len(model), len(model) - 7, 0, 1, length - 1, length + 1,
              length + 8):
        cases[f"length {n}"] = struct.pack("<Q", n) + model[8:]
    for depth in (100, 10_000, 1_000_000):
        for open_, close in ("[]", ('{"a":', "}")):
            nested = open_.encode() * depth + close.encode() * depth
            cases[f"{depth} times {open_}"] = with_header(b'{"x":' + nested + b"}", data)
            cases[f"whole header {depth} times {open_}"] = with_header(nested, data)
            cases[f"metadata {depth} times {open_}"] = changed(
                lambda h: h["__metadata__"].update(training=nested.decode()))
            cases[f"layers {depth} times {open_}"] = changed(
                lambda h: h["__metadata__"].update(layers=nested.decode()))
            cases[f"charset {depth} times {open_}"] = changed(
                lambda h: h["__metadata__"].update(charset=nested.decode()))
            cases[f"shape {depth} times {open_}"] = with_header(
                raw.replace(b'"shape":[', b'"shape":[' + nested + b",", 1), data)
    cases["33 MB of spaces"] = with_header(raw + b" " * (33 << 20), data)
    for name, value in [("overflow", [2**32, 2**32]), ("overflow to the same", [2**62, 4, 0]),
                        ("huge", [2**63]), ("negative", [-1, -4]), ("float", [1.5, 2]), ("exponent", [1e300, 1]),
                        ("many", [1] * 100_000), ("string", ["8"]), ("null", None), ("none", []), ("zero", [0]),
                        ("million", [1 << 20, 1 << 20])]:
        cases[f"shape {name}"] = changed(lambda h: h[first].update(shape=value))
    for name, value in [("swapped", [100, 0]), ("beyond", [0, 2**40]), ("2^64", [0, 2**64]), ("2^63", [2**63, 2**63]),
                        ("negative", [-4, 0]), ("three", [0, 1, 2]), ("one", [0]), ("empty", [0, 0]),
                        ("hole", [4, 4 + head[first]["data_offsets"][1]]),
                        ("overlap", head[last]["data_offsets"])]:
        cases[f"offsets {name}"] = changed(lambda h: h[first].update(data_offsets=value))
    for dtype in ("F64", "I8", "BOOL", "", "F32 ", "f32", None, 5):
        cases[f"dtype {dtype}"] = changed(lambda h: h[first].update(dtype=dtype))
    cases["tensor away"] = changed(lambda h: h.pop(first))
    cases["tensor more"] = changed(lambda h: h.update(more=dict(dtype="F32", shape=[0], data_offsets=[0, 0])))
    cases["tensor with a path"] = changed(
        lambda h: h.update({"../../etc/passwd": dict(dtype="F32", shape=[0], data_offsets=[0, 0])}))
    cases["tensor with an escape"] = changed(
        lambda h: h.update({"\x1b]0;owned\x07\x1b[31m": dict(dtype="F32", shape=[0], data_offsets=[0, 0])}))
    cases["member more"] = changed(lambda h: h[first].update(more=1))
    cases["duplicate tensor"] = with_header(raw[:-1] + b',"%s":%s}' % (
        first.encode(), json.dumps(head[first]).encode()), data)
    cases["duplicate metadata"] = with_header(raw[:-1] + b',"__metadata__":{}}', data)
    cases["duplicate key"] = with_header(raw.replace(b'"dtype"', b'"dtype":"F32","dtype"', 1), data)
    cases["duplicate metadata key"] = with_header(
        raw.replace(b'"__metadata__":{', b'"__metadata__":{"unit":"scalar",', 1), data)
    cases["duplicate key, escaped"] = with_header(
        raw.replace(b'"__metadata__":{', b'"__metadata__":{"\\u0075nit":"scalar",', 1), data)
    for layers in ("[2147483648]", "[4294967297]", "[9223372036854775807]", "[18446744073709551617]", "[0]", "[-1]",
                   "[]", "[1e9]", "[1.5]", "[" + "1," * 100_000 + "1]", "[\"8\"]", "null", "", "[2",
                   "[1152921504606846976]", "[2, 2147483647]"):
        cases[f"layers {layers[:30]}"] = changed(lambda h: h["__metadata__"].update(layers=layers))
    for charset in ("[]", "null", "[null]", "[null,null]", '["a","a"]', '["ab"]', '[""]', "[1]", '["\\ud800"]',
                    "[" + ",".join('"a"' for _ in range(100_000)) + "]", '["\\u0000"'):
        cases[f"charset {charset[:30]}"] = changed(lambda h: h["__metadata__"].update(charset=charset))
    for key in ("format", "version", "unit", "charset", "layers", "digest"):
        cases[f"no {key}"] = changed(lambda h: h["__metadata__"].pop(key))
        cases[f"{key} odd"] = changed(lambda h: h["__metadata__"].update({key: "\x1b[31m\0"}))
        cases[f"{key} a number"] = changed(lambda h: h["__metadata__"].update({key: 1}))
    cases["unit byte"] = changed(lambda h: h["__metadata__"].update(unit="byte"))
    cases["invalid UTF-8 key"] = with_header(raw[:-1] + b',"\xff\xfe":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}', data)
    cases["raw control in a string"] = with_header(raw[:-1] + b',"a\x01b":1}', data)
    cases["lone surrogate"] = with_header(raw[:-1] + b',"\\ud800":1}', data)
    cases["long number"] = with_header(raw.replace(b'"shape":[', b'"shape":[' + b"9" * 1_000_000 + b",", 1), data)
    cases["after the end"] = with_header(raw + b"{}", data)
    cases["no object"] = with_header(b"[]", data)
    for name, value in (("NaN", float("nan")), ("infinity", float("inf")), ("-infinity", float("-inf"))):
        for at in (0, len(data) // 8 * 4, len(data) - 4):
            cases[f"{name} at {at}"] = signed(model[:8 + length] + data[:at] + struct.pack("<f", value) + data[at + 4:])
    for name, file in cases.items():
        os.rename(file, "bad")
        for argv in readers("bad"):
            # A header of 30 MB, which may be a charset's, is read; it is mapped, and so counts as memory.
            large = os.path.getsize("bad") > 1_000_000
            refuse(trial, argv, "bad", f"{name}:", 2000 if large else 50, 130 if large else 50)
    # 4 GB that are announced and there, as a hole.
    with open("bad", "wb") as file:
        file.write(struct.pack("<Q", (4 << 30) - 8) + b'{"a":"')
        file.truncate(4 << 30)
    for argv in readers("bad"):
        refuse(trial, argv, "bad", "4 GB header:")
    os.remove("bad")
    return trial.end(f"{len(cases) + 1} headers, largest {trial.largest:.0f} MB, slowest {trial.slowest * 1000:.0f} ms")


def checkpoints(checkpoint):
    """Every field of a checkpoint, and every option in it, with values that it should not have; digest right."""
    trial = Trial("row 3, hostile checkpoints")
    length = struct.unpack_from("<Q", checkpoint)[0]
    head, data = json.loads(checkpoint[8:8 + length]), checkpoint[8 + length:]
    values = ["", "0", "1", "-1", "3", "1000", "2147483647", "4294967296", "9223372036854775807",
              "9223372036854775808", "18446744073709551615", "-9223372036854775808", "1e308", "1e999", "-0.0", "nan",
              "inf", "-inf", "1e-320", "0.5", "x", "null", "bf16", "last", "every", "true", "\x1b[31m"]
    meta = head["__metadata__"]
    training = json.loads(meta["training"])
    files = []
    for key in meta:
        if key.startswith("resume."):
            files += [(f"{key} {value!r}", lambda m, t, k=key, v=value: m.update({k: v})) for value in values]
            files.append((f"no {key}", lambda m, t, k=key: m.pop(k)))
    for key in training["options"]:
        files += [(f"option {key} {value!r}", lambda m, t, k=key, v=value: t["options"].update({k: v}))
                  for value in values]
        files.append((f"no option {key}", lambda m, t, k=key: t["options"].pop(k)))
    for key in training:
        if key != "options":
            files += [(f"{key} {value!r}", lambda m, t, k=key, v=value: t.update({k: v}))
                      for value in values + [0, -1, 2**63 - 1, 2**64, 1e308, [], {}]]
    for key in ("ids", "records", "shuffle", "for", "averaging", "examples-per-epoch", "sample-step", "weight-decay"):
        files += [(f"more option {key} {value!r}", lambda m, t, k=key, v=value: t["options"].update({k: v}))
                  for value in values]
    ended = {}
    for name, change in share(files):
        copy, inner = dict(meta), json.loads(json.dumps(training))
        change(copy, inner)
        copy["training"] = json.dumps(inner, ensure_ascii=False)
        write("bad", with_header({**head, "__metadata__": copy}, data))
        # What is no error may be a run without end: it is interrupted when it has been at work.
        run = Run(["chartrain", "-q", "--no-baselines", "--display-length", "0", "--force", "-o", "out", "--resume",
                   "bad", "text"], interrupt_after=0.1)
        ended[run.status] = ended.get(run.status, 0) + 1
        trial.hold(run.status in (0, -2) or run.status in (65, 70, 64) and run.messages.startswith(b"chartrain: ")
                   and (run.messages.count(b"\n") == 1 or run.status == 70), f"{name}: {run}")
        trial.hold(run.megabytes < 100, f"{name}: {run.megabytes:.0f} MB")
        for left in ("out", "out.checkpoint", "bad.checkpoint"):
            if os.path.exists(left):
                os.remove(left)
    os.remove("bad")
    return trial.end(f"statuses {ended}")


with Place():
    write("line", "abc\n")
    model = train("model", "--layers", "2", "--epochs", "1", text="text",
                  words="abcabacabcbacbacbac\nabcabc\n" * 4)
    # A checkpoint that an interrupt leaves: a run is told to write one at every update, and killed.
    from kills import leave_checkpoint
    checkpoint = leave_checkpoint("text", "--layers", "2")
    chosen = sys.argv[1:] or ["cut", "flipped", "shrinking", "hostile", "checkpoints"]
    fine = [dict(cut=lambda: cut(model, checkpoint), flipped=lambda: flipped(model),
                 shrinking=shrinking, hostile=lambda: hostile(model), checkpoints=lambda: checkpoints(checkpoint))[name]() for name in chosen]
sys.exit(0 if all(fine) else 1)
