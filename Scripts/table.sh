#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# table.sh TEXT: the chapter's table as Markdown: what the recipe of TensorFlow.js's example reaches after so many
# epochs, and what the default recipe reaches after so many seconds, with what each then writes after the same seed at
# four temperatures. The programs must be in .build/release; what was run stays in .build/table.
#
# Other values by the environment: EPOCHS, TIMES, SEED_TEXT, LENGTH, SPLIT, OPTIONS (for both recipes), BIN, WORK.
set -eu

fail() {
  echo "table: $2" >&2
  exit "$1"
}
[ $# -eq 1 ] || fail 64 "usage: table.sh TEXT"
[ -r "$1" ] || fail 66 "$1: cannot be read"
text=$(cd "$(dirname "$1")" && pwd)/${1##*/}
cd "$(dirname "$0")/.."

bin=${BIN:-.build/release}
work=${WORK:-.build/table}
epochs=${EPOCHS:-5 25 50 100 120}
times=${TIMES:-1 2 5 10 30 60}
seed=${SEED_TEXT:-To be, or not to be,--that is the question:--}
length=${LENGTH:-120}
# Both recipes are measured on the same end of the text, and shown alike.
common="--validation-split ${SPLIT:-0.0625} --no-baselines --display-length $length ${OPTIONS-}"
mkdir -p "$work"

# head TITLE UNIT
head() {
  printf '\n### %s\n\nSeed text: `%s`\n\n' "$1" "$seed"
  printf '| %s | seconds | held-out nats | bits | T = 0 | T = 0.25 | T = 0.5 | T = 0.75 |\n' "$2"
  printf '|--:|--:|--:|--:|:--|:--|:--|:--|\n'
}

# rows WANTED: reads what chartrain shows, and writes the table's row of each epoch of the list, or of `last`: then that
# of the last report, with the loss of the model that was saved.
rows() {
  awk -v wanted=" $1 " '
    # Code, so that nothing in it is Markdown; newlines are shown.
    function cell(text) {
      sub(/^\n/, "", text)
      gsub(/`/, "\302\264", text); gsub(/\|/, "\\|", text); gsub(/\n/, "\342\217\216", text)
      return text == "" ? " |" : " `" text "` |"
    }
    function flush() {
      if (!isOpen || !(wanted ~ " last " || index(wanted, " " epoch " "))) return
      row = sprintf("| %%s | %s | %%.3f | %%.3f |", seconds)
      texts = cell(shown["T=0"]) cell(shown["T=0.25"]) cell(shown["T=0.5"]) cell(shown["T=0.75"])
      if (wanted ~ " last ") { lastRow = row; lastTexts = texts } else printf row "%s\n", epoch, nats, nats / log(2), texts
      isOpen = 0
    }
    function held(   field) {
      for (field = 1; field < NF; field++) if ($field == "held-out") return $(field + 1) == "about" ? $(field + 2) : $(field + 1)
      return "nan"
    }
    /^epoch / {
      flush()
      isOpen = 1; epoch = $2; sub(/\/.*/, "", epoch); nats = held(); seconds = $(NF - 1)
      split("", shown); label = ""
      next
    }
    /^  T=/ { label = $1; sub(/\|.*/, "", label); shown[label] = "\n" substr($0, 11); next }
    /^        \| / { if (label != "") shown[label] = shown[label] "\n" substr($0, 11); next }
    { label = "" }
    /^([^:]*: )?held-out [0-9.]+ nats/ {
      flush()
      nats = held()
      if (wanted ~ " last ") { split(lastRow, parts, "%s"); printf lastRow "%s\n", TIME, nats, nats / log(2), lastTexts }
    }
    END { flush() }
  ' TIME="${2-}" -
}

last=0
for count in $epochs; do [ "$count" -le "$last" ] || last=$count; done
if [ "$last" -gt 0 ]; then
  head "The chapter's recipe, \`chartrain --recipe tfjs\`" epochs
  # shellcheck disable=SC2086 # options are words
  $bin/chartrain --recipe tfjs --epochs "$last" --display-seed "$seed" $common --force -o "$work/tfjs.safetensors" \
    "$text" 2>"$work/tfjs.log" || fail 1 "chartrain failed: $(tail -n 1 "$work/tfjs.log")"
  rows "$epochs" <"$work/tfjs.log"
fi

[ -z "$times" ] || head "The default recipe, \`chartrain --for\` so many seconds" "seconds asked"
for time in $times; do
  # shellcheck disable=SC2086 # options are words
  $bin/chartrain --for "${time}s" --display-seed "$seed" $common --force -o "$work/for-$time.safetensors" "$text" \
    2>"$work/for-$time.log" || fail 1 "chartrain failed: $(tail -n 1 "$work/for-$time.log")"
  rows last "$time" <"$work/for-$time.log"
done
