#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# new-names.sh LIST [N]: prints N (20) new entries in the manner of a list, names for example, sorted, and none that the
# list has. The programs are looked for in PATH.
set -eu
list=$1 n=${2:-20}
model=$(mktemp)
trap 'rm -f "$model"' EXIT

# Each line is a record of its own: the model learns where it ends.
chartrain --quiet --records --force -o "$model" ${CHARTRAIN_OPTIONS-} "$list"
# An empty line is a seed: from nothing. --novel refuses lines of the list, --unique what was written before. That fewer
# than n were found is told by the status 1, and is no failure here.
{ yes '' | head -n "$n" | charsample -q -m "$model" --seed 1 --unique --novel "$list" || [ $? -eq 1 ]; } |
  sed '/^$/d' | sort
