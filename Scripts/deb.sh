#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# deb.sh DIR: builds a Debian package of the programs in $BIN, the pages, completions and models, as
# DIR/chartools_VERSION_ARCHITECTURE.deb, and prints that name. Needs dpkg-deb; takes what the programs need from the
# shared libraries they are linked with, if there are any.
#
# What lintian would say of it, and why it stays, is written in the package's lintian overrides. DEB_MAINTAINER names a
# maintainer with an address, as Debian wants one; the project has none.
set -eu
cd "$(dirname "$0")/.."
bin=${BIN:-.build/release}
programs="chartok chartrain charsample charscore charmodel"

fail() {
  echo "deb: $*" >&2
  exit 1
}
[ $# -eq 1 ] || fail "usage: deb.sh DIR"
command -v dpkg-deb >/dev/null || fail "there is no dpkg-deb: this is for Debian and its like"
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
mkdir -p "$1"
result=$(cd "$1" && pwd)
umask 022

version=$("$bin/chartok" --version | sed -n '1s/.* //p')
architecture=$(dpkg --print-architecture)
maintainer=${DEB_MAINTAINER:-chartools <chartools@localhost.localdomain>}
# The last change's time, that the same sources make the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
date=$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/chartools
doc=$root/usr/share/doc/chartools
mkdir -p "$root/DEBIAN" "$doc" "$work/debian"
chmod 755 "$root"

Scripts/install.sh "$root/usr" "$bin" "$programs" "$(echo man/*.[157])" \
  "$(echo Models/*.safetensors Models/*.md)" >/dev/null
# Which folders are the package's, dpkg knows.
rm "$root/usr/share/chartools/folders"
for program in $programs; do strip --strip-unneeded --remove-section=.comment "$root/usr/bin/$program"; done
# Debian has zsh's completions in a folder of its own.
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions"
rmdir "$root/usr/share/zsh/site-functions"
# Scripts that combine the programs, to read as much as to run.
mkdir -p "$doc/examples"
cp -R Scripts/recipes Scripts/cluster "$doc/examples"
# These are read by bash, not run.
sed -i '1{/^#!/d;}' "$root"/usr/share/bash-completion/completions/*
gzip -9n "$root"/usr/share/man/man*/*

sed 's/^/  /; s/[[:space:]]*$//' CHANGELOG.md | gzip -9n >"$doc/changelog.gz"
printf 'chartools (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n' \
  "$version-1" "$maintainer" "$date" | gzip -9n >"$doc/changelog.Debian.gz"
{
  cat <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: chartools

Files: *
Copyright: 2026 the authors of chartools
License: GPL-3.0-or-later
 This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
 License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
 version. It comes without any warranty.
 .
 On Debian systems the license is in /usr/share/common-licenses/GPL-3.
Comment:
 The programs contain the Swift runtime and swift-argument-parser, Copyright Apple Inc. and the Swift project authors,
 under the Apache License 2.0 with Runtime Library Exception; on Debian systems the Apache License is in
 /usr/share/common-licenses/Apache-2.0.
 .
 They also contain parts of Debian's libc6-dev (LGPL-2.1-or-later), libstdc++-dev and libgcc-dev (GPL-3.0-or-later with
 the GCC Runtime Library Exception), libreadline-dev (GPL-3.0-or-later) and libncurses-dev (the X11 licence); the
 licences are in the copyright files of those packages, in /usr/share/common-licenses, and, for ncurses, in
 /usr/share/doc/libtinfo6/copyright, which is on every Debian system.
 .
 What each model has learned, and under which terms that text is, stands in its
 card, /usr/share/chartools/models/*.md.
END
} >"$doc/copyright"

mkdir -p "$root/usr/share/lintian/overrides"
{
  if [ -z "${DEB_MAINTAINER-}" ]; then
    cat <<'END'
# The project has no address that mail could be sent to, and makes none up.
chartools: bogus-mail-host *
chartools: bogus-mail-host-in-debian-changelog *
END
  fi
  cat <<'END'
# No upload to Debian: there is no bug that asks for the package.
chartools: initial-upload-closes-no-bugs *
# A model's card lies beside it, where charsample --list-models looks.
chartools: package-contains-documentation-outside-usr-share-doc *
# The page shows how a typo is found.
chartools: typo-in-manual-page teh the *
# The programs hold their libraries: they start faster, and run where there is no other package; see CONTRIBUTING.md.
chartools: statically-linked-binary *
# Names of Unicode characters in Swift's library, cut where its compression cuts them.
chartools: spelling-error-in-binary *
END
} >"$root/usr/share/lintian/overrides/chartools"

# What the shared libraries that the programs are linked with belong to; whole programs have none. dpkg-shlibdeps wants
# a control file to read.
depends=
printf 'Source: chartools\n\nPackage: chartools\nArchitecture: any\n' >"$work/debian/control"
if command -v dpkg-shlibdeps >/dev/null; then
  depends=$(cd "$work" && dpkg-shlibdeps -O chartools/usr/bin/* 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
fi

cat >"$root/DEBIAN/control" <<END
Package: chartools
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk "$root/usr" | cut -f 1)
${depends:+Depends: $depends
}Section: text
Priority: optional
Description: learn, write and judge text a character at a time
 Small filters around a character-level LSTM network: chartok makes character
 sets, chartrain learns a text, charsample writes more of it, charscore tells
 how odd each line is, and charmodel looks into models and converts them.
 .
 They need no Python and no GPU, and come with some small models: Shakespeare,
 English words, German, Swift, and tunes in ABC notation.
END
(cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$root/DEBIAN/md5sums"
package=$result/chartools_$version-1_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >/dev/null
echo "$package"
