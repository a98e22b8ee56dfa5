# SPDX-License-Identifier: GPL-3.0-or-later
"""Random configurations, trained by chartrain and by `formulas.py`, in double precision.

Row 13: COUNT=200 random choices of documents, layers, batch, length, objective, optimizer, schedule, dropout and the
rest are trained for some updates from a model of random values, at every instruction set and in each precision that it
has. Held: the same updates are made; each tensor of the model that is saved ends where the formulas take it; and so do
the losses, while training and on what is held out. How near is said with BOUNDS. Needs numpy. SEED=1.
"""
import json, os, sys
# More threads would only wait for each other over matrices this small.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np
from common import *
from formulas import *

# How far apart a tensor may end, as a part of the way it went, and how far apart losses may be, in nats.
#
# A sum of some hundred floats is right to about 1e-6 of its largest terms. Where they cancel, an adaptive optimizer
# makes as large a step of what is left as of any other; so it is with f (1 - f) of a gate that is nearly 1. A tensor's
# way is right to 1e-4 in nearly all runs and was 3e-3 off in one. Wrong formulas, tried by hand, made losses differ by
# more than 1e-5 or a way by more than 1e-2. In bf16 the formulas round what the program rounds, but an operand near the
# border of two bfloat16s may fall on either side of it, 1/256 apart. How much that matters differs from one network to
# the next, so there, what rounding changes in the formulas is allowed beside the bound.
BOUNDS = {"fp32": (1e-2, 1e-5), "bf16": (2e-2, 1e-3)}

SIZES, BATCHES, LENGTHS = [1, 2, 3, 5, 8, 16, 17, 33], [1, 2, 3, 7, 16, 33], [1, 2, 5, 16, 40]


def tensors(data):
    """A model's metadata, and of each tensor its values and where in the file they begin."""
    size = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:size])
    metadata = header.pop("__metadata__")
    found = {}
    for name, entry in header.items():
        begin, end = (size + offset for offset in entry["data_offsets"])
        found[name] = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]), begin
    return metadata, found


def parameters(data):
    """A model's metadata, and its values by the names of `formulas.py`."""
    metadata, found = tensors(data)
    values = {name: value.astype(float) for name, (value, _) in found.items()}
    out = {"w": values["decoder.weight"], "b": values["decoder.bias"]}
    for k in range(len(json.loads(metadata["layers"]))):
        out |= {f"w{k}": values[f"lstm.weight_ih_l{k}"], f"r{k}": values[f"lstm.weight_hh_l{k}"],
                f"b{k}": values[f"lstm.bias_ih_l{k}"] + values[f"lstm.bias_hh_l{k}"]}
    return metadata, out


def randomized(data, seed, strength, coupled):
    """The model with random numbers for values, in both biases of a layer too."""
    random, out = np.random.default_rng(seed), bytearray(data)
    for name, (value, begin) in tensors(data)[1].items():
        spread = 0.5 if value.ndim == 1 else strength / np.sqrt(min(value.shape[1], 16))
        drawn = random.normal(0, spread, value.shape).astype("<f4")
        if coupled and name.startswith("lstm."):
            couple({name: drawn})
        out[begin:begin + value.nbytes] = drawn.tobytes()
    return signed(bytes(out))


