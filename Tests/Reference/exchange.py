#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what charmodel exports, and writes what it imports, with NumPy and safetensors alone.

    exchange.py BIN MODEL FOLDER

BIN is the folder of the programs, FOLDER an empty one to work in. MODEL's exports are read by their formats'
definitions and evaluated by the LSTM's formulas in double precision; networks of random weights are written in those
formats and imported. Each line is a case and the largest difference of logits to those of the `logits` program; any
above LIMIT is a failure. The other interop_*.py scripts share what is here.
"""
import json
import os
import subprocess
import sys

import numpy as np

LIMIT = 1e-5


class Programs:
    """The programs under test, and a folder to work in."""

    def __init__(self, arguments):
        self.bin, self.model, self.folder = arguments[1:4]
        self.failed = False

    def run(self, *command, stdin=b""):
        path = os.path.join(self.bin, command[0])
        return subprocess.run([path, *command[1:]], input=stdin, stdout=subprocess.PIPE, check=True).stdout

    def path(self, name):
        return os.path.join(self.folder, name)

    def information(self, model):
        return json.loads(self.run("charmodel", "info", "--json", model))

    def charset(self, count):
        """A charset file of so many characters."""
        path = self.path(f"{count}.charset")
        with open(path, "w") as file:
            file.write("#charset 1 unit=scalar\n" + "".join(f"U+{0x4E00 + i:04X}\n" for i in range(count)))
        return path

    def logits(self, model, ids):
        """Our logits [T, V] of ids from the zero state on."""
        output = self.run("logits", model, stdin=np.asarray(ids, "<u2").tobytes())
        return np.frombuffer(output, "<f4").reshape(len(ids), -1)

    def imported(self, kind, path, count):
        """The model that charmodel makes of a file of a network over `count` characters."""
        model = self.path("imported.safetensors")
        self.run("charmodel", "import", "--from", kind, "-c", self.charset(count), "--force", "-o", model, path)
        return model

    def compare(self, case, ours, theirs, limit=LIMIT):
        """Prints the largest difference, and remembers whether it is too large."""
        assert ours.shape == theirs.shape, (case, ours.shape, theirs.shape)
        difference = float(np.abs(ours - theirs).max())
        verdict = "" if difference <= limit else f"  MORE THAN {limit}"
        self.failed = self.failed or difference > limit
        print(f"{case:<52} {difference:.2e}  of logits up to {np.abs(ours).max():.1f}{verdict}", flush=True)

    def finish(self):
        sys.exit(1 if self.failed else 0)


def random_ids(count, symbol_count, seed=7):
    return np.random.default_rng(seed).integers(0, symbol_count, count)


def one_hot(ids, symbol_count):
    return np.eye(symbol_count, dtype=np.float32)[ids]


def random_weights(symbol_count, sizes, seed=11):
    """Keras's get_weights() of a network with values between -0.5 and 0.5."""
    generator = np.random.default_rng(seed)
    weights, below = [], symbol_count
    for size in sizes:
        for shape in [(below, 4 * size), (size, 4 * size), (4 * size,)]:
            weights.append(generator.uniform(-0.5, 0.5, shape).astype("<f4"))
        below = size
    for shape in [(below, symbol_count), (symbol_count,)]:
        weights.append(generator.uniform(-0.5, 0.5, shape).astype("<f4"))
    return weights


def louder(weights):
    """Keras's get_weights() with larger values, but for the recurrent kernels.

    Fresh weights make logits near zero, where every difference is small. Recurrent kernels are left alone: larger ones
    make a network whose differences grow from step to step, whoever computes it.
    """
    count = len(weights) - 2
    return [array if index < count and index % 3 == 1 else 2 * array for index, array in enumerate(weights)]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def naive_logits(weights, ids):
    """What a stack of LSTM layers with Keras's get_weights() makes of ids: the formulas, in double precision."""
    weights = [np.asarray(array, np.float64) for array in weights]
    outputs = np.eye(len(weights[0]))[ids]
    for kernel, recurrent, bias in zip(*[iter(weights[:-2])] * 3):
        size = len(recurrent)
        hidden, cell, sequence = np.zeros(size), np.zeros(size), []
        for inputs in outputs:
            i, f, c, o = np.split(inputs @ kernel + hidden @ recurrent + bias, 4)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(c)
            hidden = sigmoid(o) * np.tanh(cell)
            sequence.append(hidden)
        outputs = np.array(sequence)
    return outputs @ weights[-2] + weights[-1]


def tfjs_weights(folder):
    """The arrays of a model in TensorFlow.js's layers format."""
    with open(os.path.join(folder, "model.json")) as file:
        model = json.load(file)
    weights = []
    for group in model["weightsManifest"]:
        data = b"".join(open(os.path.join(folder, path), "rb").read() for path in group["paths"])
        for entry in group["weights"]:
            count = int(np.prod(entry["shape"]))
            assert entry["dtype"] == "float32"
            weights.append(np.frombuffer(data[: 4 * count], "<f4").reshape(entry["shape"]))
            data = data[4 * count :]
        assert not data
    layers = model["modelTopology"]["config"]["layers"]
    assert all(layer["config"].get("recurrent_activation", "sigmoid") == "sigmoid" for layer in layers)
    return weights


