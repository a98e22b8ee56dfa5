#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tells three kinds of text apart that every Debian system has: Perl, shell scripts, and the English of licences. Each has
# a model of its own; lines that none of them has seen are given to the one under which they cost least. The programs
# are looked for in $BIN.
set -eu
bin=${BIN:-$(dirname "$0")/../../.build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
case $bin in /*) ;; *) bin=$OLDPWD/$bin ;; esac

find /usr/lib/*/perl-base /usr/share/perl -name '*.pm' 2>/dev/null | LC_ALL=C sort | xargs cat >perl.all
cat /var/lib/dpkg/info/*.postinst /var/lib/dpkg/info/*.prerm /var/lib/dpkg/info/*.postrm >shell.all
cat /usr/share/doc/*/copyright >licence.all

for kind in perl shell licence; do
  # Lines of some length, each only once, or a model would have seen what it is asked about.
  LC_ALL=C tr -cd '\n -~' <$kind.all | awk 'length > 20 && length < 200 && !seen[$0]++' | head -n 8000 >$kind
  awk -v kind=$kind '{ print > (kind (NR % 10 ? ".known" : ".new")) }' $kind
  "$bin/chartrain" --quiet --records --shuffle --layers 96 --epochs 4 -o $kind.safetensors $kind.known
  set -- "$@" -m $kind.safetensors
done
for kind in perl shell licence; do
  "$bin/charscore" "$@" $kind.new | cut -f 1 | awk -v kind=$kind '
    { all++; right += $1 == kind }
    END { printf "%s\t%d of %d lines told (%.1f%%)\n", kind, right, all, 100 * right / all }'
done
