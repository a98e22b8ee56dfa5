#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# prepare.sh build|lint|test
#
# Installs from Debian what that job needs and this machine does not have, and says so. Where there is no apt-get it
# says what is wanted and goes on if the job can be done all the same.
set -eu
cd "$(dirname "$0")/.."

say() { echo "prepare: $*"; }
fail() {
  say "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

has swift || fail "no swift command: install the Swift toolchain from https://www.swift.org/install, 6.2 or later"

has_readline() {
  if has dpkg-query; then
    dpkg-query -W -f '${Status}' libreadline-dev 2>/dev/null | grep -q '^install ok installed$'
  else
    for folder in /usr/include /usr/local/include /opt/homebrew/opt/readline/include; do
      if [ -e "$folder/readline/readline.h" ]; then return 0; fi
    done
    return 1
  fi
}
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

wanted=
want() { wanted="$wanted $1"; }

find_missing() {
  wanted=
  case $1 in build | test) has_readline || want libreadline-dev ;; esac
  case $1 in lint | test) has mandoc || want mandoc ;; esac
  case $1 in test)
    has python3 || want python3
    has parallel || want parallel
    has_venv || want python3-venv
    ;;
  esac
}

case ${1-} in
build | lint | test) job=$1 ;;
*) fail "usage: prepare.sh build|lint|test" ;;
esac

find_missing "$job"
if [ -n "$wanted" ]; then
  if ! has apt-get; then
    say "please install what Debian calls:$wanted"
  else
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
      has sudo || fail "please have these Debian packages installed:$wanted"
      sudo=sudo
    fi
    say "installing with${sudo:+ sudo} apt-get:$wanted"
    # A new machine's lists may be missing, or too old to find the packages by.
    # shellcheck disable=SC2086 # one argument for each package
    { $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends $wanted; } ||
      fail "that failed; please have these Debian packages installed:$wanted"
  fi
  find_missing "$job"
  # Where readline is, only the compiler can say for certain; the rest are commands.
  missing=
  for package in $wanted; do
    [ "$package" = libreadline-dev ] || missing="$missing $package"
  done
  [ -z "$missing" ] || fail "still missing:$missing"
fi

# Python reads the model files back, as users would; its packages stay in a folder of ours.
if [ "$job" = test ] && ! .build/python/bin/python -c 'import numpy, safetensors' 2>/dev/null; then
  say "installing numpy and safetensors from PyPI into .build/python"
  rm -rf .build/python
  mkdir -p .build
  python3 -m venv .build/python
  .build/python/bin/python -m pip install --quiet --disable-pip-version-check numpy safetensors
fi
