#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [TRIAL ...]: the trials of Tests/README.md on the programs in BIN (.build/release). Each prints a line with its
# figures; a broken rule is printed, and makes the status 1. COUNT, STEP and the other variables of each trial make it
# longer or shorter. With SHORT=1 all together take two minutes.
set -u
cd "$(dirname "$0")"

if [ -n "${SHORT-}" ]; then
  : "${COUNT=100}" "${STEP=61}" "${STOP=5}" "${MEGABYTES=10}" "${STREAM=50}" "${FUZZ_SECONDS=5}"
  export COUNT STEP STOP MEGABYTES STREAM FUZZ_SECONDS
fi

status=0
for trial in ${*:-damage texts writes kills limits differential reference fuzz}; do
  case $trial in
  fuzz) sh fuzz.sh ;;
  reference) ../../.build/python/bin/python reference.py ;;
  *) python3 "$trial.py" ;;
  esac || status=1
done
exit $status
