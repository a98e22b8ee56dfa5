#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bench.sh [NAME ...]: the engine's speed, then what only the whole programs can tell: how long one takes to start and
# how much memory training needs. Prints `name value unit`, TAB-separated. The programs and the benchmark must be in
# .build/release.
set -eu
cd "$(dirname "$0")/.."

bin=.build/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

$bin/benchmark "$@"
[ $# -eq 0 ] || exit 0

# 1.1 million characters; the sources again and again.
while [ "$(cat "$work/text" 2>/dev/null | wc -c)" -lt 1100000 ]; do cat Sources/*/*.swift >>"$work/text"; done
head -c 1100000 "$work/text" >"$work/corpus"
$bin/chartrain --quiet --lossy --epochs 1 -o "$work/model" "$work/corpus" &
training=$!
peak=0
while kill -0 "$training" 2>/dev/null; do
  now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$training/status" 2>/dev/null || true)
  [ -z "$now" ] || peak=$now
  sleep 0.1
done
wait "$training"
printf 'train-2x128-peak-memory\t%s\tMB\n' $((peak / 1024))

start() {
  run=0
  while [ $run -lt 100 ]; do
    $bin/charsample -n 0 --prompt '' -m "$work/model" >"$work/out"
    run=$((run + 1))
  done
}
start
begin=$(date +%s%N)
start
end=$(date +%s%N)
printf 'charsample-start-up\t%s\tms\n' "$(echo "scale=2; ($end - $begin) / 100000000" | bc 2>/dev/null ||
  echo $(((end - begin) / 100000000)))"
