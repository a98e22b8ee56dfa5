#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch opens our models, and we its: interop_pytorch.py BIN MODEL FOLDER (needs: torch, safetensors, numpy).

As in exchange.py, whose largest difference counts.
"""
import sys

import torch
from safetensors.torch import load_file, save_file

from exchange import Programs, one_hot, random_ids


class EqualLayers(torch.nn.Module):
    """Layers of one size: nn.LSTM takes our tensors as they are."""

    def __init__(self, symbol_count, sizes):
        super().__init__()
        self.lstm = torch.nn.LSTM(symbol_count, sizes[0], len(sizes))
        self.decoder = torch.nn.Linear(sizes[0], symbol_count)

    def forward(self, inputs):
        return self.decoder(self.lstm(inputs)[0])


class AnyLayers(torch.nn.Module):
    """Layers of any sizes: an nn.LSTM each."""

    def __init__(self, symbol_count, sizes):
        super().__init__()
        widths = [symbol_count] + sizes
        self.lstm = torch.nn.ModuleList(map(torch.nn.LSTM, widths, sizes))
        self.fc = torch.nn.Linear(sizes[-1], symbol_count)

    def forward(self, inputs):
        for layer in self.lstm:
            inputs, _ = layer(inputs)
        return self.fc(inputs)

    def load(self, tensors):
        for k, layer in enumerate(self.lstm):
            layer.load_state_dict({name: tensors[f"lstm.{name[:-1]}{k}"] for name in layer.state_dict()})
        self.fc.load_state_dict({name: tensors[f"decoder.{name}"] for name in self.fc.state_dict()})


def logits(model, ids, symbol_count):
    with torch.no_grad():
        return model(torch.from_numpy(one_hot(ids, symbol_count))).numpy()


def main():
    print("torch", torch.__version__)
    programs = Programs(sys.argv)
    information = programs.information(programs.model)
    symbol_count, sizes = information["characters"], information["layers"]
    ids = random_ids(200, symbol_count)
    ours = programs.logits(programs.model, ids)
    tensors = load_file(programs.model)
    if len(set(sizes)) == 1:
        model = EqualLayers(symbol_count, sizes)
        model.load_state_dict(tensors)
        programs.compare("pytorch opens the file as it is", ours, logits(model, ids, symbol_count))
    model = AnyLayers(symbol_count, sizes)
    model.load(tensors)
    programs.compare("pytorch, an nn.LSTM a layer", ours, logits(model, ids, symbol_count))

    torch.manual_seed(3)
    symbol_count = 31
    ids = random_ids(200, symbol_count)
    path = programs.path("pytorch.safetensors")
    for case, model in [
        ("nn.LSTM of three layers", EqualLayers(symbol_count, [20, 20, 20])),
        ("an nn.LSTM a layer", AnyLayers(symbol_count, [24, 12])),
        ("half precision", AnyLayers(symbol_count, [16, 8]).to(torch.float16)),
    ]:
        # Fresh weights make logits near zero, where every difference is small.
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter *= 1 if "weight_hh" in name else 4
        save_file(model.state_dict(), path)
        imported = programs.imported("pytorch", path, symbol_count)
        theirs = logits(model.to(torch.float32), ids, symbol_count)
        programs.compare(f"imported from pytorch, {case}", programs.logits(imported, ids), theirs)
    programs.finish()


if __name__ == "__main__":
    main()
