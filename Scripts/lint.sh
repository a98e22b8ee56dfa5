#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Style of the Swift sources, and correctness of the pages. Says nothing when all is well.
set -eu
cd "$(dirname "$0")/.."

swift format lint --strict --parallel --recursive Package.swift Sources Tests
mandoc -Tlint -Wwarning man/*.[1-8]
for script in Scripts/*.sh Tests/Hard/*.sh; do sh -n "$script"; done
bash -n .ci/run
