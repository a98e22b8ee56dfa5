# SPDX-License-Identifier: GPL-3.0-or-later
"""A soak, row 14: `charsample -n inf` and a training of many small epochs, MINUTES=60 each, side by side.

Held: the memory of the second half grows by less than 1 MB, and the speed (of writing) of the last quarter is at
least 0.7 times that of the second; speed is counted per second of CPU time, as the machine may be busy.
"""
import subprocess, sys, threading, time
from common import *

MINUTES = float(os.environ.get("MINUTES") or 60)


def facts(pid):
    with open(f"/proc/{pid}/status") as file:
        memory = next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    with open(f"/proc/{pid}/io") as file:
        written = next(int(line.split()[1]) for line in file if line.startswith("wchar"))
    return memory, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), written


with Place():
    trial = Trial("row 14, soak")
    train("model", "--layers", "32", "--epochs", "1")
    with open("/dev/null", "wb") as nothing:
        children = {
            "charsample -n inf": subprocess.Popen(
                [os.path.join(BIN, "charsample"), "-m", "model", "--prompt", "", "-n", "inf"], stdout=nothing),
            "chartrain": subprocess.Popen(
                [os.path.join(BIN, "chartrain"), "--layers", "16", "--epochs", "100000000", "--no-baselines", "--log",
                 "/dev/null", "--checkpoint-every", "1000", "-o", "m", "text"], stderr=nothing)}
    samples = {name: [] for name in children}
    for _ in range(20):
        time.sleep(MINUTES * 60 / 20)
        for name, child in children.items():
            if trial.hold(child.poll() is None, f"{name} ended: {child.returncode}"):
                samples[name].append(facts(child.pid))
    figures = []
    for name, child in children.items():
        child.kill()
        child.wait()
        rows = samples[name]
        if len(rows) < 20:
            continue
        growth = rows[-1][0] - rows[10][0]
        speeds = [(b[2] - a[2]) / max(b[1] - a[1], 0.01) for a, b in ((rows[5], rows[10]), (rows[14], rows[19]))]
        trial.hold(growth < 1, f"{name}: memory {rows[10][0]:.1f} MB, then {rows[-1][0]:.1f} MB")
        trial.hold(speeds[1] >= 0.7 * speeds[0], f"{name}: {speeds[0]:.0f} bytes a second, then {speeds[1]:.0f}")
        figures.append(f"{name} {rows[-1][0]:.1f} MB, grown by {growth:.2f}, speed times {speeds[1] / max(speeds[0], 1):.2f}")
    fine = trial.end(f"{MINUTES:g} minutes; " + "; ".join(figures))
sys.exit(0 if fine else 1)
