#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# install.sh [--remove] ROOT BIN PROGRAMS PAGES MODELS
#
# Installs the programs from the folder BIN, the pages, the models with their cards, and completions for bash, zsh and
# fish under ROOT; or removes them again, with the folders that had to be made for them, if they are empty: those are
# noted in ROOT/share/chartools/folders. PROGRAMS, PAGES and MODELS are names separated by spaces.
set -eu
cd "$(dirname "$0")/.."

remove=no
if [ "$1" = --remove ]; then
  remove=yes
  shift
fi
root=${1%/} bin=$2 programs=$3 pages=$4 models=$5
kept=$root/share/chartools/models
note=$root/share/chartools/folders
made=$(mktemp)
trap 'rm -f "$made"' EXIT

# make_folder FOLDER: with those above it, all below ROOT; notes which were not there.
make_folder() {
  if [ -d "$1/" ]; then return; fi
  if [ "$1" = "$root" ]; then mkdir -p "$1"; else
    make_folder "${1%/*}"
    mkdir "$1"
  fi
  echo ".${1#"$root"}" >>"$made"
}

# put MODE FILE: standard input becomes the file.
put() {
  make_folder "${2%/*}"
  cat >"$2.new"
  chmod "$1" "$2.new"
  # A program that is running cannot be written to, but it can be replaced.
  mv -f "$2.new" "$2"
  echo "$2"
}

# put_completion PROGRAM SHELL FILE
put_completion() {
  script=$("$bin/$1" --generate-completion-script "$2")
  echo "$script" | put 644 "$3"
}

for program in $programs; do
  bash_completion=$root/share/bash-completion/completions/$program
  zsh_completion=$root/share/zsh/site-functions/_$program
  fish_completion=$root/share/fish/vendor_completions.d/$program.fish
  if [ "$remove" = yes ]; then
    rm -fv "$root/bin/$program" "$bash_completion" "$zsh_completion" "$fish_completion"
  else
    put 755 "$root/bin/$program" <"$bin/$program"
    put_completion "$program" bash "$bash_completion"
    put_completion "$program" zsh "$zsh_completion"
    put_completion "$program" fish "$fish_completion"
  fi
done
for page in $pages; do
  file=$root/share/man/man${page##*.}/${page##*/}
  if [ "$remove" = yes ]; then rm -fv "$file"; else put 644 "$file" <"$page"; fi
done
for model in $models; do
  file=$kept/${model##*/}
  if [ "$remove" = yes ]; then rm -fv "$file"; else put 644 "$file" <"$model"; fi
done
if [ "$remove" = no ]; then
  cat "$made" >>"$note"
elif [ -f "$note" ]; then
  # Those inside others first. What a user has put beside ours, such as models, stays, and so do folders around it.
  LC_ALL=C sort -r "$note" >"$made"
  rm -f "$note"
  while IFS= read -r folder; do rmdir "$root${folder#.}" 2>/dev/null || true; done <"$made"
fi
