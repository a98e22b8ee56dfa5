#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time chartools beside PyTorch and Keras on the same work, in turns, and print medians and ratios.

    peers.py BENCHMARK [--rounds N] [--seconds S]

BENCHMARK is the built benchmark program. Each round measures every piece of work once with each tool, one after the
other, each in a process of its own, so that a machine whose speed drifts is unfair to nobody. PyTorch runs in fp32
with one thread and with two, and the faster counts. A tool that is not installed is left out. `make bench-peers`
sets all this up. The output is TAB-separated: work, tool, median characters a second, ours over theirs.
"""
import argparse
import statistics
import subprocess
import sys
import time

# work: our measurements' names, layers, symbols, steps, rows, objective
TRAINING = {
    "train 2x128": ("train-every-2x128", 128, 65, 64, 64, "every"),
    "train 2x256": ("train-every-2x256", 256, 65, 64, 64, "every"),
    "train 2x512": ("train-every-2x512", 512, 65, 64, 64, "every"),
    "train chapter": ("train-chapter", 128, 71, 60, 128, "last"),
}
SAMPLING = {"sample 2x128": ("sample-1-2x128", 128, 65), "sample 2x512": ("sample-1-2x512-together", 512, 65)}


def repeat(seconds, characters, body):
    """Characters a second of `body`, which handles `characters` of them, over about `seconds`."""
    for _ in range(3):
        body()
    count, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        body()
        count += 1
    return characters * count / (time.perf_counter() - begin)


def torch_rate(work, threads, seconds):
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    if work in TRAINING:
        _, size, symbols, steps, rows, objective = TRAINING[work]
        lstm, decoder = nn.LSTM(symbols, size, 2), nn.Linear(size, symbols)
        parameters = [*lstm.parameters(), *decoder.parameters()]
        optimizer = torch.optim.Adam(parameters, 1e-3)
        ids = torch.randint(symbols, (steps + 1, rows))

        def update():
            hidden, _ = lstm(functional.one_hot(ids[:-1], symbols).float())
            logits, targets = (decoder(hidden), ids[1:]) if objective == "every" else (decoder(hidden[-1]), ids[-1])
            loss = functional.cross_entropy(logits.reshape(-1, symbols), targets.reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()

        return repeat(seconds, steps * rows, update)
    _, size, symbols = SAMPLING[work]
    lstm, decoder = nn.LSTM(symbols, size, 2), nn.Linear(size, symbols)
    state, one_hot = None, torch.zeros(1, 1, symbols)

    def write():
        nonlocal state
        hidden, state = lstm(one_hot, state)
        chosen = torch.multinomial(torch.softmax(decoder(hidden[0, 0]) / 0.75, 0), 1)
        one_hot.zero_()
        one_hot[0, 0, chosen] = 1

    with torch.inference_mode():
        return repeat(seconds, 1, write)


def keras_rate(work, seconds):
    import numpy
    import tensorflow as tf

    random = numpy.random.default_rng(1)
    size, symbols, steps, rows = (128, 71, 60, 128) if work == "train chapter" else (SAMPLING[work][1], 65, 60, 1)
    layers = tf.keras.layers
    model = tf.keras.Sequential([
        tf.keras.Input((steps, symbols)), layers.LSTM(size, return_sequences=True), layers.LSTM(size),
        layers.Dense(symbols, activation="softmax")])
    eye = numpy.eye(symbols, dtype="float32")
    if work == "train chapter":
        model.compile(tf.keras.optimizers.RMSprop(0.01), "categorical_crossentropy")
        examples = rows * 20
        windows = eye[random.integers(symbols, size=(examples, steps))]
        targets = eye[random.integers(symbols, size=examples)]
        return repeat(seconds, examples * steps, lambda: model.fit(windows, targets, batch_size=rows, verbose=0))
    run = tf.function(lambda window: model(window, training=False))
    window = eye[random.integers(symbols, size=(1, steps))]

    def write():
        # The chapter's way: the whole window is run again for each character.
        nonlocal window
        odds = run(tf.constant(window)).numpy()[0].astype("float64")
        chosen = random.choice(symbols, p=odds / odds.sum())
        window = numpy.concatenate([window[:, 1:], eye[chosen][None, None]], 1)

    return repeat(seconds, 1, write)


def our_rates(benchmark, name):
    lines = subprocess.run([benchmark, name], check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {row[0]: float(row[1]) for row in rows if row[2] == "chars/s"}


def child(tool, work, threads, seconds):
    command = [sys.executable, __file__, "-", "--one", tool, work, str(threads), "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("benchmark")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        tool, work, threads = options.one
        rate = torch_rate(work, int(threads), options.seconds) if tool == "torch" else keras_rate(work, options.seconds)
        print(rate)
        return
    print("work\ttool\tchars_per_second\tours_over_theirs", flush=True)
    for work, (name, *_) in {**TRAINING, **SAMPLING}.items():
        rates = {}
        for _ in range(options.rounds):
            theirs = {"torch fp32": max((child("torch", work, n, options.seconds) or 0 for n in (1, 2)))}
            if work in ("train chapter", "sample 2x128"):
                theirs["keras"] = child("keras", work, 0, options.seconds) or 0
            for tool, rate in [*theirs.items(), *our_rates(options.benchmark, name).items()]:
                rates.setdefault(tool, []).append(rate)
        medians = {tool: statistics.median(values) for tool, values in rates.items()}
        ours = {tool: rate for tool, rate in medians.items() if tool.startswith(name)}
        for tool, rate in ours.items():
            print(f"{work}\tchartools {tool}\t{rate:.0f}\t", flush=True)
        for tool, rate in medians.items():
            if tool not in ours and rate > 0:
                ratios = ", ".join(f"{mine / rate:.2f} ({one.removeprefix(name).strip('-') or 'fp32'})"
                                   for one, mine in ours.items())
                print(f"{work}\t{tool}\t{rate:.0f}\t{ratios}", flush=True)


if __name__ == "__main__":
    main()
