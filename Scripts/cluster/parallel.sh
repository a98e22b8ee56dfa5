#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# parallel.sh MODEL FILE: gives the lines of FILE to charsample as seeds and to charscore to judge, each in one process
# and then, a small block of lines at a time, in as many as GNU parallel starts: here, or with MACHINES=host1,host2
# wherever ssh, the programs and the model are. Both ways come to the same bytes, or the status is 1. The programs are
# looked for in PATH.
set -eu
model=$1 file=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compare() {
  "$@" <"$file" >"$work/one"
  # --pipe cuts standard input at ends of lines, and -k puts what comes out in the order of what went in.
  parallel --will-cite --pipe -k --block "${BLOCK:-2k}" --halt now,fail=1 ${MACHINES:+-S "$MACHINES"} \
    --joblog "$work/jobs" "$@" <"$file" >"$work/many"
  cmp "$work/one" "$work/many"
  echo "$1: $(wc -l <"$work/many") lines, the same from 1 process and from $(($(wc -l <"$work/jobs") - 1))"
}
# --key 0: the random numbers of a seed follow from the seed itself and not from its place in the input.
compare charsample -q -m "$model" --seed 1 --key 0 --json -n 40
compare charscore -m "$model"
