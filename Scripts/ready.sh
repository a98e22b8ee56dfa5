#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ready.sh BIN PROGRAM ...: tells whether the programs in the folder BIN can be installed: status 1, and why, if one is
# not there, or was linked with Swift's libraries outside it, as `swift build` by itself does, so that it would not run
# where there is no Swift.
set -eu
bin=$1
shift
for program; do
  [ -x "$bin/$program" ] || {
    echo "ready: there is no $bin/$program" >&2
    exit 1
  }
  # A program names the libraries that it wants as text. On macOS Swift's are part of the system, as .dylib.
  ! LC_ALL=C grep -q 'libswiftCore\.so' "$bin/$program" || {
    echo "ready: $bin/$program wants the libraries of a Swift toolchain" >&2
    exit 1
  }
done
