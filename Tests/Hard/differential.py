# SPDX-License-Identifier: GPL-3.0-or-later
"""Random configurations, trained at every instruction set and on different numbers of threads.

Row 13, against our own oracle, the portable kernels: COUNT=200 random choices of layers, batch, length, objective,
optimizer and text are trained for three epochs. Held: fp32 at AVX2 and AVX-512 gives a held-out loss within 1e-3 nats of
the portable one, bf16 within 0.05; the same bytes on one thread and on three; and a text sampled at temperature 0.75
from the one model is the same at every level. SEED=1.
"""
import re, sys
from common import *


def heldout(run):
    found = re.search(rb'"heldout_nats":\s*([0-9.]+)', run.output)
    return float(found[1]) if found else None


with Place():
    trial = Trial("row 13, random configurations")
    dice_ = dice()
    write("t", "abcd\n" * 20)
    levels = instruction_sets()
    farthest = {}
    for number in range(count(200)):
        letters = "abcdefghijklmnop\u00e9\u65e5 \n"[:dice_.randrange(3, 20)] + "\n"
        write("text", "".join(dice_.choice(letters) for _ in range(dice_.choice([30, 200, 1000, 3000]))))
        objective = dice_.choice(["every", "every", "last"])
        options = ["--layers", ",".join(str(dice_.choice([1, 3, 5, 8, 16, 17, 33])) for _ in range(dice_.randrange(1, 4))),
                   "--batch-size", str(dice_.choice([1, 2, 3, 7, 16, 33])), "--objective", objective,
                   "--sequence-length", str(dice_.choice([1, 2, 5, 16, 40])),
                   "--optimizer", dice_.choice(["adam", "rmsprop"]), "--epochs", "3", "--seed", str(number),
                   "--cell", dice_.choice(["lstm", "coupled"]),
                   "--dropout", dice_.choice(["0", "0.2"]), "--clip", dice_.choice(["0", "1"]),
                   "--validation-split", dice_.choice(["0.1", "0.3"]), "--learning-rate", "0.01"]
        if objective == "last":
            options += ["--examples-per-epoch", "50"]
        losses, statuses = {}, {}
        for isa in levels:
            for precision in ("fp32", "bf16") if isa in ("bf16", "amx") else ("fp32",):
                for threads in ("1", "3"):
                    run = Run(["chartrain", "-q", "--no-baselines", "--display-length", "0", "--precision", precision,
                               "--threads", threads, *options, "--force", "-o", "m" + threads, "text"],
                              env={"CHARTOOLS_ISA": isa})
                    statuses[isa, precision, threads] = (run.status, run.messages)
                if run.status == 0:
                    trial.hold(read("m1") == read("m3"), f"{isa} {precision} threads: {options}")
                    losses[isa, precision] = heldout(Run(["charmodel", "info", "--json", "m1"]))
                    if isa == levels[0]:
                        os.replace("m3", "reference")
        trial.hold(len(set(statuses.values())) == 1 and run.status in (0, 65), f"{options}: {statuses}")
        if run.status:
            continue
        reference = losses[levels[0], "fp32"]
        for (isa, precision), loss in losses.items():
            if not trial.hold(loss is not None and reference is not None, f"{options}: {losses}"):
                continue
            far = abs(loss - reference)
            key = precision if precision == "bf16" else "fp32"
            farthest[key] = max(farthest.get(key, 0), far)
            trial.hold(far < (0.05 if precision == "bf16" else 1e-3), f"{options}: {losses}")
        texts = {Run(["charsample", "-m", "reference", "--prompt", "", "--seed", "1", "-n", "50"],
                     env={"CHARTOOLS_ISA": isa}).output for isa in levels}
        trial.hold(len(texts) == 1, f"{options}: {texts}")
    fine = trial.end(f"levels {' '.join(levels)}; farthest from portable, nats: "
                     + ", ".join(f"{k} {v:.1e}" for k, v in farthest.items()))
sys.exit(0 if fine else 1)
