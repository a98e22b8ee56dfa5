#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [TRIAL ...]: the trials of Tests/README.md on the programs in BIN (.build/release). Each prints a line with its
# figures; a broken rule is printed, and makes the status 1. COUNT, STEP and the other variables of each trial make it
# longer or shorter. SHORT=1 leaves out the sanitizers, which have everything built twice more, and makes the others
# short.
set -u
cd "$(dirname "$0")"

all="damage texts writes faults terminals paths kills limits differential reference valgrind fuzz sanitizers"
if [ -n "${SHORT-}" ]; then
  : "${COUNT=100}" "${STEP=61}" "${STOP=5}" "${MEGABYTES=10}" "${STREAM=50}" "${FUZZ_SECONDS=5}"
  export COUNT STEP STOP MEGABYTES STREAM FUZZ_SECONDS
  all=${all% sanitizers}
fi

status=0
for trial in ${*:-$all}; do
  case $trial in
  fuzz | sanitizers | valgrind) sh "$trial.sh" ;;
  reference) ../../.build/python/bin/python reference.py ;;
  *) python3 "$trial.py" ;;
  esac || status=1
done
exit $status
