#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes Tests/CharLSTMTests/Golden/*.json: what PyTorch makes of small networks and optimizers.

    python3 Tests/Reference/pytorch_golden.py        (needs: pip install torch numpy)

Weights, ids and states are drawn by NumPy and rounded to fp32, then everything is worked out in fp64, so that
the numbers written are right to all the digits an fp32 implementation can be asked for. The layouts are those of
PyTorch.
"""
import json
import pathlib

import numpy as np
import torch
from torch import nn

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "CharLSTMTests" / "Golden"
VERSIONS = f"PyTorch {torch.__version__}, NumPy {np.__version__}"

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def numbers(values, digits=9):
    """A flat list in row-major order, as few digits as say it."""
    if isinstance(values, torch.Tensor):
        values = values.detach()
    return [float(f"{x:.{digits}g}") for x in np.asarray(values, dtype=np.float64).ravel()]


def fp32(random, *shape, scale=1.0):
    """Uniform numbers in ±scale that fp32 holds; nine digits say such a number exactly."""
    return torch.tensor(random.uniform(-scale, scale, shape)).float().double()


def write(name, content):
    content = {"made_with": VERSIONS, "made_by": "Tests/Reference/pytorch_golden.py", **content}
    text = json.dumps(content, separators=(",", ":")).replace(',"', ',\n"') + "\n"
    (GOLDEN / name).write_text(text)
    print(f"{name}: {len(text)} bytes")


class Stacked(nn.Module):
    """Layers of any sizes, one nn.LSTM each; where all are equal, one nn.LSTM of several layers."""

    def __init__(self, symbols, sizes):
        super().__init__()
        self.symbols, self.sizes = symbols, sizes
        if len(set(sizes)) == 1:
            self.parts = nn.ModuleList([nn.LSTM(symbols, sizes[0], num_layers=len(sizes))])
        else:
            inputs = [symbols] + sizes[:-1]
            self.parts = nn.ModuleList([nn.LSTM(i, h) for i, h in zip(inputs, sizes)])
        self.decoder = nn.Linear(sizes[-1], symbols)

    def tensors(self):
        """Every tensor under the name that our files give it; the second bias stays zero and is left out."""
        named, layer = {}, 0
        for part in self.parts:
            for k in range(part.num_layers):
                for kind in ("weight_ih", "weight_hh", "bias_ih"):
                    named[f"lstm.{kind}_l{layer}"] = getattr(part, f"{kind}_l{k}")
                layer += 1
        named["decoder.weight"], named["decoder.bias"] = self.decoder.weight, self.decoder.bias
        return named

    def forward(self, ids, hidden, cell):
        """ids [T, N]; hidden and cell: a list of [N, H] a layer. Logits [T, N, V] and the state after."""
        x = nn.functional.one_hot(ids, self.symbols).to(torch.float64)
        after_hidden, after_cell, layer = [], [], 0
        for part in self.parts:
            span = slice(layer, layer + part.num_layers)
            x, (h, c) = part(x, (torch.stack(hidden[span]), torch.stack(cell[span])))
            after_hidden += list(h)
            after_cell += list(c)
            layer += part.num_layers
        return self.decoder(x), after_hidden, after_cell


def network(name, seed, rows, steps, symbols, sizes):
    random = np.random.default_rng(seed)
    model = Stacked(symbols, sizes)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        for parameter in model.tensors().values():
            parameter.copy_(fp32(random, *parameter.shape, scale=0.8))
    ids = random.integers(0, symbols, (steps, rows))
    targets = random.integers(0, symbols, (steps, rows))
    hidden = [fp32(random, rows, size, scale=0.9) for size in sizes]
    cell = [fp32(random, rows, size, scale=1.5) for size in sizes]

    content = {
        "rows": rows, "steps": steps, "symbols": symbols, "sizes": sizes,
        "ids": ids.ravel().tolist(), "targets": targets.ravel().tolist(),
        "before": {"hidden": [numbers(h) for h in hidden], "cell": [numbers(c) for c in cell]},
        "parameters": {key: numbers(value) for key, value in model.tensors().items()},
        "objectives": {},
    }
    for objective in ("every", "last"):
        model.zero_grad()
        logits, after_hidden, after_cell = model(torch.tensor(ids), hidden, cell)
        charged = slice(0, steps) if objective == "every" else slice(steps - 1, steps)
        loss = nn.functional.cross_entropy(
            logits[charged].reshape(-1, symbols), torch.tensor(targets)[charged].reshape(-1)
        )
        loss.backward()
        for part in model.parts:  # the two biases are added, so their gradients are the same
            for k in range(part.num_layers):
                gradients = [getattr(part, f"bias_{kind}_l{k}").grad for kind in ("ih", "hh")]
                assert torch.allclose(*gradients)
        content["objectives"][objective] = {
            "loss": numbers(loss, 12)[0],
            "gradients": {key: numbers(value.grad, 8) for key, value in model.tensors().items()},
        }
    content["logits"] = numbers(logits)
    content["after"] = {
        "hidden": [numbers(h) for h in after_hidden], "cell": [numbers(c) for c in after_cell],
    }
    write(name, content)


def optimizers(name, seed, count, steps):
    random = np.random.default_rng(seed)
    start = fp32(random, count)
    # Gradients of many magnitudes, some of them zero.
    magnitudes = [torch.tensor(10.0 ** random.integers(-4, 2, count)) for _ in range(steps)]
    gradients = [(fp32(random, count) * magnitude).float().double() for magnitude in magnitudes]
    for gradient in gradients:
        gradient[::7] = 0

    def run(make, clip=None):
        parameter = nn.Parameter(start.clone())
        optimizer, after, norms = make([parameter]), [], []
        for gradient in gradients:
            parameter.grad = gradient.clone()
            if clip is not None:
                norms.append(numbers(nn.utils.clip_grad_norm_([parameter], clip), 12)[0])
            optimizer.step()
            after.append(numbers(parameter))
        return {"after": after, **({"clip": clip, "norms": norms} if clip is not None else {})}

    def adam(rate, beta1, beta2, epsilon, decay=0.0, clip=None):
        options = {"lr": rate, "betas": (beta1, beta2), "eps": epsilon}
        made = run(lambda p: torch.optim.AdamW(p, weight_decay=decay, **options), clip) if decay else run(
            lambda p: torch.optim.Adam(p, **options), clip
        )
        return {"rate": rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon, "decay": decay, **made}

    def rmsprop(rate, decay, epsilon):
        """TensorFlow.js's, whose epsilon is under the root; PyTorch's adds it to the root."""
        p, v, after = start.numpy().copy(), np.zeros(count), []
        for gradient in gradients:
            g = gradient.numpy()
            v = decay * v + (1 - decay) * g**2
            p = p - rate * g / np.sqrt(v + epsilon)
            after.append(numbers(p))
        return {"rate": rate, "decay": decay, "epsilon": epsilon, "after": after}

    write(name, {
        "start": numbers(start), "gradients": [numbers(g) for g in gradients],
        "adam": [
            adam(0.01, 0.9, 0.999, 1e-8),
            adam(0.003, 0.0, 0.99, 1e-5),
            adam(0.02, 0.5, 0.9, 1e-7, decay=0.1),
            adam(0.01, 0.9, 0.999, 1e-8, clip=1.5),
        ],
        "rmsprop": [rmsprop(0.01, 0.9, 1e-7), rmsprop(0.1, 0.5, 1e-3)],
    })


def cross_entropy(name, seed):
    random = np.random.default_rng(seed)
    cases = []
    for rows, symbols, scale in [(3, 5, 2.0), (2, 33, 8.0), (2, 300, 4.0), (3, 17, 90.0), (2, 1, 3.0)]:
        logits = fp32(random, rows, symbols, scale=scale).requires_grad_()
        targets = torch.tensor(random.integers(0, symbols, rows))
        losses = nn.functional.cross_entropy(logits, targets, reduction="none")
        losses.mean().backward()
        cases.append({
            "rows": rows, "symbols": symbols, "logits": numbers(logits), "targets": targets.tolist(),
            "losses": numbers(losses, 12), "gradients": numbers(logits.grad),
        })
    write(name, {"cases": cases})


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    network("equal_layers.json", 1, rows=2, steps=4, symbols=7, sizes=[5, 5, 5])
    network("one_layer.json", 2, rows=3, steps=5, symbols=4, sizes=[6])
    network("different_layers.json", 3, rows=3, steps=2, symbols=6, sizes=[5, 9, 4])
    network("wide.json", 4, rows=9, steps=2, symbols=17, sizes=[17, 3])
    optimizers("optimizers.json", 5, count=37, steps=4)
    cross_entropy("cross_entropy.json", 6)
