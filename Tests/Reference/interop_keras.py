#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keras opens our models, and we its: interop_keras.py BIN MODEL FOLDER (needs: tensorflow, numpy).

As in exchange.py, whose largest difference counts.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow

from exchange import Programs, louder, one_hot, random_ids


def make_model(symbol_count, sizes):
    layers = [keras.layers.LSTM(size, return_sequences=True) for size in sizes]
    return keras.Sequential([keras.Input((None, symbol_count)), *layers, keras.layers.Dense(symbol_count)])


def logits(model, ids, symbol_count):
    return model(one_hot(ids, symbol_count)[np.newaxis]).numpy()[0]


def main():
    print("tensorflow", tensorflow.__version__, "keras", keras.__version__)
    programs = Programs(sys.argv)
    information = programs.information(programs.model)
    symbol_count = information["characters"]
    ids = random_ids(200, symbol_count)
    path = programs.path("keras.npz")
    programs.run("charmodel", "export", "--to", "keras", "--force", "-o", path, programs.model)
    model = make_model(symbol_count, information["layers"])
    model.set_weights(list(np.load(path).values()))
    programs.compare("exported to keras", programs.logits(programs.model, ids), logits(model, ids, symbol_count))

    keras.utils.set_random_seed(5)
    symbol_count = 31
    ids = random_ids(200, symbol_count)
    model = make_model(symbol_count, [24, 12, 20])
    model.set_weights(louder(model.get_weights()))
    path = programs.path("random.npz")
    np.savez(path, *model.get_weights())
    imported = programs.imported("keras", path, symbol_count)
    programs.compare("imported from keras", programs.logits(imported, ids), logits(model, ids, symbol_count))
    programs.finish()


if __name__ == "__main__":
    main()
