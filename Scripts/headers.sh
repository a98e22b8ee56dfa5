#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# headers.sh: has all Swift code compiled again where a C header has changed since the last build. The package manager
# keeps code in which the old layout of a struct was inlined, and such programs crash.
set -eu
cd "$(dirname "$0")/.."

stamp=.build/headers
now=$(cat Sources/*/include/*.h | cksum)
if [ -d .build ] && [ "$(cat "$stamp" 2>/dev/null || true)" != "$now" ]; then
  touch Sources/*/*.swift
fi
mkdir -p .build
echo "$now" >"$stamp"
