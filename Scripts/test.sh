#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# test.sh [OPTION ...]: all tests, or those that the options of `swift test` choose, such as --filter CommandTests.
# The programs must be in .build/release, and Python in .build/python, as `make test` puts them there.
set -eu
cd "$(dirname "$0")/.."

CHARTOOLS_BIN=$PWD/.build/release
CHARTOOLS_PYTHON=$PWD/.build/python/bin/python
export CHARTOOLS_BIN CHARTOOLS_PYTHON
# There are no XCTest tests; without the option their runner would report that it ran none.
exec swift test --disable-xctest "$@"
