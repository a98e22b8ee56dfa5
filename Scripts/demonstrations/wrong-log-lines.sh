#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Damages every twentieth line of a log and lets charscore find them. The log is dpkg's own, or where that is short the
# list of packages. A model learns four fifths of the lines; in the last fifth, as many lines are taken for damaged, the
# oddest ones, as there are. The programs are looked for in $BIN.
set -eu
bin=${BIN:-$(dirname "$0")/../../.build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

log=/var/log/dpkg.log
if [ -r $log ] && [ "$(wc -l <$log)" -ge 2000 ]; then cat $log; else dpkg -l | tail -n +6; fi |
  LC_ALL=C tr -cd '\n -~' >"$work/log"
awk -v work="$work" '{ print > (work "/" (NR % 5 ? "known" : "new")) }' "$work/log"

# One kind of damage after the other: neighbours exchanged, a field lost, letters overwritten, two lines run together.
perl -e '
  srand(1);
  my @lines = <STDIN>;
  for my $n (0 .. $#lines) {
    chomp(my $line = $lines[$n]);
    my $damaged = $n % 20 == 10 ? 1 : 0;
    if ($damaged) {
      my @fields = split / +/, $line;
      my $at = int(rand($#fields));
      my $kind = int($n / 20) % 4;
      if ($kind == 0) { @fields[$at, $at + 1] = @fields[$at + 1, $at]; $line = "@fields" }
      if ($kind == 1) { splice(@fields, $at, 1); $line = "@fields" }
      if ($kind == 2) { substr($line, int(rand(length($line) - 3)), 3) = join "", map { chr(97 + rand(26)) } 1 .. 3 }
      if ($kind == 3) { $line = substr($line, 0, length($line) / 2) . $lines[$n - 1]; chomp $line }
    }
    print "$damaged\t$line\n";
  }' <"$work/new" >"$work/marked"

"$bin/chartrain" --quiet --records --shuffle --layers 96 --epochs 8 -o "$work/log.safetensors" "$work/known"
wanted=$(grep -c '^1' "$work/marked")
"$bin/charscore" -m "$work/log.safetensors" --field 2- --top "$wanted" "$work/marked" | cut -f 1 |
  awk -v wanted="$wanted" -v all="$(wc -l <"$work/marked")" '
    { found += $1 }
    END { printf "%d of %d lines were damaged; %d of the %d oddest are (precision and recall %.0f%%)\n",
          wanted, all, found, wanted, 100 * found / wanted }'
