# SPDX-License-Identifier: GPL-3.0-or-later
"""A soak, row 14: `charsample -n inf` and a training of many small epochs, MINUTES=60 each, side by side.

Held, from the tenth part of the time on: memory grows by less than 1 MB (by a line fitted to sixty samples), and the
speed of the last quarter is at least 0.7 times that of the second. Speed is bytes written a second of the
program's own CPU time, as the machine may have other things to do, or these may be stopped for a while: their process
numbers are written into the file PIDS for that.
"""
import subprocess, sys, time
from common import *

MINUTES = float(os.environ.get("MINUTES") or 60)
SAMPLES = 60


def facts(pid):
    """Resident memory in MB, CPU seconds, and bytes written."""
    with open(f"/proc/{pid}/status") as file:
        memory = next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    with open(f"/proc/{pid}/io") as file:
        written = next(int(line.split()[1]) for line in file if line.startswith("wchar"))
    return memory, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), written


def slope(values):
    """What a line fitted to equally spaced values rises by from one to the next."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    return sum((i - middle) * (v - mean) for i, v in enumerate(values)) / sum(
        (i - middle) ** 2 for i in range(len(values)))


def speed(rows):
    """Bytes a second of CPU time."""
    return (rows[-1][2] - rows[0][2]) / max(rows[-1][1] - rows[0][1], 0.01)


with Place():
    trial = Trial("row 14, soak")
    train("model", "--layers", "32", "--epochs", "1")
    write("prose", PROSE * 4)
    with open("/dev/null", "wb") as nothing:
        children = {
            "charsample -n inf": subprocess.Popen(
                [os.path.join(BIN, "charsample"), "-m", "model", "--prompt", "", "-n", "inf"], stdout=nothing),
            "chartrain": subprocess.Popen(
                [os.path.join(BIN, "chartrain"), "--layers", "16", "--epochs", "1000000", "--patience", "0",
                 "--no-baselines", "--log", "/dev/null", "--checkpoint-every", "1000", "-o", "m", "prose"],
                stderr=nothing)}
    if os.environ.get("PIDS"):
        write(os.environ["PIDS"], "".join(f"{child.pid}\n" for child in children.values()))
    samples = {name: [] for name in children}
    for _ in range(SAMPLES):
        time.sleep(MINUTES * 60 / SAMPLES)
        for name, child in children.items():
            if trial.hold(child.poll() is None, f"{name} ended: {child.returncode}"):
                samples[name].append(facts(child.pid))
    figures = []
    for name, child in children.items():
        child.kill()
        child.wait()
        rows = samples[name]
        if len(rows) < SAMPLES:
            continue
        grown = slope([row[0] for row in rows[SAMPLES // 10:]]) * SAMPLES
        before, after = speed(rows[SAMPLES // 4:SAMPLES // 2]), speed(rows[SAMPLES * 3 // 4:])
        trial.hold(before > 0 and after > 0, f"{name} stood still")
        trial.hold(grown < 1, f"{name}: grown by {grown:.2f} MB: {[round(row[0], 1) for row in rows]}")
        trial.hold(after >= 0.7 * before, f"{name}: {before:.0f} bytes a second of CPU, then {after:.0f}")
        figures.append(f"{name}: {rows[-1][1]:.0f} CPU seconds, {rows[-1][0]:.1f} MB, {grown * 60 / MINUTES:+.3f} MB an hour, "
                       f"speed times {after / max(before, 1):.2f}")
    fine = trial.end(f"{MINUTES:g} minutes; " + "; ".join(figures))
sys.exit(0 if fine else 1)
