#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# sanitizers.sh [thread] [address]: the whole suite, the programs that its command tests run included, built for the
# thread sanitizer, and for the address sanitizer together with the undefined-behaviour sanitizer. Swift has none of the
# latter: it is for the C targets; what is undefined there, Swift's own checks stop. Held: every test, 0 reports. Row 12.
# FILTER=X: the tests of that name only.
set -eu
cd "$(dirname "$0")/../.."

# Shadow memory takes more address space, and a sanitizer more descriptors, than the first two leave; the third hides
# /proc, of which a sanitizer complains; the next three want programs that hold Swift's libraries, the last one speed.
unfit="workIsDoneOnOneThreadWhereThereCanBeNoMore aCharsetOfEndlessInputTakesLittleMemory
  programsWorkWhereThereIsNoProc installingPutsEverythingInItsPlaceAndUninstallingTakesItAway
  aProgramLoadsNoLibraries aProgramThatWantsAToolchainsLibrariesIsNotInstalled aRunWithABudgetEndsInTime"
status=0
for kind in ${*:-thread address}; do
  build=.build-$kind
  mkdir -p "$build"
  reports=$PWD/$build/reports
  rm -rf "$reports"
  mkdir "$reports"
  set -- --scratch-path "$build" --sanitize "$kind" -Xswiftc -O -Xswiftc -enable-testing
  skipped=$unfit
  case $kind in
  # Foundation's Process, which the second uses, reads past what readdir gave it; the first reads past a fence on
  # purpose.
  address)
    set -- "$@" -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined
    skipped="$skipped theFenceStopsAReadBehindIt ModelFileTests.PythonTests"
    ;;
  # This one keeps its notes on constants in a file, which the limit on files' sizes cuts short, and hands a signal on
  # only when a wait that it knows is over: the prompt's is none of these.
  thread)
    skipped="$skipped aFileThatBecomesLargerThanItMayIsRefusedAndLeavesNothing
      controlCClearsTheLineOrStopsTheWritingAndControlDLeaves theFenceStopsAReadBehindIt"
    clang -O1 -Wall -Wextra -Werror -c Tests/Hard/mutex.c -o "$build/mutex.o"
    set -- "$@" -Xlinker "$PWD/$build/mutex.o"
    swiftc -O -sanitize=thread Tests/Hard/mutex.swift "$build/mutex.o" -o "$build/mutex"
    "$build/mutex" 2>"$build/mutex.log" || {
      echo "row 12: BROKEN: the thread sanitizer reports what a Mutex protects: see $build/mutex.log"
      exit 1
    }
    ! "$build/mutex" careless 2>"$build/mutex.log" || {
      echo "row 12: BROKEN: the thread sanitizer does not see what a Mutex does not protect"
      exit 1
    }
    ;;
  esac
  swift build --build-tests "$@" >"$build/build.log" 2>&1 || {
    tail -n 20 "$build/build.log"
    exit 1
  }
  skip=
  for test in $skipped; do skip="$skip --skip $test"; done
  # A report ends the process with a status that no test expects; those of programs with an empty environment go to
  # their standard error, where tests look as well.
  options=exitcode=99:halt_on_error=1:log_path=$reports/report
  export TSAN_OPTIONS="$options:suppressions=$PWD/Tests/Hard/tsan.supp" ASAN_OPTIONS="$options"
  export UBSAN_OPTIONS="print_stacktrace=1:$options"
  export LSAN_OPTIONS="print_suppressions=0:suppressions=$PWD/Tests/Hard/lsan.supp"
  # shellcheck disable=SC2086 # two words for each test
  if CHARTOOLS_BIN=$PWD/$build/debug CHARTOOLS_PYTHON=$PWD/.build/python/bin/python CHARTOOLS_PATIENCE=20 \
    SWIFT_BACKTRACE=enable=no swift test --skip-build --disable-xctest ${FILTER:+--filter "$FILTER"} $skip "$@" \
    >"$build/test.log" 2>&1 && [ -z "$(ls "$reports")" ]; then
    echo "row 12, $kind sanitizer: $(sed -n 's/.*Test run with \([0-9]* tests\).*passed.*/\1/p' "$build/test.log")," \
      "$(echo $skipped | wc -w) left out, 0 reports"
  else
    echo "row 12, $kind sanitizer: BROKEN: see $build/test.log and $(ls "$reports" | wc -l) files in $build/reports"
    grep -a '✘' "$build/test.log" | head -n 10
    status=1
  fi
done
exit $status
