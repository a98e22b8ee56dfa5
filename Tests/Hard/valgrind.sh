#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# valgrind.sh: the programs under valgrind at the AVX2 level (it knows no AVX-512), on layers that are no multiple of
# any tile: forward and backward, both objectives and optimizers, dropout, averages, and text written and scored. Held:
# no read or write outside what was allocated, nothing that depends on memory nobody has written. Row 12.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# It sees what is allocated where the C library is outside the program: `make shared`.
bin=${BIN:-$here/../../.build/shared}
bin=$(cd "$bin" && pwd)
command -v valgrind >/dev/null || {
  echo "row 12, valgrind: please install what Debian calls valgrind" >&2
  exit 1
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# Valgrind gives up on the debug information of large static programs.
for program in chartrain charsample charscore; do strip -g -o "$program" "$bin/$program"; done
yes 'The quick brown fox jumps over 37 lazy dogs.' | head -c 400 >text

runs=0
status=0
check() {
  runs=$((runs + 1))
  CHARTOOLS_ISA=avx2 valgrind -q --error-exitcode=99 --suppressions="$here/valgrind.supp" "$@" >out 2>err || {
    echo "row 12, valgrind: BROKEN: $*"
    head -n 20 err
    status=1
  }
}
train() { check ./chartrain -q --no-baselines --display-length 0 --epochs 1 --threads 1 --force -o model "$@" text; }

train --layers 17,33 --batch-size 7 --sequence-length 5 --dropout 0.2 --averaging 0.9 --beta1 0.9
train --layers 31 --objective last --optimizer rmsprop --batch-size 3 --sequence-length 9 --examples-per-epoch 9
train --layers 1,3,127 --batch-size 33 --sequence-length 3 --clip 0.01 --weight-decay 0.1
check ./charsample -m model --seed 1 --prompt The -n 60
check ./charsample -m model --seed 1 -n 20 --count 9 --threads 1 --json <text
check ./charscore --threads 1 -m model text
check ./charscore --threads 1 -m model --carry --summary text
[ $status -ne 0 ] || echo "row 12, valgrind: $runs runs at the AVX2 level, 0 reports"
exit $status
