#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# which-format.sh EXAMPLE_DIR FILE ...: tells which kind each file is of. Each file of EXAMPLE_DIR is an example of a
# kind, which is named as the file is, without its ending; it is learned for ten seconds at most, or FOR. The programs
# are looked for in PATH.
set -eu
examples=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A model of each kind, in bytes, that no character is unknown. -P 1: each training uses all processors.
find "$examples" -type f | LC_ALL=C sort | xargs -P 1 -I '{}' sh -c '
  kind=${1##*/}
  chartrain --quiet --unit byte --for "${FOR:-10s}" --force -o "$2/${kind%%.*}.safetensors" ${CHARTRAIN_OPTIONS-} \
    "$1"' - '{}' "$work"
# charscore -m A -m B ... --whole FILE ... prints the best model, by how much, and the file's name.
models=
for model in "$work"/*.safetensors; do models="$models -m $model"; done
# shellcheck disable=SC2086 # one argument for each; mktemp makes no spaces
charscore $models --whole "$@" | awk -F '\t' '{ print $3 ": " $1 }'
