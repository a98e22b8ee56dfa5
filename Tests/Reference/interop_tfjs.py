#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tensorflowjs package opens our models, and we its: interop_tfjs.py BIN MODEL FOLDER (needs: tensorflowjs, tf_keras).

As in exchange.py, whose largest difference counts.
"""
import os
import shutil
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import numpy as np
import tensorflow
import tensorflowjs
import tf_keras

from exchange import Programs, louder, one_hot, random_ids


def logits(model, ids, symbol_count):
    """What the dense layer gives before its softmax."""
    model.layers[-1].activation = tf_keras.activations.linear
    return model(one_hot(ids, symbol_count)[np.newaxis]).numpy()[0]


def main():
    print("tensorflowjs", tensorflowjs.__version__, "tensorflow", tensorflow.__version__, "tf_keras", tf_keras.__version__)
    programs = Programs(sys.argv)
    symbol_count = programs.information(programs.model)["characters"]
    ids = random_ids(200, symbol_count)
    folder = programs.path("web")
    programs.run("charmodel", "export", "--to", "tfjs", "--force", "-o", folder, programs.model)
    model = tensorflowjs.converters.load_keras_model(os.path.join(folder, "model.json"))
    programs.compare("exported to tfjs", programs.logits(programs.model, ids), logits(model, ids, symbol_count))

    tf_keras.utils.set_random_seed(5)
    symbol_count = 31
    ids = random_ids(200, symbol_count)
    layers = [tf_keras.layers.LSTM(size, return_sequences=True) for size in [24, 12]]
    dense = tf_keras.layers.Dense(symbol_count, activation="softmax")
    model = tf_keras.Sequential([tf_keras.layers.InputLayer((None, symbol_count)), *layers, dense])
    model.set_weights(louder(model.get_weights()))
    folder = programs.path("random")
    for case, quantization in [("", None), (", float16", "float16"), (", uint16", "uint16"), (", uint8", "uint8")]:
        shutil.rmtree(folder, ignore_errors=True)
        dense.activation = tf_keras.activations.softmax
        tensorflowjs.converters.save_keras_model(
            model, folder, quantization_dtype_map={quantization: "*"} if quantization else None)
        # What their own reader makes of it, which is the model itself but for what quantisation has cost.
        theirs = tensorflowjs.converters.load_keras_model(os.path.join(folder, "model.json"))
        imported = programs.imported("tfjs", folder, symbol_count)
        ours = programs.logits(imported, ids)
        programs.compare(f"imported from tfjs{case}", ours, logits(theirs, ids, symbol_count))
    programs.finish()


if __name__ == "__main__":
    main()
