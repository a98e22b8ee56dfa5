#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# test-table.sh NAMES TOWNS [N]: prints N (100) rows of made-up test data, number, name, town and year between TABs.
# Each column comes from a model of its own list. The programs are looked for in PATH.
set -eu
names=$1 towns=$2 n=${3:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for column in names towns; do
  eval list=\$$column
  chartrain --quiet --records -o "$work/$column.safetensors" ${CHARTRAIN_OPTIONS-} "$list"
  yes '' | head -n "$n" | charsample -m "$work/$column.safetensors" --seed 1 >"$work/$column"
done
# The year is drawn by awk; the seed makes the table the same every time.
paste "$work/names" "$work/towns" | awk -v OFS='\t' 'BEGIN { srand(1) } { print NR, $0, 1950 + int(60 * rand()) }'