def write_tfjs(folder, weights, shard_size=1000):
    """Writes a model in that format, as TensorFlow.js itself would: in shards cut anywhere."""
    os.makedirs(folder, exist_ok=True)
    layers, entries = [], []
    for index in range(0, len(weights) - 2, 3):
        config = {"name": f"lstm{index}", "units": len(weights[index + 1]), "recurrent_activation": "sigmoid"}
        layers.append({"class_name": "LSTM", "config": config})
        for name, array in zip(["kernel", "recurrent_kernel", "bias"], weights[index:]):
            entries.append({"name": f"lstm{index}/{name}", "shape": array.shape, "dtype": "float32"})
    layers.append({"class_name": "Dense", "config": {"name": "dense", "activation": "softmax"}})
    for name, array in zip(["kernel", "bias"], weights[-2:]):
        entries.append({"name": f"dense/{name}", "shape": array.shape, "dtype": "float32"})
    data = b"".join(array.tobytes() for array in weights)
    paths = []
    for start in range(0, len(data), shard_size):
        paths.append(f"part{start}.bin")
        with open(os.path.join(folder, paths[-1]), "wb") as file:
            file.write(data[start : start + shard_size])
    with open(os.path.join(folder, "model.json"), "w") as file:
        topology = {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}
        json.dump({"modelTopology": topology, "weightsManifest": [{"paths": paths, "weights": entries}]}, file)


def pytorch_weights(weights):
    """The tensors of an nn.LSTM and an nn.Linear from Keras's get_weights()."""
    tensors = {}
    for index in range(0, len(weights) - 2, 3):
        kernel, recurrent, bias = weights[index : index + 3]
        tensors[f"lstm.weight_ih_l{index // 3}"] = np.ascontiguousarray(kernel.T)
        tensors[f"lstm.weight_hh_l{index // 3}"] = np.ascontiguousarray(recurrent.T)
        tensors[f"lstm.bias_ih_l{index // 3}"] = bias * 0.25
        tensors[f"lstm.bias_hh_l{index // 3}"] = bias * 0.75
    tensors["fc.weight"], tensors["fc.bias"] = np.ascontiguousarray(weights[-2].T), weights[-1]
    return tensors


def protobuf(data):
    """The fields of a message: a list of numbers, or bytes, for each field's number."""
    fields, place = {}, 0

    def varint():
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        tag = varint()
        if tag & 7 == 0:
            value = varint()
        else:
            assert tag & 7 == 2
            size = varint()
            value = data[place : place + size]
            place += size
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def onnx_weights(path):
    """Keras's get_weights() from the initializers of our ONNX graph, whose gates are i, o, f, c."""
    with open(path, "rb") as file:
        graph = protobuf(protobuf(file.read())[7][0])
    tensors = {}
    for initializer in map(protobuf, graph[5]):
        kind = {1: "<f4", 7: "<i8"}[initializer[2][0]]
        tensors[initializer[8][0].decode()] = np.frombuffer(initializer[9][0], kind).reshape(initializer.get(1, []))

    def turned(array):
        i, o, f, c = np.split(array, 4)
        return np.concatenate([i, f, c, o]).T

    weights, index = [], 0
    while f"W{index}" in tensors:
        first, second = np.split(tensors[f"B{index}"][0], 2)
        weights += [turned(tensors[f"{name}{index}"][0]) for name in "WR"] + [turned(first + second)]
        index += 1
    return weights + [tensors["decoder_weight"], tensors["decoder_bias"]]


def main():
    from safetensors.numpy import save_file

    programs = Programs(sys.argv)
    symbol_count = programs.information(programs.model)["characters"]
    ids = random_ids(150, symbol_count)
    ours = programs.logits(programs.model, ids)

    def export(kind, name):
        programs.run("charmodel", "export", "--to", kind, "-o", programs.path(name), programs.model)
        return programs.path(name)

    archive = np.load(export("keras", "model.npz"))
    keras = [archive[name] for name in archive.files]
    programs.compare("exported to keras", ours, naive_logits(keras, ids))
    tfjs = tfjs_weights(export("tfjs", "web"))
    programs.compare("exported to tfjs", ours, naive_logits(tfjs, ids))
    onnx = onnx_weights(export("onnx", "model.onnx"))
    programs.compare("exported to onnx", ours, naive_logits(onnx, ids))
    for other in [tfjs, onnx]:
        assert all(np.array_equal(left, right) for left, right in zip(keras, other, strict=True))

    symbol_count = 23
    ids = random_ids(150, symbol_count)
    weights = random_weights(symbol_count, [9, 14, 6])
    expected = naive_logits(weights, ids)
    forms = {
        "": weights,
        ", big-endian doubles in Fortran order": [np.asfortranarray(array.astype(">f8")) for array in weights],
    }
    for form, arrays in forms.items():
        np.savez(programs.path("random.npz"), *arrays)
        model = programs.imported("keras", programs.path("random.npz"), symbol_count)
        programs.compare(f"imported from keras{form}", programs.logits(model, ids), expected)
    write_tfjs(programs.path("random"), weights)
    model = programs.imported("tfjs", programs.path("random"), symbol_count)
    programs.compare("imported from tfjs", programs.logits(model, ids), expected)
    save_file(pytorch_weights(weights), programs.path("random.safetensors"))
    model = programs.imported("pytorch", programs.path("random.safetensors"), symbol_count)
    programs.compare("imported from pytorch", programs.logits(model, ids), expected)
    programs.finish()


if __name__ == "__main__":
    main()
