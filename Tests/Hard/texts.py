# SPDX-License-Identifier: GPL-3.0-or-later
"""UTF-8 at its borders, and texts of odd shapes and sizes.

Row 5: every sequence of one to four bytes from a set around the borders of UTF-8, against Python's decoder, in
COUNT=20000 texts (if that is all 243,378, every STEPth, beginning with the FIRSTth), cut by pipes at every byte; the
offset in the message is that of the first bad byte. Row 6: empty, one character, no final newline, CRLF, NUL, BOM,
MEGABYTES=100 on one line, 2^20 distinct characters, and STREAM=1000 MB that a generator streams; with the memory of
each.
"""
import itertools, os, re, subprocess, sys, threading, time
from common import *

MEGABYTES = int(os.environ.get("MEGABYTES") or 100)
STREAM = int(os.environ.get("STREAM") or 1000)
BORDERS = [0x00, 0x0A, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0,
           0xF4, 0xF5, 0xF8, 0xFF]


def through_pipe(argv, pieces):
    """Runs with standard input that comes in these pieces, a read each."""
    child = subprocess.Popen([os.path.join(BIN, argv[0]), *argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env={}, bufsize=0)
    try:
        for piece in pieces:
            child.stdin.write(piece)
            time.sleep(0.002)
    except BrokenPipeError:
        pass
    out, err = child.communicate()
    return child.returncode, out, err


def utf8():
    trial = Trial("row 5, UTF-8")
    dice_ = dice()
    sequences = [bytes(s) for n in (1, 2, 3, 4) for s in itertools.product(BORDERS, repeat=n)]
    valid, bad = [], []
    for s in sequences:
        try:
            s.decode()
            valid.append(s)
        except UnicodeDecodeError:
            bad.append(s)
    # All that is valid in one text, with what Python says that its characters are.
    text = b"".join(valid)
    write("valid", text)
    run = must(Run(["chartok", "valid"]))
    listed = [int(line.split("\t")[0][2:], 16) for line in run.output.decode().split("\n")[1:] if line]
    trial.hold(listed == sorted({ord(c) for c in text.decode()}), "the characters of all valid sequences")
    write("charset", run.output)
    ids = must(Run(["chartok", "encode", "-c", "charset", "valid"])).output
    trial.hold(must(Run(["chartok", "decode", "-c", "charset"], stdin=ids)).output == text, "encode and decode")
    # What is not, each alone behind some text.
    chosen = bad if count(20000) >= len(bad) else dice_.sample(bad, count(20000))
    chartok = os.path.join(BIN, "chartok")
    for s in share(chosen) if len(chosen) == len(bad) else chosen:
        before = b"ab\xc3\xa9\n" * dice_.randrange(3)
        whole = before + s + b"tail\n"
        try:
            whole.decode()
            continue
        except UnicodeDecodeError as error:
            offset, line = error.start, before[:error.start].count(b"\n") + 1
        line = whole[:offset].count(b"\n") + 1
        run = subprocess.run([chartok], input=whole, capture_output=True, env={})
        said = re.search(rb"stdin:(\d+): .*offset (\d+)", run.stderr)
        trial.hold(run.returncode == 65 and said and int(said[1]) == line and int(said[2]) == offset,
                   f"{whole!r}: line {line}, offset {offset}; {run}")
    # --lossy: as Python replaces, one U+FFFD for each longest beginning of a character.
    soup = [b"".join(dice_.choice(sequences) for _ in range(50)) for _ in range(200)]
    write("soup", b"\n".join(soup))
    must(Run(["chartok", "--lossy", "-o", "repaired", "soup"]))
    for s in soup:
        run = must(Run(["chartok", "encode", "--lossy", "-c", "repaired"], stdin=s))
        back = must(Run(["chartok", "decode", "-c", "repaired"], stdin=run.output)).output
        trial.hold(back == s.decode(errors="replace").encode(), f"--lossy: {s!r}")
    # Cut at every byte between two reads: same ids, same message.
    text = "a\u00e9\u65e5\U0001f600\n\u07ff\u0800\uffff\U00010000\U0010ffff e\u0301\r\nz".encode()
    write("text8", text)
    must(Run(["chartok", "--force", "-o", "charset", "text8"]))
    train("model8", "--layers", "2", "--epochs", "0", "-c", "charset", text="text8")
    for data in (text, text[:-1] + b"\xe6\x97", text + b"\xf0\x9f\x98", text[:10] + b"\xff" + text[10:]):
        for argv in (["chartok", "encode", "-c", "charset"], ["charscore", "-m", "model8"],
                     ["charsample", "-m", "model8", "--seed", "1", "--whole", "-n", "3"],
                     ["chartok", "--unit", "grapheme"]):
            usual = through_pipe(argv, [data])
            for cut in range(1, len(data)):
                run = through_pipe(argv, [data[:cut], data[cut:]])
                trial.hold(run == usual, f"cut at {cut}: {argv} {run} in place of {usual}")
            run = through_pipe(argv, [data[i:i + 1] for i in range(len(data))])
            trial.hold(run == usual, f"byte by byte: {argv} {run} in place of {usual}")
    return trial.end(f"{len(valid)} valid sequences, {len(bad)} bad ones")


def shapes():
    trial = Trial("row 6, shapes of input")
    figures = []
    train("model", "--layers", "8", "--epochs", "1")
    must(Run(["chartok", "--force", "-o", "charset", "text"]))
    small = {"empty": b"", "one": b"x", "newline": b"\n", "no newline": b"abc", "CRLF": b"ab\r\ncd\r\n", "NUL": b"a\0b\n",
             "BOM": b"\xef\xbb\xbfabc\n", "newlines": b"\n" * 1000, "one line": b"a" * 100_000}
    for name, data in small.items():
        write("in", data)
        lines = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
        run = Run(["chartok", "in"])
        trial.hold(run.status == (0 if data else 65), f"{name}: {run}")
        run = Run(["charscore", "-m", "model", "in"])
        # Lines come out as they came in, behind a figure.
        back = b"".join(line.split(b"\t", 1)[1] for line in run.output.splitlines(keepends=True)
                        if b"\t" in line) if b"\r" not in data else None
        trial.hold(run.status == 0 and run.output.count(b"\n") == lines, f"{name}: {run}")
        if back is not None:
            trial.hold(back.rstrip(b"\n") == data.rstrip(b"\n") or b"\n\n" in data, f"{name}: {back[:80]!r}")
        for options in (["--json"], ["--tsv"], ["--null"]):
            run = Run(["charsample", "-m", "model", "-n", "2", "--seed", "1", *options], stdin=data)
            expected = lines if options != ["--null"] else data.count(b"\0") + (bool(data) and data[-1:] != b"\0")
            end = b"\0" if options == ["--null"] else b"\n"
            trial.hold(run.status == 0 and run.output.count(end) == expected, f"{name}: {expected} {run}")
        run = Run(["chartrain", "-q", "--epochs", "1", "--layers", "8", "-o", "m", "--force", "in"])
        # Two characters at least can be learned from, and held out.
        trial.hold(run.status in ((65,) if len(data) < 2 else (0, 65)), f"{name}: {run}")
        trial.hold(run.status == 0 or run.messages.count(b"\n") == 1, f"{name}: {run}")
    # Many distinct characters: refused with a hint, but folded if asked.
    write("distinct", "".join(chr(c) for c in range(0x10, 0x10_0800 + 16) if not 0xD800 <= c < 0xE000))
    run = Run(["chartok", "distinct"])
    trial.hold(run.status == 65 and b"--max-size" in run.messages, f"2^20 distinct characters: {run}")
    figures.append(f"2^20 characters {run.megabytes:.0f} MB")
    trial.hold(Run(["chartok", "--max-size", "100", "distinct"]).status == 0, "2^20 distinct, --max-size")
    run = Run(["chartrain", "-q", "-o", "m2", "--epochs", "0", "distinct"])
    trial.hold(run.status == 65, f"2^20 distinct, chartrain: {run}")
    # Long lines, and long streams, generated.
    line = f"yes abcdefghi | head -c {MEGABYTES}000000 | tr '\\n' ' '"
    stream = f"yes 'The cat sat on the mat.' | head -c {STREAM}000000"
    for name, source, argv, bound in [
            ("one line, chartok", line, ["chartok"], 30),
            ("one line, chartok stats", line, ["chartok", "stats"], 30),
            ("one line, encode", line, ["chartok", "encode", "-c", "line.charset"], 30),
            ("one line, charscore --summary", line.replace(str(MEGABYTES) + "000000", f"{MEGABYTES // 10 or 1}000000"),
             ["charscore", "-m", "model", "--summary"], 100),
            ("one line, charsample", line.replace(str(MEGABYTES) + "000000", f"{MEGABYTES // 10 or 1}000000"),
             ["charsample", "-m", "model", "-q", "-n", "1", "--json"], 200),
            ("stream, chartok", stream, ["chartok"], 30),
            ("stream, encode", stream, ["chartok", "encode", "-c", "stream.charset"], 30),
            ("stream, charscore", stream.replace(f"{STREAM}000000", f"{max(1, STREAM // 50)}000000"),
             ["charscore", "-m", "model"], 60)]:
        write("line.charset", must(Run(["chartok"], stdin=b"abcdefghi \n")).output)
        write("stream.charset", must(Run(["chartok"], stdin=b"The cat sat on the mat.\n")).output)
        feeder = subprocess.Popen(["sh", "-c", source], stdout=subprocess.PIPE)
        with open("/dev/null", "wb") as nothing:
            run = Run(argv, stdin=feeder.stdout, timeout=900, stdout=nothing)
        feeder.stdout.close()
        feeder.wait()
        trial.hold(run.status == 0, f"{name}: {run}")
        trial.hold(run.megabytes < bound, f"{name}: {run.megabytes:.0f} MB, should be under {bound}")
        figures.append(f"{name} {run.megabytes:.0f} MB {run.seconds:.1f} s")
    return trial.end("; ".join(figures))


if __name__ == "__main__":
    with Place():
        chosen = sys.argv[1:] or ["utf8", "shapes"]
        fine = [dict(utf8=utf8, shapes=shapes)[name]() for name in chosen]
    sys.exit(0 if all(fine) else 1)
