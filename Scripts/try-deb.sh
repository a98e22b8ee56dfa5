#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# try-deb.sh PACKAGE.deb ROOT: as root, installs the package in the Debian system in the folder ROOT, which has no Swift,
# runs the programs there, removes the package, and lists what it left behind: nothing, if all is well. Such a system is
# made in some minutes by: mmdebstrap --variant=essential --include=libreadline8,libstdc++6 bookworm ROOT
set -eu
package=$1 root=$2
cp "$package" "$root/tmp/chartools.deb"
cat >"$root/tmp/try.sh" <<'END'
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/tmp
files() { find / -xdev -path /tmp -prune -o -path /var -prune -o -print | sort; }
files >/tmp/before
dpkg -i /tmp/chartools.deb
for program in chartok chartrain charsample charscore charmodel; do $program --version | head -n 1; done
charsample --list-models
charsample --list-models | cut -f 1 | xargs charmodel verify
yes '' | head -n 3 | charsample -m words --seed 1
chartrain -q --layers 16 --epochs 1 -o /tmp/gpl.safetensors --force /usr/share/common-licenses/GPL-3
echo 'the License teh' | charscore -m /tmp/gpl.safetensors
dpkg -P chartools
files | comm -3 /tmp/before -
END
chroot "$root" /bin/sh /tmp/try.sh
