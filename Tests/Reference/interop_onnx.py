#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""onnxruntime runs our models: interop_onnx.py BIN MODEL FOLDER (needs: onnxruntime, onnx, numpy).

As in exchange.py, whose largest difference counts.
"""
import sys

import numpy as np
import onnx
import onnxruntime

from exchange import Programs, random_ids


def main():
    print("onnxruntime", onnxruntime.__version__, "onnx", onnx.__version__)
    programs = Programs(sys.argv)
    information = programs.information(programs.model)
    symbol_count, sizes = information["characters"], information["layers"]
    path = programs.path("model.onnx")
    programs.run("charmodel", "export", "--to", "onnx", "--force", "-o", path, programs.model)
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(ids, state):
        """Logits of ids [T, B], and the state after them."""
        names = [output.name for output in session.get_outputs()]
        outputs = dict(zip(names, session.run(None, {"ids": np.asarray(ids, np.int64), **state})))
        return outputs.pop("logits"), {name.removesuffix("_out"): value for name, value in outputs.items()}

    def zeros(rows):
        return {
            f"{kind}{k}": np.zeros((1, rows, size), np.float32) for k, size in enumerate(sizes) for kind in "hc"
        }

    rows = np.stack([random_ids(200, symbol_count, seed) for seed in (1, 2, 3)])
    ours = np.stack([programs.logits(programs.model, row) for row in rows], 1)
    programs.compare("exported to onnx, three texts at once", ours, run(rows.T, zeros(3))[0])
    first, state = run(rows.T[:70], zeros(3))
    second, _ = run(rows.T[70:], state)
    programs.compare("exported to onnx, state carried", ours, np.concatenate([first, second]))
    programs.finish()


if __name__ == "__main__":
    main()
