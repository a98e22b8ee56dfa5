#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# odd-lines.sh KNOWN NEW [N]: prints the N (10) lines of NEW, a log for example, that are oddest to who has read KNOWN,
# each behind its line number and its bits per character. Numbers are taken for alike: dates and process ids are always
# new. KNOWN is read for half a minute, or FOR, however long it is; so two runs differ a little. The programs are
# looked for in PATH.
set -eu
known=$1 new=$2 n=${3:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

plain() { sed 's/[0-9]/0/g' "$1"; }
plain "$known" | chartrain --quiet --records --for "${FOR:-30s}" -o "$work/log.safetensors" ${CHARTRAIN_OPTIONS-}
# charscore gives one line for each: paste puts the true ones beside them.
plain "$new" | charscore -m "$work/log.safetensors" | cut -f 1 | paste - "$new" |
  awk -v OFS='\t' '{ bits = $1; sub(/^[^\t]*\t/, ""); print NR, bits, $0 }' |
  LC_ALL=C sort -t "$(printf '\t')" -k 2,2nr -k 1,1n | head -n "$n"
