#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# interop.sh [CLIENT ...]: other programs open our models, and we theirs; the largest differences of logits are printed,
# and one above 1e-5 is a failure. Clients: numpy, torch, keras, onnx, tfjs; all of them unless named.
# Each comes by name from PyPI into a folder of its own in .build/interop, some gigabytes together. The programs must be
# in .build/release, or where CHARTOOLS_BIN says.
set -eu
cd "$(dirname "$0")/.."

bin=${CHARTOOLS_BIN:-$PWD/.build/release}
home=.build/interop
mkdir -p "$home"

# packages CLIENT: what pip installs for it.
packages() {
  case $1 in
  numpy) echo numpy safetensors ;;
  torch) echo numpy safetensors torch ;;
  keras) echo numpy tensorflow-cpu ;;
  onnx) echo numpy onnx onnxruntime ;;
  # Newer releases of ydf want a newer protobuf than TensorFlow takes.
  tfjs) echo tensorflowjs 'ydf<0.13' ;;
  *)
    echo "interop: no client '$1'; there are numpy, torch, keras, onnx and tfjs" >&2
    return 64
    ;;
  esac
}

# Two models to exchange, of equal layers and of different ones, trained on the manual.
cat man/*.[1-8] >"$home/text"
for layers in 48,48 40,24,32; do
  "$bin/chartrain" --quiet --layers "$layers" --epochs 6 --force -o "$home/$layers.safetensors" "$home/text"
done

failed=
for client in ${*:-numpy torch keras onnx tfjs}; do
  wanted=$(packages "$client")
  python=$home/$client/bin/python
  if [ ! -e "$home/$client.done" ]; then
    echo "interop: installing for $client: $wanted"
    rm -rf "${home:?}/$client"
    python3 -m venv "$home/$client"
    # shellcheck disable=SC2086 # one argument for each package
    (set -f && "$python" -m pip install --quiet --disable-pip-version-check $wanted)
    touch "$home/$client.done"
  fi
  script=Tests/Reference/interop_$client.py
  case $client in
  numpy) script=Tests/Reference/exchange.py ;;
  torch) script=Tests/Reference/interop_pytorch.py ;;
  esac
  for model in "$home/48,48.safetensors" "$home/40,24,32.safetensors"; do
    folder=$home/work
    rm -rf "$folder"
    mkdir "$folder"
    # What these programs say to themselves while they start is kept for when they fail.
    if ! "$python" -W ignore "$script" "$bin" "$model" "$folder" 2>"$home/$client.log"; then
      failed="$failed $client"
      tail -n 5 "$home/$client.log" >&2
    fi
  done
done
[ -z "$failed" ] || {
  echo "interop: failed:$failed" >&2
  exit 1
}
