#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# local-sgd.sh TEXT HELD_OUT SHARDS ROUNDS MODEL: trains a model of TEXT in as many processes as there are SHARDS, which
# GNU parallel starts here or, with MACHINES=host1,host2, wherever ssh, rsync and the programs are. In each round every
# process goes on from the same model with a piece of text of its own, and the next round begins with the mean of what
# they came to: local SGD. ROUNDS go over TEXT three times in all, or EPOCHS; LAYERS, BATCH and RATE are chartrain's.
# Prints what the model makes of HELD_OUT. The programs are looked for in PATH.
set -eu
text=$1 held_out=$2 shards=$3 rounds=$4 model=$5
epochs=${EPOCHS:-3} rate=${RATE:-0.012} batch=${BATCH:-8}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A round reads one piece for each shard; this many rounds read all of them once.
turns=$((rounds / epochs))
if [ $((turns * epochs)) -ne "$rounds" ]; then
  echo "local-sgd.sh: $rounds rounds are no multiple of $epochs epochs" >&2
  exit 64
fi
split -n "l/$((shards * turns))" -d -a 4 "$text" "$work/piece"
# What all begin with has the characters of the whole text.
chartrain --quiet --epochs 0 --layers "${LAYERS:-128,128}" -o "$work/mean" "$text"

for round in $(seq 0 $((rounds - 1))); do
  # The schedule of the whole run, in steps: short chunks in its first three tenths; the full learning rate in its first
  # half and then less with each round. Within the last round it falls to a hundredth of that.
  length=64 cooldown=0
  [ $((10 * round)) -ge $((3 * rounds)) ] || length=16
  [ "$round" -lt $((rounds - 1)) ] || cooldown=1
  now=$(awk -v left=$(((rounds - round) * 1000 / rounds)) -v rate="$rate" \
    'BEGIN { print left < 500 ? rate * left / 500 : rate }')
  for shard in $(seq 0 $((shards - 1))); do printf 'piece%04d\n' $((shard * turns + round % turns)); done |
    (cd "$work" && parallel --will-cite --halt now,fail=1 \
      ${MACHINES:+-S "$MACHINES" --basefile mean --transferfile '{}' --return '{}.model' --cleanup} \
      chartrain --quiet --init-from mean --epochs 1 --validation-split 0 --threads 1 --seed "$round" \
      --batch-size "$batch" --sequence-length "$length" --early-sequence-length "$length" --dropout "${DROPOUT:-0.1}" \
      --learning-rate "$now" --schedule trapezoid --cooldown "$cooldown" -o '{}.model' '{}')
  charmodel average --force -o "$work/mean" "$work"/piece*.model
  rm "$work"/piece*.model
done
cat "$work/mean" >"$model"
charscore -m "$model" --summary --carry "$held_out"
