#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ensemble.sh TEXT SEED_LINE [K]: trains K (3) models of TEXT that differ in their seeds, tells on standard error what
# TEXT costs under each, and goes on from SEED_LINE with all of them mixed: what several models agree on is likelier
# right. The programs are looked for in PATH.
set -eu
text=$1 line=$2 k=${3:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mix=
for seed in $(seq "$k"); do
  chartrain --quiet --seed "$seed" -o "$work/$seed.safetensors" ${CHARTRAIN_OPTIONS-} "$text"
  # One figure for each: how well it knows the text.
  charscore -m "$work/$seed.safetensors" --summary --carry "$text" >&2
  mix="$mix -m $work/$seed.safetensors"
done
# shellcheck disable=SC2086 # one argument for each; mktemp makes no spaces
printf '%s\n' "$line" | charsample $mix --seed 1 -n 200
