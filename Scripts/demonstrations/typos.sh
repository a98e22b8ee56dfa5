#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Puts 200 typos into a man page, a quarter each of letters changed, left out, doubled or exchanged, and looks how many
# of them are among the five percent of characters that charscore finds the most surprising. The model has learned other
# pages. Where a machine has no man pages, licences take their place. The programs are looked for in $BIN.
set -eu
bin=${BIN:-$(dirname "$0")/../../.build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A long page, and a million and a half characters of others, spread over all there are.
# ASCII alone, for pages come in several encodings.
plain() { LC_ALL=C tr -cd '\n -~'; }
find /usr/share/man/man1 -name '*.1.gz' 2>/dev/null | LC_ALL=C sort >"$work/pages"
if [ "$(wc -l <"$work/pages")" -ge 100 ]; then
  page=$(grep '/bash.1.gz$' "$work/pages" || xargs ls -S <"$work/pages" 2>/dev/null | head -n 1)
  zcat "$page" | plain | head -c 200000 >"$work/page"
  step=$(($(wc -l <"$work/pages") / 300 + 1))
  grep -vxF "$page" "$work/pages" | awk -v step="$step" 'NR % step == 0' | xargs zcat -q 2>/dev/null | plain |
    head -c 1500000 >"$work/others"
else
  plain </usr/share/common-licenses/GPL-3 >"$work/page"
  cat /usr/share/doc/*/copyright | plain | head -c 1500000 >"$work/others"
fi

# In each of 200 stretches one word loses its spelling. Prints the page; where the typos are goes to a file.
perl -e '
  srand(1);
  local $/;
  my $text = <STDIN>;
  open my $places, ">", $ARGV[0];
  my $stretch = int(length($text) / 200);
  for my $n (reverse 0 .. 199) {
    for (1 .. 1000) {
      my $at = $n * $stretch + int(rand($stretch - 4));
      # Within a word, and not in a line of layout.
      next unless substr($text, $at - 1, 4) =~ /^[a-z]{4}$/;
      next if substr($text, rindex($text, "\n", $at) + 1, 1) =~ /^[.\x27]/;
      my ($a, $b) = (substr($text, $at, 1), substr($text, $at + 1, 1));
      my $other = chr(97 + (ord($a) - 97 + 1 + int(rand(25))) % 26);
      next if $n % 4 == 3 && $a eq $b;
      substr($text, $at, 2) = ($other . $b, $b, "$a$a$b", "$b$a")[$n % 4];
      # A doubled letter shows at the second one.
      print $places $at + ($n % 4 == 2), " ", (0, -1, 1, 0)[$n % 4], "\n";
      last;
    }
  }
  print $text' "$work/places" <"$work/page" >"$work/wrong"

"$bin/chartrain" --quiet --layers 192 --epochs 2 -o "$work/pages.safetensors" "$work/others"
"$bin/charscore" -m "$work/pages.safetensors" --per-character --alternatives 0 "$work/wrong" >"$work/characters"
perl -e '
  my ($wrong, $characters, $places) = map { open my $file, "<", $_ or die; $file } @ARGV;
  my (@starts, @bits) = (0);
  my $length = 0;
  while (<$wrong>) { $length += length; push @starts, $length }
  while (<$characters>) { my @c = split /\t/; $bits[$starts[$c[0] - 1] + $c[1] - 1] = $c[3] }
  my @sorted = sort { $b <=> $a } grep { defined } @bits;
  my $limit = $sorted[@sorted / 20];
  my ($found, $later, $all) = (0, 0, 0);
  # Places were noted from the last to the first, each as it was before the ones in front of it moved it.
  my $shift = 0;
  for (reverse <$places>) {
    my ($at, $growth) = split;
    $at += $shift;
    $shift += $growth;
    $all++;
    if (($bits[$at] // 0) >= $limit) { $found++ } elsif (($bits[$at + 1] // 0) >= $limit) { $later++ }
  }
  printf "%d of %d typos are among the 5%% most surprising of %d characters, %d more at the next character\n",
    $found, $all, scalar @sorted, $later;' "$work/wrong" "$work/characters" "$work/places"
