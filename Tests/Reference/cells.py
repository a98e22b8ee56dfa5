#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cells.py TEXT CELL SEED: what another cell would gain, at the standard recipe for one pass of 128,128 on one thread.

The recipe once more, in PyTorch and in fp32, so `cells.py TEXT plain SEED` is a second implementation of `chartrain
--layers 128,128 --epochs 1 --cell lstm`, with other random numbers. Prints TEXT, CELL, SEED, held-out nats and seconds, TAB-separated.
CELL is one or several, joined by +, of

    plain     nothing else
    coupled   i = 1 - f
    capped    i no more than 1 - f
    peephole  gates see the cell
    norm      layer normalisation of both halves of the gates, and of the cell that is shown
    zoneout   the cell stays as it was with probability 0.05
    all-out   the decoder reads both layers
    all-in    the upper layer reads the symbol, too
    sum       the decoder reads the sum of both layers
    bigram    the decoder gets a row of logits by the last symbol

.build/peers/bin/python, as `make bench-peers` makes it, has PyTorch.
"""
import math
import sys
import time

import torch
from torch.nn.functional import cross_entropy, layer_norm

SIZE, ROWS, EARLY, LATE = 128, 16, 16, 64
EARLY_PART, RISE, FALL = 0.3, 0.05, 0.3
RATE, INNER, DECAY, CLIP = 0.018, 0.4, 0.01, 1.0
CELLS = {"plain", "coupled", "capped", "peephole", "norm", "zoneout", "all-out", "all-in", "sum", "bigram"}
SCORED_ROWS, RUN_IN = 64, 256


class Network:
    def __init__(self, symbols, cell):
        self.cell = cell

        def uniform(*shape, within):
            return (torch.rand(*shape) * 2 - 1) * within

        root = math.sqrt(SIZE)
        values = {"table": uniform(symbols, 4 * SIZE, within=2), "input1": uniform(SIZE, 4 * SIZE, within=2.5 / root)}
        for layer in "01":
            values["recurrent" + layer] = uniform(SIZE, 4 * SIZE, within=1.7 / root)
            values["bias" + layer] = torch.zeros(4 * SIZE)
            values["bias" + layer][SIZE:2 * SIZE] = 1
            if "norm" in cell:
                values["gates" + layer] = torch.ones(4 * SIZE)
                values["shown" + layer] = torch.ones(SIZE)
            if "peephole" in cell:
                values["peephole" + layer] = torch.zeros(3, SIZE)
        values["decoder"] = uniform(2 * SIZE if "all-out" in cell else SIZE, symbols, within=1 / root)
        values["decoder bias"] = torch.zeros(symbols)
        # What is met by one symbol alone learns at the full rate.
        self.fast = {"table", "decoder", "decoder bias"}
        if "all-in" in cell:
            values["table1"] = torch.zeros(symbols, 4 * SIZE)
        if "bigram" in cell:
            values["bigram"] = torch.zeros(symbols, symbols)
        self.fast |= {"table1", "bigram"} & values.keys()
        self.values = {name: value.requires_grad_() for name, value in values.items()}

    def step(self, layer, gates, hidden, before, training):
        """The next hidden and cell vectors [B, H] from the input's half of the gates, bias included, [B, 4H]."""
        of = lambda name: self.values[name + layer]
        if "norm" in self.cell:
            shape = gates.shape[-1:]
            gates = (layer_norm(gates, shape, of("gates")) + layer_norm(hidden @ of("recurrent"), shape, of("gates"))
                     + of("bias"))
        else:
            gates = torch.addmm(gates, hidden, of("recurrent"))
        i, f, g, o = gates.chunk(4, 1)
        if "peephole" in self.cell:
            i, f = i + of("peephole")[0] * before, f + of("peephole")[1] * before
        f = torch.sigmoid(f)
        i = 1 - f if "coupled" in self.cell else torch.sigmoid(i)
        if "capped" in self.cell:
            i = torch.minimum(i, 1 - f)
        cell = f * before + i * torch.tanh(g)
        if "zoneout" in self.cell and training:
            cell = torch.where(torch.rand_like(cell) < 0.05, before, cell)
        if "peephole" in self.cell:
            o = o + of("peephole")[2] * cell
        shown = layer_norm(cell, cell.shape[-1:], of("shown")) if "norm" in self.cell else cell
        return torch.sigmoid(o) * torch.tanh(shown), cell

    def layer(self, layer, gates, hidden, cell, training):
        """Hidden vectors [B, T, H], and the state after them."""
        outputs = []
        for t in range(gates.shape[1]):
            hidden, cell = self.step(layer, gates[:, t], hidden, cell, training)
            outputs.append(hidden)
        return torch.stack(outputs, 1), hidden, cell

    def logits(self, ids, state, training=True):
        """Logits [B, T, V] of what follows each of ids [B, T], and the state after them."""
        values = self.values
        # Normalised halves have their bias added behind.
        bias = [0 if "norm" in self.cell else values["bias" + layer] for layer in "01"]
        lower, *state0 = self.layer("0", values["table"][ids] + bias[0], *state[:2], training)
        gates = lower @ values["input1"] + bias[1]
        if "all-in" in self.cell:
            gates = gates + values["table1"][ids]
        upper, *state1 = self.layer("1", gates, *state[2:], training)
        if "all-out" in self.cell:
            upper = torch.cat([lower, upper], -1)
        if "sum" in self.cell:
            upper = lower + upper
        logits = upper @ values["decoder"] + values["decoder bias"]
        return (logits + values["bigram"][ids] if "bigram" in self.cell else logits), state0 + state1


