#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# best-of.sh MODEL PROMPT [N [FIRST]]: writes N (100) continuations of PROMPT, scores them, and prints the FIRST (5)
# that are likeliest under the model, each once, the likeliest first. The programs are looked for in PATH.
set -eu
model=$1 prompt=$2 n=${3:-100} first=${4:-5}
# Each line is a seed, and each gets random numbers of its own.
yes "$prompt" | head -n "$n" | charsample -m "$model" --seed 1 --lines 1 -n 80 | LC_ALL=C sort -u |
  charscore -m "$model" --bottom "$first" --rank --scores
