#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# test-table.sh NAMES TOWNS [N]: prints N (100) rows of made-up test data, number, name, town and year between TABs.
# Each column comes from a model of its own list. The programs are looked for in PATH.
set -eu
names=$1 towns=$2 n=${3:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# column NAME LIST SEED: with one seed, columns of the same list would be the same.
column() {
  chartrain --quiet --records -o "$work/$1.safetensors" ${CHARTRAIN_OPTIONS-} "$2"
  yes '' | head -n "$n" | charsample -m "$work/$1.safetensors" --seed "$3" >"$work/$1"
}
column names "$names" 1
column towns "$towns" 2
# The year is drawn by awk; the seed makes the table the same every time.
paste "$work/names" "$work/towns" | awk -v OFS='\t' 'BEGIN { srand(1) } { print NR, $0, 1950 + int(60 * rand()) }'
