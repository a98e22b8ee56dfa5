#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# try-deb.sh PACKAGE.deb ROOT: as root, installs the package in the Debian system in the folder ROOT, which has no
# Swift, runs the programs there, removes the package, and lists what it left behind: status 0 if that is nothing. If
# ROOT is not there it is made, in a minute or two, by mmdebstrap, with the libraries that the package depends on.
set -eu

fail() {
  echo "try-deb: $*" >&2
  exit 1
}
[ $# -eq 2 ] || fail "usage: try-deb.sh PACKAGE.deb ROOT"
package=$1 root=$2
if [ ! -d "$root" ]; then
  command -v mmdebstrap >/dev/null || fail "there is no mmdebstrap: please install it"
  libraries=$(dpkg-deb --field "$package" Depends | sed 's/ *([^)]*)//g; s/, */,/g')
  release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  mmdebstrap --quiet --variant=essential ${libraries:+--include="$libraries"} "$release" "$root"
fi
cp "$package" "$root/tmp/chartools.deb"
cat >"$root/tmp/try.sh" <<'END'
set -eux
if command -v swift; then exit 1; fi
# All but what dpkg and its like write down about packages.
files() {
  find / -xdev \( -path /tmp -o -path /proc -o -path /var/lib/dpkg -o -path /var/log \) -prune -o -print | sort
}
files >/tmp/before
dpkg --install /tmp/chartools.deb
for program in chartok chartrain charsample charscore charmodel; do $program --version; done
charsample --list-models
for model in $(charsample --list-models | cut -f 1); do
  charmodel verify "$model"
  echo | charsample -q -m "$model" --seed 1 -n 60
done
chartok /usr/share/common-licenses/GPL-3 >/tmp/gpl.charset
chartrain -q -c /tmp/gpl.charset --layers 16 --epochs 1 --force -o /tmp/gpl.safetensors /usr/share/common-licenses/GPL-3
echo 'the License teh' | charscore -m /tmp/gpl.safetensors
dpkg --purge chartools
files | diff /tmp/before -
END
# The system gets nothing of this machine's environment.
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/tmp chroot "$root" /bin/sh /tmp/try.sh
