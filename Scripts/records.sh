#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# records.sh TEXT [SECONDS ...]: the held-out loss that `chartrain --for` reaches in each time with three seeds. Appends
# rows of seconds, seed, heldout_nats, layers, updates to .build/records/NAME.tsv, NAME being the text's, and prints a
# table of medians as Markdown. The times are 2, 8, 25 and 60 seconds; with RECORDS=all also 5 and 60 minutes.
# The programs must be in .build/release.
#
# Other values by the environment: SEEDS, SPLIT, TARGETS, OPTIONS, BIN, WORK.
set -eu

fail() {
  echo "records: $2" >&2
  exit "$1"
}
[ $# -ge 1 ] && [ -n "$1" ] || fail 64 "usage: records.sh TEXT [SECONDS ...]"
[ -r "$1" ] || fail 66 "$1: cannot be read"
text=$(cd "$(dirname "$1")" && pwd)/${1##*/}
shift
cd "$(dirname "$0")/.."

bin=${BIN:-.build/release}
work=${WORK:-.build/records}
times=${*:-2 8 25 60}
[ $# -gt 0 ] || [ "${RECORDS-}" != all ] || times="$times 300 3600"
# What is to be reached on tinyshakespeare, seconds=nats.
targets=${TARGETS-2=1.88 8=1.60 25=1.50 60=1.4697 300=1.44 3600=1.40}
name=${text##*/}
rows=$work/${name%.*}.tsv
mkdir -p "$work"
[ -s "$rows" ] || printf 'seconds\tseed\theldout_nats\tlayers\tupdates\n' >"$rows"

# run SECONDS SEED: one row.
run() {
  log=$work/run.tsv
  rm -f "$log"
  # shellcheck disable=SC2086 # options are words
  $bin/chartrain --for "$1s" --seed "$2" --validation-split "${SPLIT:-0.1}" --no-baselines --display-length 0 \
    ${OPTIONS-} --log "$log" --force -o "$work/run.safetensors" "$text" 2>"$work/run.log" ||
    fail 1 "chartrain failed: $(tail -n 1 "$work/run.log")"
  nats=$(sed -n 's/^.*held-out \([0-9.]*\) nats = .* model written to .*$/\1/p' "$work/run.log" | tail -n 1)
  layers=$(sed -n 's/^.*; layers \([0-9,]*\), .*$/\1/p' "$work/run.log" | head -n 1)
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$nats" "$layers" "$(tail -n 1 "$log" | cut -f 1)" | tee -a "$rows" >&2
}

printf '| seconds | held-out nats, median | bits | lowest | highest | layers | to reach |\n'
printf '|--:|--:|--:|--:|--:|:--|--:|\n'
for time in $times; do
  from=$(($(wc -l <"$rows") + 1))
  for seed in ${SEEDS:-1 2 3}; do run "$time" "$seed"; done
  target=$(printf '%s\n' $targets | sed -n "s/^$time=//p")
  tail -n "+$from" "$rows" | sort -t "$(printf '\t')" -k 3,3n | awk -v target="$target" '
    { nats[NR] = $3; layers[NR] = $4 }
    END {
      median = NR % 2 ? nats[(NR + 1) / 2] : (nats[NR / 2] + nats[NR / 2 + 1]) / 2
      printf "| %s | %.4f | %.4f | %.4f | %.4f | %s | %s |\n", $1, median, median / log(2), nats[1], nats[NR], \
        layers[int((NR + 1) / 2)], target == "" ? "" : "≤ " target
    }'
done
