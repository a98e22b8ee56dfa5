#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fuzz.sh [TARGET ...]: libFuzzer with the address sanitizer on each reader, on the values of options and on whole
# command lines, FUZZ_SECONDS=60 each, beginning with the small inputs in Tests/Fuzz/Corpus. C has the sanitizer of
# undefined behaviour as well; Swift has none here, and stops by itself at what is undefined in C. Held: no crash, no
# leak, no input that takes long or much memory.
set -eu
cd "$(dirname "$0")/../Fuzz"

build=../../.build/fuzz
mkdir -p "$build"
swift build -c debug --scratch-path "$build" -Xswiftc -parse-as-library -Xswiftc -O -Xswiftc -sanitize=fuzzer,address \
  -Xswiftc -use-ld=lld -Xcc -fsanitize=address,undefined -Xcc -fno-sanitize-recover=undefined >"$build.log" 2>&1 || {
  tail -n 20 "$build.log"
  exit 1
}
# What was freed is kept for a while; no more of it than the limit on memory has room for.
export ASAN_OPTIONS=quarantine_size_mb=64 SWIFT_BACKTRACE=enable=no
status=0
for target in ${*:-model utf8 charset keras pytorch tfjs values arguments}; do
  case $target in
  values) longest=96 ;;
  arguments) longest=160 ;;
  utf8) longest=256 ;;
  *) longest=4096 ;;
  esac
  mkdir -p "$build/found/$target"
  # New inputs go into the first folder; the kept ones are read only.
  if FUZZ_TARGET=$target "$build/debug/Fuzz" -max_total_time="${FUZZ_SECONDS-60}" -max_len=$longest -timeout=30 \
    -rss_limit_mb=1024 -artifact_prefix="$build/found/$target-" -print_final_stats=1 \
    "$build/found/$target" "Corpus/$target" >"$build/$target.log" 2>&1; then
    echo "row 4, $target: $(sed -n 's/stat::number_of_executed_units: *//p' "$build/$target.log") inputs, 0 crashes"
  else
    echo "row 4, $target: BROKEN: see .build/fuzz/$target.log"
    tail -n 5 "$build/$target.log"
    status=1
  fi
done
exit $status