def configuration(dice_):
    """What is trained, and how: the documents, and options by the names of `formulas.py`."""
    pick = dice_.choice
    o = {"layers": [pick(SIZES) for _ in range(dice_.randrange(1, 4))], "batch": pick(BATCHES), "length": pick(LENGTHS),
         "objective": pick(["every", "every", "last"]), "optimizer": pick(["adam", "adam", "rmsprop"]),
         "cell": pick(["lstm", "coupled"]),
         "epochs": dice_.randrange(1, 4), "seed": dice_.randrange(2**32), "clip": pick([0, 1, 0.1]),
         "dropout": pick([0, 0, 0.2, 0.5]), "split": pick([0, 0, 0.2]), "rate": pick([0.001, 0.01, 0.03]),
         "inner": pick([1, 0.4]), "averaging": pick([0, 0, 0.9]), "cooldown": pick([0.3, 0.5]),
         "schedule": pick(["constant", "trapezoid", "cosine"]), "sample_step": pick([1, 3])}
    o["early"] = min(o["length"], pick(LENGTHS))
    o["examples"] = o["batch"] * dice_.randrange(1, 5)
    adam = o["optimizer"] == "adam"
    o |= {"beta1": pick([0, 0, 0.9]) if adam else 0, "beta2": pick([0.99, 0.999]) if adam else 0.9,
          "decay": pick([0, 0.1]) if adam else 0}
    letters = "abcdefghijklmnop\u00e9\u65e5 "[:dice_.randrange(2, 19)] + "\n" * pick([0, 1])
    length = min(o["batch"] * o["early"] * dice_.randrange(1, 8) + dice_.randrange(2, 12), 2000)
    parts = pick([1, 1, 2, 3])
    return o, ["".join(pick(letters) for _ in range(length // parts + 2)) for _ in range(parts)]


def arguments(o):
    """The options as chartrain takes them."""
    named = {"batch-size": "batch", "sequence-length": "length", "learning-rate": "rate", "inner-rate": "inner",
             "validation-split": "split"}
    named |= {name: name for name in ("objective cell optimizer epochs seed clip dropout averaging schedule cooldown "
                                      "beta2").split()}
    if o["objective"] == "every":
        named["early-sequence-length"] = "early"
    else:
        named |= {"examples-per-epoch": "examples", "sample-step": "sample_step"}
    if o["optimizer"] == "adam":
        named |= {"beta1": "beta1", "weight-decay": "decay"}
    return [word for option, name in named.items() for word in (f"--{option}", str(o[name]))]


def farthest_tensor(begin, ours, theirs, updates):
    """How far apart the two ends of a tensor are, of all tensors the most, as a part of the way that theirs went.

    Each update rounds each parameter to a float, half a unit in the last place off at most: that is taken off first.
    """
    most = 0
    for name in begin:
        apart = np.linalg.norm(theirs[name] - ours[name]) - updates * 2**-24 * np.linalg.norm(theirs[name])
        most = max(most, apart / max(np.linalg.norm(theirs[name] - begin[name]), 1e-30))
    return most


class Comparison:
    def __init__(self, trial):
        self.trial, self.farthest, self.updates = trial, {}, 0

    def near(self, kind, precision, far, rounding, what):
        key = f"{precision} {kind}"
        self.farthest[key] = max(self.farthest.get(key, 0), far)
        self.trial.hold(far <= BOUNDS[precision][kind != "way"] + rounding,
                        f"{what}: {kind} {far:.1e} apart, rounding makes {rounding:.1e}")

    def run(self, o, documents, begin, runs):
        """Trains from the model `begin`; `runs` are pairs of an instruction set and a precision, fp32 first."""
        names = [f"text{n}" for n in range(len(documents))]
        for name, document in zip(names, documents):
            write(name, document)
        metadata, first = parameters(read(begin))
        charset = json.loads(metadata["charset"])
        ids = [charset.index(letter) for document in documents for letter in document]
        text = Text(ids, np.cumsum([len(document) for document in documents])[:-1],
                    charset.index("\n") if "\n" in charset else None)
        held = int(len(ids) * o["split"])
        ends, coupled = {}, o["cell"] == "coupled"
        for isa, precision in runs:
            what = f"{isa} {precision} {o}"
            if os.path.exists("log"):
                os.remove("log")
            options = ["--init-from", begin, "--precision", precision, "--log", "log", "--log-format", "jsonl"]
            run = must(Run(["chartrain", "-q", "--no-baselines", "--display-length", "0", "--threads", "1", *options,
                            *arguments(o), "--force", "-o", "end", *names], env={"CHARTOOLS_ISA": isa}))
            self.trial.hold(not run.messages, f"{what}: {run}")
            if precision not in ends:
                ends[precision] = train(first, text, len(ids) - held, o, precision == "bf16")
            rows = [json.loads(line) for line in read("log").splitlines()[1:]]
            steps = [end.step for end in ends[precision]]
            if not self.trial.hold([row["step"] for row in rows] == steps, f"{what}: {steps}, {rows}"):
                continue
            self.updates += steps[-1]
            for row, end, other in zip(rows, ends[precision], ends["fp32"]):
                if end.nats is not None:
                    far, rounding = (abs(nats - end.nats) for nats in (row["train_nats"], other.nats))
                    self.near("training loss", precision, far, rounding, what)
            metadata, ours = parameters(read("end"))
            record = json.loads(metadata["training"])
            # With a part held out, the model of the best check is saved.
            end, other = (ends[of][steps.index(record["steps"])] for of in (precision, "fp32"))
            self.near("way", precision, farthest_tensor(first, ours, end.values, end.step),
                      farthest_tensor(first, other.values, end.values, end.step), what)
            nats, exact_nats = (text.loss(Network(values, o["layers"], coupled), len(ids) - held, o) if held else None
                                for values in (end.values, other.values))
            told = record.get("heldout_nats")
            if self.trial.hold((nats is None) == (told is None), f"{what}: {nats}, {record}") and told is not None:
                self.near("held-out loss", precision, abs(told - nats), abs(nats - exact_nats), what)


with Place():
    trial = Trial("row 13, the formulas")
    dice_ = dice()
    levels = instruction_sets()
    runs = [(isa, "fp32") for isa in levels] + [(isa, "bf16") for isa in levels if isa in ("bf16", "amx")]
    comparison = Comparison(trial)
    number = count(200)
    for _ in range(number):
        o, documents = configuration(dice_)
        write("all", "".join(documents))
        must(Run(["chartrain", "-q", "--force", "--layers", ",".join(map(str, o["layers"])), "--epochs", "0", "-o",
                  "begin", "all"]))
        # Not stronger: a gate that is 1 but for a float's rounding has lost its gradient f (1 - f) in fp32.
        write("begin", randomized(read("begin"), o["seed"], dice_.choice([0.5, 1, 1]),
                                  o["cell"] == "coupled"))
        comparison.run(o, documents, "begin", runs)
    fine = trial.end(
        f"{number} configurations, {comparison.updates} updates, levels {' '.join(levels)}; farthest: "
        + ", ".join(f"{key} {far:.1e}" for key, far in comparison.farthest.items()))
sys.exit(0 if fine else 1)
