#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a model file as Python's safetensors sees it; Tests/ModelFileTests compares (needs: numpy, safetensors).

    open_model.py MODEL         a line a tensor by name: name, type, shape, its little-endian bytes in hexadecimal;
                                then a line a metadata string by key: key=, its UTF-8 in hexadecimal
    open_model.py MODEL COPY    has the library write the tensors again, under the metadata of PyTorch's files
"""
import sys

from safetensors import safe_open
from safetensors.numpy import save_file

with safe_open(sys.argv[1], framework="numpy") as model:
    tensors = {name: model.get_tensor(name) for name in model.keys()}
    metadata = model.metadata() or {}

if len(sys.argv) > 2:
    save_file(tensors, sys.argv[2], {"format": "pt"})
else:
    for name, values in sorted(tensors.items()):
        shape = "x".join(map(str, values.shape))
        print(name, values.dtype, shape, values.astype("<f4").tobytes().hex())
    for key, value in sorted(metadata.items()):
        print(f"{key}={value.encode().hex()}")
