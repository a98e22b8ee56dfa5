#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ladder.sh TEXT: what each part of the standard recipe is worth. Trains TEXT with layers 128,128 from an older recipe
# to today's, a step at a time, with three seeds each, and prints the medians of the held-out loss as Markdown.
# The programs must be in .build/release.
#
# Other values by the environment: SEEDS, LAYERS, BIN.
set -eu

fail() {
  echo "ladder: $2" >&2
  exit "$1"
}
[ $# -eq 1 ] || fail 64 "usage: ladder.sh TEXT"
[ -r "$1" ] || fail 66 "$1: cannot be read"
text=$1
bin=${BIN:-$(dirname "$0")/../.build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# step WHAT OPTION ...: one row. All of the options, the last one of a kind counting, make the command.
step() {
  what=$1
  shift
  : >"$work/losses"
  for seed in ${SEEDS:-1 2 3}; do
    "$bin/chartrain" --quiet --no-baselines --layers "${LAYERS:-128,128}" --seed "$seed" "$@" --log "$work/log" \
      --force -o "$work/model" "$text" || fail 1 "chartrain failed"
    "$bin/charmodel" info --json "$work/model" | sed -n 's/.*"heldout_nats": *\([0-9.]*\).*/\1/p' >>"$work/losses"
    rm -f "$work/log"
  done
  sort -n "$work/losses" | awk -v what="$what" -v options="$*" '
    { nats[NR] = $1 }
    END { printf "| %s | %.4f | %.4f to %.4f | `%s` |\n", what, nats[int((NR + 1) / 2)], nats[1], nats[NR], options }'
}

plain="--schedule cosine --cooldown 0 --beta2 0.999 --learning-rate 0.01 --batch-size 32 --dropout 0"
plain="$plain --sequence-length 32 --early-sequence-length 32 --inner-rate 1"
short="--schedule trapezoid --beta2 0.99 --learning-rate 0.012 --batch-size 16 --dropout 0 --inner-rate 1"
long="$short --sequence-length 64 --early-sequence-length 16"
two="$long --learning-rate 0.018 --inner-rate 0.4"

printf '| step | held-out nats | of the seeds | options |\n|---|--:|--:|---|\n'
# shellcheck disable=SC2086 # options are words
{
  step "one pass, as it was" --epochs 1 $plain
  step "a shorter memory of squares" --epochs 1 $plain --beta2 0.99
  step "a trapezoid in place of a cosine" --epochs 1 $plain --beta2 0.99 --schedule trapezoid --cooldown 0.3
  step "a higher rate, smaller batches" --epochs 1 $short --cooldown 0.3 --sequence-length 32 \
    --early-sequence-length 32
  step "short chunks early, long ones later" --epochs 1 $long --cooldown 0.3
  step "a lower rate for the layers than around them" --epochs 1 $two --cooldown 0.3
  step "three passes" --epochs 3 $two --cooldown 0.3
  step "a longer fall" --epochs 3 $two --cooldown 0.5
  step "dropout" --epochs 3 $two --cooldown 0.5 --dropout 0.1
  step "the recipe itself, three passes" --epochs 3
}
