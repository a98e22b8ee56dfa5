#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# typos.sh MODEL FILE ...: prints file:line:column: of likely typos, those first that a correction saves the most bits
# for. Words that stand three times or more in the files are taken for right, as are those of fewer than three letters;
# and a correction must come to words that the files have, or a text that WORDS names. The programs are looked for in
# PATH.
set -eu
model=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat "$@" ${WORDS:+"$WORDS"} | tr -cs '[:alpha:]' '\n' | sort | uniq -c | awk '{ print $1, $2 }' >"$work/words"
# With something to tell, the status is 1.
charscore -m "$model" --lint ${LINT_OPTIONS-} "$@" >"$work/found" || [ $? -eq 1 ]
# "wrd" -> "word" saves 16.5 bits: by quotes, field 2 is what stands there and field 4 what should.
awk -F '"' '
  NR == FNR { split($0, word, " "); count[word[2]] = word[1]; next }
  NF < 5 || count[$2] >= 3 || $2 !~ /[[:alpha:]][[:alpha:]][[:alpha:]]/ { next }
  {
    known = 0
    for (i = split($4, words, /[^[:alpha:]]+/); i > 0; i--)
      if (words[i] in count) known = 1; else if (words[i] != "") next
    if (known) print
  }' "$work/words" "$work/found" |
  sed -n 's/^\(.*saves \([0-9.]*\) bits.*\)$/\2 \1/p' | LC_ALL=C sort -k 1,1nr | cut -d ' ' -f 2-
