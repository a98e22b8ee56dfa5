#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# records.sh TEXT [SECONDS ...]: the held-out loss that `chartrain --for` reaches in each time with three seeds. Appends
# rows of seconds, seed, heldout_nats, layers, updates, passes, dropout, used_seconds, isa, precision to
# .build/records/NAME.tsv, NAME being the text's, and prints a table of medians as Markdown, with the time that was used
# until the last update: a run ends before its time where more passes would be learned by heart. The times are 2, 8, 25
# and 60 seconds; with RECORDS=all also 5 and 60 minutes. The programs must be in .build/release.
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
columns='seconds seed heldout_nats layers updates passes dropout used_seconds isa precision'
[ -s "$rows" ] || echo "$columns" | tr ' ' '\t' >"$rows"
# Rows of an older script had fewer.
[ "$(head -n 1 "$rows" | tr '\t' ' ')" = "$columns" ] || fail 65 "$rows: has other columns; move it away"

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
  dropout=$($bin/charmodel info --json "$work/run.safetensors" | sed -n 's/.*"dropout": *"\([0-9.]*\)".*/\1/p')
  level=$(sed -n 's/^# isa=\([^ ]*\) precision=\([^ ]*\) .*/\1 \2/p' "$log")
  # Of the last update, which need not be that of the model that is kept: the best.
  tail -n 1 "$log" | cut -f 1-3 | {
    read -r updates passes used
    # shellcheck disable=SC2086 # two words
    printf '%s\t' "$1" "$2" "$nats" "$layers" "$updates" "$passes" "$dropout" "$used" $level | sed 's/.$//'
    echo
  } | tee -a "$rows" >&2
}

printf '| seconds | used | held-out nats, median | bits | lowest | highest | layers | passes | to reach |\n'
printf '|--:|--:|--:|--:|--:|--:|:--|--:|--:|\n'
for time in $times; do
  from=$(($(wc -l <"$rows") + 1))
  for seed in ${SEEDS:-1 2 3}; do run "$time" "$seed"; done
  target=$(printf '%s\n' $targets | sed -n "s/^$time=//p")
  tail -n "+$from" "$rows" | sort -t "$(printf '\t')" -k 3,3n | awk -F '\t' -v target="$target" '
    { nats[NR] = $3; layers[NR] = $4; passes[NR] = $6; used[NR] = $8 }
    END {
      middle = int((NR + 1) / 2)
      median = NR % 2 ? nats[middle] : (nats[middle] + nats[middle + 1]) / 2
      printf "| %s | %.1f | %.4f | %.4f | %.4f | %.4f | %s | %.1f | %s |\n", $1, used[middle], median, \
        median / log(2), nats[1], nats[NR], layers[middle], passes[middle], target == "" ? "" : "≤ " target
    }'
done
