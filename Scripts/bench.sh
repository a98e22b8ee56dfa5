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

# The sources again and again: up to 55 million characters.
cat Sources/*/*.swift >"$work/text"
while [ "$(wc -c <"$work/text")" -lt 55000000 ]; do
  cat "$work/text" "$work/text" >"$work/twice"
  mv "$work/twice" "$work/text"
done

# train NAME CHARACTERS OPTION ...: seconds and peak memory of one training.
train() {
  name=$1
  head -c "$2" "$work/text" >"$work/corpus"
  shift 2
  begin=$(date +%s%N)
  $bin/chartrain --quiet --lossy --no-baselines --force "$@" -o "$work/model" "$work/corpus" &
  training=$!
  peak=0
  while kill -0 "$training" 2>/dev/null; do
    now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$training/status" 2>/dev/null || true)
    [ -z "$now" ] || peak=$now
    sleep 0.1
  done
  wait "$training"
  end=$(date +%s%N)
  printf '%s\t%s\ts\n' "$name-seconds" "$(((end - begin) / 100000000))" | sed 's/\([0-9]\)\ts$/.\1\ts/'
  printf '%s\t%s\tMB\n' "$name-peak-memory" $((peak / 1024))
}
# What a run costs: by its length, by its passes, by its parameters.
train cost-2x128-550000-characters 550000 --size small --epochs 1
train cost-2x128-2200000-characters 2200000 --size small --epochs 1
train cost-2x256-550000-characters 550000 --epochs 1 --size medium
train cost-2x512-550000-characters 550000 --epochs 1 --size large
train cost-2x128-550000-characters-4-passes 550000 --size small --epochs 4
train train-2x128-1100000-characters 1100000 --size small --epochs 1

# updates NAME CHARACTERS: updates a second by the clock, all that a run does between them included.
updates() {
  head -c "$2" "$work/text" >"$work/corpus"
  $bin/chartrain --quiet --lossy --no-baselines --force --size small --for 8s --log "$work/log" -o "$work/model" "$work/corpus"
  awk -v name="$1" '/^[0-9]/ { if (!first) { first = $1; begin = $3 } last = $1; end = $3 }
    END { printf "%s\t%.0f\tupdates/s\n", name, (last - first) / (end - begin) }' "$work/log"
  rm "$work/log"
}
updates updates-2x128-2200000-characters 2200000
updates updates-2x128-55000000-characters 55000000

# One stream through the whole program, to be held beside the engine's own rate above.
begin=$(date +%s%N)
$bin/charsample -m "$work/model" --prompt '' --seed 1 -n 1000000 >"$work/out"
end=$(date +%s%N)
printf 'charsample-one-stream\t%s\tchars/s\n' $((1000000000000000 / (end - begin)))

if command -v python3 >/dev/null; then
  Scripts/start-up.py $bin "$work/model"
else
  echo 'bench: start-up is not measured: there is no python3' >&2
fi
