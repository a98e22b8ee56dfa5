#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Trains a small model for about half a minute on text that every checkout has, the project's own sources and pages,
# and writes more of it. The programs must be in .build/release; everything the demo makes is in .build/demo.
set -eu
cd "$(dirname "$0")/.."

bin=.build/release
demo=.build/demo

say() { printf '%s\n' "$*"; }
# Shows a command as it would be typed, and runs it.
try() {
  printf '\n$ %s\n' "$1"
  sh -c "$1"
}

mkdir -p "$demo"
# The sources come last: the end of the text is what measures the model.
files() { find "$1" -type f \( -name '*.swift' -o -name '*.[ch]' -o -name '*.[1-8]' \) | LC_ALL=C sort; }
{
  ls ./*.md
  files man
  files Sources
} | xargs cat >"$demo/text"
size=$(wc -c <"$demo/text")

say
say "The text is the project's own sources and pages, $((size / 1000)) kB. First its characters:"
try "cat $demo/text | $bin/chartok > $demo/charset"
try "head -n 5 $demo/charset"
say
say "Then a network that learns which one comes next, for half a minute:"
try "$bin/chartrain -c $demo/charset --for 30s -o $demo/model.safetensors --force < $demo/text"
say
say "And what it writes by itself:"
try "echo 'import ' | $bin/charsample -m $demo/model.safetensors -n 600"
say
say "What two lines cost under it, one of them with a typo, in bits per character:"
try "printf 'import ArgumentParser\\nimprot ArgumentParser\\n' | $bin/charscore -m $demo/model.safetensors"
say
say "And where the typo is:"
try "echo 'improt ArgumentParser' | $bin/charscore -m $demo/model.safetensors --lint --threshold 7 || true" |
  tee "$demo/typo"
# Half a minute of a busy machine may be little.
grep -q -e '->' "$demo/typo" || say "It has learned too little to tell: this machine had other work to do."
cat <<END

Try next, from this folder:

  $bin/charsample -m $demo/model.safetensors        # a prompt: TAB asks the model, :help lists the rest
  printf 'func \n.Sh \n' | $bin/charsample -m $demo/model.safetensors --temperature 0.5
  $bin/charsample -m $demo/model.safetensors --prompt-from $demo/text -n 1000
  cat Sources/*/*.swift | $bin/chartrain --quiet --layers 64 | $bin/charsample -m - --prompt '/// '
END
