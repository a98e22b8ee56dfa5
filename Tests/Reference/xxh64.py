#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the golden checksums of Tests/FileSupportTests/XXH64Tests.swift (needs: pip install xxhash).

The text of length n is the first n of the bytes (i * 167 + 13) % 256.
"""
import re

import xxhash

LENGTHS = [0, 1, 3, 4, 5, 7, 8, 9, 12, 15, 16, 31, 32, 33, 39, 40, 45, 63, 64, 65, 96, 100, 1000, 100_003]
SEEDS = [0, 2654435761]

for length in LENGTHS:
    data = bytes((i * 167 + 13) % 256 for i in range(length))
    digests = ", ".join(
        "0x" + "_".join(re.findall("....", xxhash.xxh64(data, seed).hexdigest().upper())) for seed in SEEDS
    )
    print(f"    ({length:_}, {digests}),")
