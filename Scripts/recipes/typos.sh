#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# typos.sh MODEL FILE ...: prints file:line:column: of likely typos, those first that a correction saves the most bits
# for. Words that stand three times or more in the files are taken for right. The programs are looked for in PATH.
set -eu
model=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat "$@" | tr -cs '[:alpha:]' '\n' | sort | uniq -c | awk '$1 >= 3 { print $2 }' >"$work/words"
# With something to tell, the status is 1.
charscore -m "$model" --lint ${LINT_OPTIONS-} "$@" >"$work/found" || [ $? -eq 1 ]
# "wrd" -> "word" saves 16.5 bits: by quotes, field 2 is what stands there.
awk -F '"' 'NR == FNR { right[$0]; next } NF < 5 || !($2 in right)' "$work/words" "$work/found" |
  sed -n 's/^\(.*saves \([0-9.]*\) bits.*\)$/\2 \1/p' | LC_ALL=C sort -k 1,1nr | cut -d ' ' -f 2-
