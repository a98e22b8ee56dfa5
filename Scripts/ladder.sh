#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ladder.sh TEXT [ROW ...]: what each part of the standard recipe is worth. Trains TEXT by the recipe, and by the recipe
# with one part taken back, with three seeds each, and prints the medians of the held-out loss as Markdown: the part is
# worth what its row is above the first. Rows are those named, else all. Appends rows of row, seed, heldout_nats,
# options to .build/ladder/NAME.tsv, NAME being the text's. The programs must be in .build/release.
#
# Other values by the environment: SEEDS, LAYERS, EPOCHS, OPTIONS (for all rows), BIN, WORK.
set -eu

fail() {
  echo "ladder: $2" >&2
  exit "$1"
}
[ $# -ge 1 ] && [ -n "$1" ] || fail 64 "usage: ladder.sh TEXT [ROW ...]"
[ -r "$1" ] || fail 66 "$1: cannot be read"
text=$(cd "$(dirname "$1")" && pwd)/${1##*/}
shift
cd "$(dirname "$0")/.."

bin=${BIN:-.build/release}
work=${WORK:-.build/ladder}
base="--layers ${LAYERS:-128,128} --epochs ${EPOCHS:-2} ${OPTIONS-}"
name=${text##*/}
rows=$work/${name%.*}.tsv
mkdir -p "$work"
[ -s "$rows" ] || printf 'row\tseed\theldout_nats\toptions\n' >"$rows"

# what ROW: in words. options ROW: what it changes.
what() {
  case $1 in
  recipe) echo "the recipe" ;;
  lstm) echo "input gates of their own" ;;
  one-rate) echo "one rate for all parameters" ;;
  low-rate) echo "the layers' rate for all" ;;
  beta2) echo "a longer memory of squares" ;;
  momentum) echo "momentum" ;;
  cosine) echo "a cosine in place of the trapezoid" ;;
  fall) echo "a shorter fall" ;;
  long) echo "long chunks from the beginning" ;;
  middle) echo "chunks of 32 early" ;;
  batch) echo "batches twice as large" ;;
  decay) echo "no weight decay" ;;
  dropout) echo "no dropout" ;;
  both) echo "neither" ;;
  average) echo "an average of the parameters on top" ;;
  *) fail 64 "there is no row $1; there are: $all" ;;
  esac
}
options() {
  case $1 in
  recipe) ;;
  lstm) echo "--cell lstm" ;;
  one-rate) echo "--learning-rate 0.012 --inner-rate 1" ;;
  low-rate) echo "--learning-rate 0.0072 --inner-rate 1" ;;
  beta2) echo "--beta2 0.999" ;;
  momentum) echo "--beta1 0.9" ;;
  cosine) echo "--schedule cosine" ;;
  fall) echo "--cooldown 0.3" ;;
  long) echo "--early-sequence-length 64" ;;
  middle) echo "--early-sequence-length 32" ;;
  batch) echo "--batch-size 32" ;;
  decay) echo "--weight-decay 0" ;;
  dropout) echo "--dropout 0" ;;
  both) echo "--weight-decay 0 --dropout 0" ;;
  average) echo "--averaging 0.998" ;;
  esac
}
all="recipe lstm one-rate low-rate beta2 momentum cosine fall long middle batch decay dropout both average"
[ $# -gt 0 ] || set -- $all
for row; do what "$row" >/dev/null; done

printf '%s: %s characters, `%s`, seeds %s\n\n' "${text##*/}" "$(wc -m <"$text" | tr -d ' ')" "$base" "${SEEDS:-1 2 3}"
printf '| | held-out nats | of the seeds | `chartrain` with |\n|---|--:|--:|---|\n'
for row; do
  from=$(($(wc -l <"$rows") + 1))
  for seed in ${SEEDS:-1 2 3}; do
    # shellcheck disable=SC2046,SC2086 # options are words
    $bin/chartrain --quiet --no-baselines --display-length 0 $base $(options "$row") --seed "$seed" --force \
      -o "$work/run.safetensors" "$text" || fail 1 "chartrain failed"
    nats=$($bin/charmodel info --json "$work/run.safetensors" | sed -n 's/.*"heldout_nats": *\([0-9.]*\).*/\1/p')
    printf '%s\t%s\t%s\t%s\n' "$row" "$seed" "$nats" "$base $(options "$row")" | tee -a "$rows" >&2
  done
  tail -n "+$from" "$rows" | sort -t "$(printf '\t')" -k 3,3n |
    awk -F '\t' -v what="$(what "$row")" -v options="$(options "$row")" '
      { nats[NR] = $3 }
      END {
        median = NR % 2 ? nats[(NR + 1) / 2] : (nats[NR / 2] + nats[NR / 2 + 1]) / 2
        shown = options == "" ? "" : "`" options "`"
        printf "| %s | %.4f | %.4f to %.4f | %s |\n", what, median, nats[1], nats[NR], shown
      }'
done