def zero_state(rows):
    return [torch.zeros(rows, SIZE) for _ in range(4)]


def train(network, ids):
    """One pass: short chunks early, a rate that rises, stays and falls, Adam without momentum."""
    beta2 = min(max(1 - len(ids) / 5e7, 0.99), 0.998)
    length = (len(ids) - 1) // ROWS
    streams = torch.stack([ids[row * length:(row + 1) * length + 1] for row in range(ROWS)])
    squares = {name: torch.zeros_like(value) for name, value in network.values.items()}
    state, done, update = zero_state(ROWS), 0, 0
    while done < length:
        steps = min(EARLY if done < EARLY_PART * length else LATE, length - done)
        logits, state = network.logits(streams[:, done:done + steps], state)
        loss = cross_entropy(logits.flatten(0, 1), streams[:, done + 1:done + steps + 1].flatten())
        gradients = torch.autograd.grad(loss, list(network.values.values()))
        state = [vectors.detach() for vectors in state]
        part = done / length
        rise = min(1, max((update + 1) / 101, part / RISE))
        rate = RATE * rise * min(1, 0.01 + 0.99 * (1 - part) / FALL)
        done, update = done + steps, update + 1
        with torch.no_grad():
            scale = min(1, CLIP / math.sqrt(sum(float((gradient ** 2).sum()) for gradient in gradients)))
            for (name, value), gradient in zip(network.values.items(), gradients):
                own = rate * (1 if name in network.fast else INNER)
                gradient = gradient * scale
                squares[name].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
                root = (squares[name] / (1 - beta2 ** update)).sqrt_().add_(1e-8)
                value.mul_(1 - DECAY * own).addcdiv_(gradient, root, value=-own)


@torch.no_grad()
def score(network, ids):
    """Nats a character, in segments that have a run-in, which the first has not."""
    length = (len(ids) - 1) // SCORED_ROWS
    run_in = min(RUN_IN, length)
    starts = [max(row * length - run_in, 0) for row in range(SCORED_ROWS)]
    segments = torch.stack([ids[start:start + run_in + length + 1] for start in starts])
    logits, _ = network.logits(segments[:, :-1], zero_state(SCORED_ROWS), training=False)
    losses = cross_entropy(logits.transpose(1, 2), segments[:, 1:], reduction="none")
    return float(torch.cat([losses[:1, :length], losses[1:, run_in:]]).mean())


def main(path, cell, seed):
    parts = set(cell.split("+"))
    if not parts <= CELLS or {"sum", "all-out"} <= parts:
        sys.exit(f"cells.py: there is no cell {cell}")
    torch.set_num_threads(1)
    torch.manual_seed(int(seed))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    ids = {symbol: number for number, symbol in enumerate(sorted(set(text)))}
    text = torch.tensor([ids[symbol] for symbol in text])
    held_out = len(text) // 10
    network = Network(len(ids), parts)
    begin = time.monotonic()
    train(network, text[:-held_out])
    seconds = time.monotonic() - begin
    print(path, cell, seed, f"{score(network, text[-held_out:]):.4f}", f"{seconds:.0f}", sep="\t", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
